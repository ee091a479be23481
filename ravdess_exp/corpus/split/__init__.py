"""Which speakers train, validate and test: never the same in two of the sets."""

from ravdess_exp.corpus.split.folds import GroupedKFold, LeakyKFold, LeaveOneSpeakerOut
from ravdess_exp.corpus.split.lists import FixedSplit, StatementSplit
from ravdess_exp.corpus.split.own import OwnSplit
from ravdess_exp.corpus.split.sets import LEAKY, SETS, LeakySplit, Split

__all__ = [
    "LEAKY",
    "SETS",
    "FixedSplit",
    "GroupedKFold",
    "LeakyKFold",
    "LeakySplit",
    "LeaveOneSpeakerOut",
    "OwnSplit",
    "Split",
    "StatementSplit",
]
