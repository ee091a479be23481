"""When a model should say that it is not sure: a threshold on its largest probability.

It is chosen by validation clips alone; test clips say what it is worth.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from ravdess_exp.scoring.metrics import accuracy, uar

if TYPE_CHECKING:
    from ravdess_exp.scoring.predictions import Predictions

FEWEST = 20  # validation clips: the accuracy of fewer says next to nothing


@dataclass(frozen=True)
class Threshold:
    """A prediction whose largest probability is at least `value` is sure.

    wanted: the accuracy that sure predictions are to have. value: None where no threshold reached it
    on validation clips; then no prediction is sure.
    """

    wanted: float
    value: float | None

    @classmethod
    def choose(cls, labels: np.ndarray, probabilities: np.ndarray, *, wanted: float) -> "Threshold":
        """The smallest threshold at which the accuracy of the clips kept reaches what is wanted.

        It keeps the most clips that it can, `FEWEST` at least, and lies half way between the last
        one kept and the first one that is not; 0 where all are kept. labels: (n,) int, of validation
        clips; probabilities: (n, classes).
        """
        largest = probabilities.max(axis=1).astype(np.float64)
        order = np.argsort(-largest, kind="stable")
        largest, hits = largest[order], (labels == probabilities.argmax(axis=1))[order]
        kept = np.arange(1, len(labels) + 1)
        whole = np.append(largest[1:] < largest[:-1], True)  # equal ones are kept or left together
        reached = whole & (kept >= FEWEST) & (hits.cumsum() / kept >= wanted)
        if not reached.any():
            return cls(wanted, None)
        last = int(np.flatnonzero(reached)[-1])
        if last == len(labels) - 1:
            return cls(wanted, 0.0)
        return cls(wanted, float((largest[last] + largest[last + 1]) / 2))

    def keeps(self, probabilities: np.ndarray) -> np.ndarray:
        """(n,) bool: which are sure. probabilities: (n, classes)."""
        if self.value is None:
            return np.zeros(len(probabilities), bool)
        return probabilities.max(axis=1) >= self.value


@dataclass(frozen=True)
class Kept:
    """Scores of the clips that a model is sure of.

    share: of all clips. accuracy, uar: None where no clip is kept; uar is the mean recall over the
    `classes` that have clips among them.
    """

    share: float
    classes: int
    accuracy: float | None = None
    uar: float | None = None

    @classmethod
    def of(cls, labels: np.ndarray, predicted: np.ndarray, sure: np.ndarray) -> "Kept":
        """labels, predicted: (n,) int; sure: (n,) bool."""
        if not sure.any():
            return cls(0.0, 0)
        pair = labels[sure], predicted[sure]
        return cls(float(sure.mean()), len(np.unique(pair[0])), accuracy(*pair), uar(*pair))

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, float], prefix: str) -> "Kept | None":
        """What `metrics` gave; None where there is nothing of it."""
        names = [field.name for field in fields(cls)]
        found = {n: metrics[f"{prefix}/{n}"] for n in names if f"{prefix}/{n}" in metrics}
        return cls(**found) if found else None

    def metrics(self, prefix: str) -> dict[str, float]:
        """By name, such as `test/sure/share`; without what is None."""
        return {f"{prefix}/{k}": value for k, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Sureness:
    """A run's threshold, and what it keeps of validation and of test clips."""

    threshold: Threshold
    validation: Kept
    test: Kept

    @classmethod
    def of(
        cls, validation: "Predictions", test: "Predictions", *, wanted: float | None
    ) -> "Sureness | None":
        """Choose by `validation` alone. wanted: an accuracy; None: there is to be no threshold."""
        if wanted is None:
            return None
        chosen = Threshold.choose(validation.labels, validation.probabilities, wanted=wanted)
        kept = [
            Kept.of(one.labels, one.predicted, chosen.keeps(one.probabilities))
            for one in (validation, test)
        ]
        return cls(chosen, *kept)

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, float]) -> "Sureness | None":
        """What `metrics` gave; None where an older version wrote them, or none was asked for."""
        if "sure/wanted" not in metrics:
            return None
        kept = [Kept.from_metrics(metrics, f"{of}/sure") for of in ("val", "test")]
        return cls(Threshold(metrics["sure/wanted"], metrics.get("sure/threshold")), *kept)

    def metrics(self) -> dict[str, float]:
        """`sure/wanted`, `sure/threshold` where one was reached, `val/sure/...`, `test/sure/...`."""
        value = self.threshold.value
        return {
            "sure/wanted": self.threshold.wanted,
            **({} if value is None else {"sure/threshold": value}),
            **self.validation.metrics("val/sure"),
            **self.test.metrics("test/sure"),
        }
