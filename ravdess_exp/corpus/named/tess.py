"""TESS: two women, 200 words, seven emotions, sound alone; too few speakers for three sets."""

from ravdess_exp.corpus.named.corpus import Expected, NamedCorpus
from ravdess_exp.corpus.terms import Terms

_EMOTIONS = {
    "ANGRY": "angry", "DISGUST": "disgust", "FEAR": "fearful", "HAPPY": "happy",
    "NEUTRAL": "neutral", "PS": "surprised", "SAD": "sad",
}  # fmt: skip

TESS = NamedCorpus(
    name="tess",
    terms=Terms(
        title="TESS",
        licence="CC BY-NC-ND 4.0: no commercial use, no derivatives",
        source="doi.org/10.5683/SP2/E8H2MF",
        cite="Pichora-Fuller & Dupuis (2020), Toronto emotional speech set",
        language="en",
        hub="cc-by-nc-nd-4.0",
    ),
    # one file of the older woman's is named OA_bite_neutral.wav
    pattern=r"(?P<speaker>OAF?|YAF)_(?P<statement>[a-z]+)_"
    r"(?P<emotion>angry|disgust|fear|happy|neutral|ps|sad)",
    clip_id="{speaker}_{statement_lower}_{emotion_lower}",
    statement="{statement_lower}",
    emotions=_EMOTIONS,
    expected=Expected(speakers=2, by_emotion=dict.fromkeys(_EMOTIONS.values(), 400)),
    has_picture=False,
    example="OAF_back_angry.wav",
    aliases={"OA": "OAF"},
    sexes=dict.fromkeys(("OAF", "YAF"), "female"),
    faults=dict.fromkeys(
        ("YAF_germ_angry", "YAF_neat_fear"), "its header is damaged in some copies"
    ),
)
