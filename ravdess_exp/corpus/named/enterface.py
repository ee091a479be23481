"""eNTERFACE'05: 44 subjects, five sentences for each of six emotions, as video."""

from ravdess_exp.corpus.named.corpus import Expected, NamedCorpus
from ravdess_exp.corpus.terms import Terms

_EMOTIONS = {
    "AN": "angry", "DI": "disgust", "FE": "fearful", "HA": "happy", "SA": "sad", "SU": "surprised",
}  # fmt: skip

ENTERFACE = NamedCorpus(
    name="enterface",
    terms=Terms(
        title="eNTERFACE'05",
        licence="none stated; given for research",
        source="enterface.net/enterface05",
        cite="Martin et al. (2006), ICDE Workshops: 8",
        language="en",
    ),
    # subject 1/anger/sentence 1/s1_an_1.avi; `s_3_an_1` of subject 3. The folder says who it is, since
    # a name may have another's number
    pattern=r"(?:subject[ _-]?(?P<folder>\d{1,2})/(?:[^/]+/)*)?s_?(?P<speaker>\d{1,2})"
    r"_(?P<emotion>an|di|fe|ha|sa|su)(?:_(?P<statement>\d))?",
    clip_id="s{speaker}_{emotion_lower}_{statement}",
    statement="{emotion_lower}_{statement}",
    emotions=_EMOTIONS,
    # more than the paper's 1,166 of 42: subject 6 has one file an emotion, subject 23 lacks three happy ones
    expected=Expected(
        speakers=44, by_emotion=dict.fromkeys(_EMOTIONS.values(), 216) | {"happy": 213}
    ),
    has_picture=True,
    example="subject 1/anger/sentence 1/s1_an_1.avi",
    faults={
        f"s6_{code.lower()}": "the sentences of subject 6 are not cut apart" for code in _EMOTIONS
    },
)
