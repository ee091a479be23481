"""How well numbers are told. Pure: (n,) numbers in, true and predicted, one number out.

CCC: Lin (1989), "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ravdess_exp.scoring.intervals import Estimate
from ravdess_exp.scoring.study_scores import Score

_NOTHING = 1e-12  # a variance below this is none
_NAN = float("nan")
_LARGEST = 1 - 1e-9  # a coefficient whose Fisher z is still finite


def ccc(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Concordance correlation coefficient: 1 only where every number is met; 0 of a constant."""
    true, told = labels.astype(np.float64), predicted.astype(np.float64)
    together = ((true - true.mean()) * (told - told.mean())).mean()
    apart = true.var() + told.var() + (true.mean() - told.mean()) ** 2
    return float(2 * together / apart) if apart > _NOTHING else 0.0


def pearson(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Pearson's correlation coefficient; 0 where either never changes."""
    true, told = labels.astype(np.float64), predicted.astype(np.float64)
    spread = true.std() * told.std()
    together = ((true - true.mean()) * (told - told.mean())).mean()
    return float(np.clip(together / spread, -1, 1)) if spread > _NOTHING else 0.0


def rmse(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Root of the mean squared error, in the numbers' own units."""
    return float(np.sqrt(np.mean((labels.astype(np.float64) - predicted) ** 2)))


MEASURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "ccc": ccc,
    "rmse": rmse,
    "pearson": pearson,
}
TITLES = {"ccc": "CCC", "rmse": "RMSE", "pearson": "Pearson's r"}


def of_seeds(measure: Callable) -> Callable[[np.ndarray, np.ndarray], float]:
    """The measure of (n, seeds, T) numbers: its mean over seeds and over the T."""

    of_numbers = mean_of(measure)

    def mean(labels: np.ndarray, predicted: np.ndarray) -> float:
        seeds = range(labels.shape[1])
        return float(np.mean([of_numbers(labels[:, s], predicted[:, s]) for s in seeds]))

    return mean


def mean_of(measure: Callable) -> Callable[[np.ndarray, np.ndarray], float]:
    """The measure of (n, T) numbers: its mean over the T."""

    def mean(labels: np.ndarray, predicted: np.ndarray) -> float:
        count = range(labels.shape[1])
        return float(np.mean([measure(labels[:, t], predicted[:, t]) for t in count]))

    return mean


def score(name: str, labels: np.ndarray, predicted: np.ndarray, actors: np.ndarray) -> Score:
    """One of `MEASURES` with its 95% interval, mean over seeds and numbers.

    labels, predicted: (n, seeds, T); actors: (n,). The interval is over speakers, of fewer than enough
    over their clips (`scoring.intervals`); of a coefficient it is symmetric in Fisher's z.
    """
    measure = of_seeds(MEASURES[name])
    found = Estimate.of(measure, labels, predicted, actors)
    ends = error_interval(found) if name == "rmse" else coefficient_interval(found)
    return Score(found.value, *ends)


def coefficient_interval(found: Estimate) -> tuple[float, float]:
    """The t interval of Fisher's z = artanh(r), by the delta method, as coefficients: within -1 to 1.

    Over 6, 12 and 24 simulated speakers of 40 clips it held the true CCC or r 91 to 95% of the time.
    """
    value = float(np.clip(found.value, -_LARGEST, _LARGEST))
    reach = found.reach() / (1 - value**2)
    if not np.isfinite(reach):
        return -1.0, 1.0  # of a single clip
    centre = np.arctanh(value)
    low, high = np.tanh([centre - reach, centre + reach])
    return float(min(low, found.value)), float(max(high, found.value))


def error_interval(found: Estimate) -> tuple[float, float]:
    """The t interval of an error, which is not below 0."""
    low, high = found.interval()
    return (max(0.0, low), high) if np.isfinite(found.reach()) else (0.0, float("inf"))


@dataclass(frozen=True)
class TargetScores:
    """Scores of one number; see `MEASURES`."""

    ccc: Score
    rmse: Score
    pearson: Score


@dataclass(frozen=True)
class NumberScores:
    """Scores of several numbers. ccc: the mean of theirs, by which results are chosen and compared."""

    ccc: Score
    targets: Mapping[str, TargetScores]

    @classmethod
    def of(
        cls,
        labels: np.ndarray,
        predicted: np.ndarray,
        actors: np.ndarray,
        names: tuple[str, ...],
    ) -> "NumberScores":
        """labels, predicted: (n, seeds, T); actors: (n,); names: of the T numbers."""
        return cls(
            score("ccc", labels, predicted, actors),
            {
                name: TargetScores(
                    **{m: score(m, labels[..., [t]], predicted[..., [t]], actors) for m in MEASURES}
                )
                for t, name in enumerate(names)
            },
        )

    def metrics(self, prefix: str) -> dict[str, float]:
        """By name, such as `test/ccc` with `_low` and `_high`, and `test/arousal/rmse`."""
        found = _ends(f"{prefix}/ccc", self.ccc)
        for name, of in self.targets.items():
            for measure in MEASURES:
                found |= _ends(f"{prefix}/{name}/{measure}", getattr(of, measure))
        return found

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, float], prefix: str) -> "NumberScores":
        """What `metrics` gave; raises KeyError."""
        last = "/pearson"  # which nothing but a number has
        names = [
            key.removeprefix(f"{prefix}/").removesuffix(last)
            for key in metrics
            if key.startswith(f"{prefix}/") and key.endswith(last)
        ]
        return cls(
            _from_ends(metrics, f"{prefix}/ccc"),
            {
                name: TargetScores(
                    **{m: _from_ends(metrics, f"{prefix}/{name}/{m}") for m in MEASURES}
                )
                for name in names
            },
        )


def _ends(key: str, of: Score) -> dict[str, float]:
    return {key: of.value, f"{key}_low": of.low, f"{key}_high": of.high}


def _from_ends(metrics: Mapping[str, float], key: str) -> Score:
    return Score(metrics[key], metrics[f"{key}_low"], metrics[f"{key}_high"])
