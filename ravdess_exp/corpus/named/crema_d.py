"""CREMA-D: 91 actors, twelve sentences, six emotions, as video and as sound."""

from ravdess_exp.corpus.named.corpus import Expected, NamedCorpus
from ravdess_exp.corpus.terms import Terms

CREMA_D = NamedCorpus(
    name="crema_d",
    terms=Terms(
        title="CREMA-D",
        licence="Open Database License (ODbL) 1.0, its contents under the DbCL 1.0",
        source="github.com/CheyneyComputerScience/CREMA-D",
        cite="Cao et al. (2014), IEEE Trans. Affective Computing 5(4): 377-390",
        language="en",
        hub="odbl",
    ),
    # one X: AudioWAV/1040_ITH_SAD_X.wav of copies before October 2022
    pattern=r"(?P<speaker>1\d{3})_(?P<statement>[A-Z]{3})_(?P<emotion>ANG|DIS|FEA|HAP|NEU|SAD)"
    r"_(?P<intensity>LO|MD|HI|XX?)",
    clip_id="{speaker}_{statement}_{emotion}_{intensity}",
    emotions={
        "ANG": "angry", "DIS": "disgust", "FEA": "fearful", "HAP": "happy", "NEU": "neutral",
        "SAD": "sad",
    },
    intensities={"LO": "low", "MD": "medium", "HI": "high"},
    expected=Expected(
        speakers=91,
        by_emotion={"neutral": 1087} | dict.fromkeys(
            ("angry", "disgust", "fearful", "happy", "sad"), 1271
        ),
    ),
    has_picture=True,
    example="1001_DFA_ANG_XX.flv",
    aliases={"X": "XX"},
    faults={
        "1076_MTI_SAD_XX": "its sound is silent",
        "1076_MTI_NEU_XX": "nearly empty",
        "1064_TIE_SAD_XX": "nearly empty",
    },
    unusable={"1064_IEO_DIS_MD": "holds the sentence in every emotion, not in disgust alone"},
)  # fmt: skip
