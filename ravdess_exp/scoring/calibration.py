"""Do probabilities mean what they say? Pure: labels and probabilities in, numbers out.

Of 100 clips that a model gives 0.7 to the class it names, 70 should be of that class.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np

BINS = 15
_SMALLEST = 1e-6  # a probability under the last decimal of predictions.csv counts as this


@dataclass(frozen=True)
class Reliability:
    """Predictions by their confidence, the largest probability, in bins of equal width over 0 to 1.

    counts: predictions in each bin; confidence, accuracy: their means in it, 0 where it is empty.
    """

    counts: tuple[int, ...]
    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]

    @classmethod
    def of(cls, labels: np.ndarray, probabilities: np.ndarray) -> "Reliability":
        """labels: (n,) int; probabilities: (n, classes). A bin holds its upper end, not its lower."""
        confidence = probabilities.max(axis=1).astype(np.float64)
        edges = np.linspace(0, 1, BINS + 1)
        bins = np.digitize(confidence, edges[1:-1], right=True)
        counts = np.bincount(bins, minlength=BINS)
        hits = labels == probabilities.argmax(axis=1)
        means = [
            np.bincount(bins, weights=values, minlength=BINS) / np.maximum(counts, 1)
            for values in (confidence, hits)
        ]
        return cls(tuple(counts.tolist()), *(tuple(mean.tolist()) for mean in means))

    @property
    def error(self) -> float:
        """Expected calibration error: the mean of |accuracy - confidence| over bins, by counts.

        Source: Guo et al. (2017), "On Calibration of Modern Neural Networks", section 2; their 15
        bins. It has no interval here: of few clips it is too high, and resamples make it higher.
        """
        gaps = np.abs(np.subtract(self.accuracy, self.confidence))
        return float(np.average(gaps, weights=self.counts))


@dataclass(frozen=True)
class Calibration:
    """How far probabilities are from what happens; 0 is best of each.

    ece: expected calibration error over bins of equal width; ece_adaptive: over bins of equally many
    clips, which do not hide a gap where clips are dense; log_loss: in nats, of the true class.
    """

    ece: float
    ece_adaptive: float
    log_loss: float

    @classmethod
    def of(cls, labels: np.ndarray, probabilities: np.ndarray) -> "Calibration":
        """labels: (n,) int; probabilities: (n, classes)."""
        return cls(
            ece=Reliability.of(labels, probabilities).error,
            ece_adaptive=_adaptive_error(labels, probabilities),
            log_loss=log_loss(labels, probabilities),
        )

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, float], prefix: str) -> "Calibration | None":
        """What `metrics` gave; None where an older version wrote them, or without `prefix`."""
        if f"{prefix}/ece" not in metrics:
            return None
        return cls(**{field.name: metrics[f"{prefix}/{field.name}"] for field in fields(cls)})

    def metrics(self, prefix: str) -> dict[str, float]:
        """By name, such as `test/ece`."""
        return {f"{prefix}/{name}": value for name, value in asdict(self).items()}


def log_loss(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean of -log(probability of the true class), in nats. labels: (n,); probabilities: (n, C)."""
    true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(true, _SMALLEST)).mean())


def _adaptive_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """As `Reliability.error`, in bins of equally many predictions (Nixon et al., 2019)."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    hits = labels == probabilities.argmax(axis=1)
    bins = np.array_split(np.argsort(confidence, kind="stable"), min(BINS, len(labels)))
    gaps = [abs(hits[rows].mean() - confidence[rows].mean()) for rows in bins]
    return float(np.average(gaps, weights=[len(rows) for rows in bins]))
