"""Scores of predictions. Pure: labels and predictions in, numbers out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, recall_score

from ravdess_exp.scoring.intervals import interval


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


def uar_interval(
    labels: np.ndarray, predicted: np.ndarray, actors: np.ndarray
) -> tuple[float, float]:
    """95% interval of UAR; see `interval`."""
    return interval(uar, labels, predicted, actors)


def confusion(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """(classes, classes) int: rows are true classes, columns predicted ones."""
    return confusion_matrix(labels, predicted, labels=range(classes))
