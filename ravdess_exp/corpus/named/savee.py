"""SAVEE: four men, TIMIT's sentences, seven emotions, as video and as sound."""

from ravdess_exp.corpus.named.corpus import Expected, NamedCorpus
from ravdess_exp.corpus.terms import Terms

_EMOTIONS = {
    "A": "angry", "D": "disgust", "F": "fearful", "H": "happy", "N": "neutral", "SA": "sad",
    "SU": "surprised",
}  # fmt: skip

SAVEE = NamedCorpus(
    name="savee",
    terms=Terms(
        title="SAVEE",
        licence="for research alone, after registration with the University of Surrey",
        source="kahlan.eps.surrey.ac.uk/savee",
        cite="Haq & Jackson (2010), Machine Audition: 398-423",
        language="en",
    ),
    # AudioData/DC/a01.wav, AudioVisualClip/DC/a1.avi, and DC_a01.wav as it is copied
    pattern=r"(?P<speaker>DC|JE|JK|KL)[/_](?P<emotion>a|d|f|h|n|sa|su)(?P<number>\d{1,2})",
    clip_id="{speaker}_{emotion_lower}{number:0>2}",
    statement="{emotion_lower}{number:0>2}",
    emotions=_EMOTIONS,
    expected=Expected(
        speakers=4, by_emotion=dict.fromkeys(_EMOTIONS.values(), 60) | {"neutral": 120}
    ),
    has_picture=True,
    example="AudioVisualClip/DC/a1.avi",
    sexes=dict.fromkeys(("DC", "JE", "JK", "KL"), "male"),
)
