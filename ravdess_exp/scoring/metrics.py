"""Scores of predictions. Pure: labels and predictions in, numbers out."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sklearn
from confidence_intervals import get_bootstrap_indices, get_conf_int
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, recall_score

CONFIDENCE = 95  # percent
_RESAMPLES = 1000


@dataclass(frozen=True)
class Scores:
    """Scores of predictions. A class that has no clip counts in none of the means.

    uar: the mean of the classes' recalls; recall: by class.
    """

    accuracy: float
    uar: float
    macro_f1: float
    recall: Mapping[str, float]

    @classmethod
    def of(cls, labels: np.ndarray, predicted: np.ndarray, names: Sequence[str]) -> "Scores":
        """labels, predicted: (n,) int, indices into `names`."""
        present = np.unique(labels)
        common = {"labels": present, "average": None, "zero_division": 0}
        recalls = recall_score(labels, predicted, **common)
        return cls(
            accuracy=float(accuracy_score(labels, predicted)),
            uar=float(recalls.mean()),
            macro_f1=float(f1_score(labels, predicted, **common).mean()),
            recall={names[c]: float(r) for c, r in zip(present, recalls, strict=True)},
        )


@dataclass(frozen=True)
class ActorScores:
    """Scores of one actor's clips."""

    clips: int
    accuracy: float
    uar: float


def uar(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Unweighted average recall over the classes that have clips."""
    hits = np.bincount(labels[labels == predicted], minlength=labels.max() + 1)
    totals = np.bincount(labels)
    return float((hits[totals > 0] / totals[totals > 0]).mean())


def accuracy(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Share of the clips that are right."""
    return float((labels == predicted).mean())


def macro_f1(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Mean of F1 over the classes that have clips; scikit-learn's, many times as fast."""
    size = int(max(labels.max(), predicted.max())) + 1
    hits = np.bincount(labels[labels == predicted], minlength=size)
    totals = np.bincount(labels, minlength=size)
    guesses = np.bincount(predicted, minlength=size)
    return float((2 * hits[totals > 0] / (totals + guesses)[totals > 0]).mean())


def interval(
    measure: Callable[[np.ndarray, np.ndarray], float],
    labels: np.ndarray,
    predicted: np.ndarray,
    actors: np.ndarray,
) -> tuple[float, float]:
    """95% interval of a measure by a two-level bootstrap: actors are drawn, then clips of each.

    Speakers differ more than clips of a speaker do, so drawing clips alone would promise too much.
    labels, predicted: (n, ...), drawn by rows; actors: (n,).
    Source: Ferrer & Riera, "Confidence Intervals for evaluation in machine learning" (the package
    `confidence_intervals`), with actors as conditions. Its seeds are fixed.
    """
    drawn = _drawn_rows(tuple(actors))
    low, high = get_conf_int(
        [measure(labels[rows], predicted[rows]) for rows in drawn], alpha=100 - CONFIDENCE
    )
    return float(low), float(high)


@functools.lru_cache(maxsize=1)  # measures of one result share them; 11 MB for 1,440 clips
def _drawn_rows(actors: tuple[int, ...]) -> list[np.ndarray]:
    """The rows of each resample.

    A generator, not its seed, goes in: with a seed the package draws the same places for every actor,
    and those are the same trials where all actors spoke the same ones, so intervals get too wide.
    """
    conditions = np.array(actors) if len(set(actors)) > 1 else None  # one: the same draws, faster
    with sklearn.config_context(skip_parameter_validation=True):  # a third of the time
        return [
            get_bootstrap_indices(len(actors), conditions, np.random.RandomState(seed))
            for seed in range(_RESAMPLES)
        ]


def uar_interval(
    labels: np.ndarray, predicted: np.ndarray, actors: np.ndarray
) -> tuple[float, float]:
    """95% interval of UAR over actors and their clips; see `interval`."""
    return interval(uar, labels, predicted, actors)


def confusion(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """(classes, classes) int: rows are true classes, columns predicted ones."""
    return confusion_matrix(labels, predicted, labels=range(classes))
