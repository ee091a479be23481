"""EmoDB, the Berlin database: ten actors, ten German sentences, seven emotions, sound alone."""

from ravdess_exp.corpus.named.corpus import Expected, NamedCorpus
from ravdess_exp.corpus.terms import Terms

_MEN, _WOMEN = ("03", "10", "11", "12", "15"), ("08", "09", "13", "14", "16")

EMODB = NamedCorpus(
    name="emodb",
    terms=Terms(
        title="EmoDB",
        licence="CC0 1.0, as it is published today; its first page asks to name the authors",
        source="emodb.bilderbar.info",
        cite="Burkhardt et al. (2005), Interspeech: 1517-1520",
        language="de",
        hub="cc0-1.0",
    ),
    pattern=r"(?P<speaker>03|08|09|1[0-6])(?P<statement>[ab]\d\d)(?P<emotion>[WLEAFTN])(?P<take>[a-z])",
    clip_id="{speaker}{statement_lower}{emotion}{take_lower}",
    statement="{statement_lower}",
    emotions={
        "W": "angry", "L": "bored", "E": "disgust", "A": "fearful", "F": "happy", "T": "sad",
        "N": "neutral",
    },
    expected=Expected(
        speakers=10,
        by_emotion={
            "angry": 127, "bored": 81, "disgust": 46, "fearful": 69, "happy": 71, "neutral": 79,
            "sad": 62,
        },
    ),
    has_picture=False,
    example="03a01Fa.wav",
    sexes=dict.fromkeys(_MEN, "male") | dict.fromkeys(_WOMEN, "female"),
)  # fmt: skip
