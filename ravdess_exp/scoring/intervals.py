"""How far a score, or a difference of scores, may be from what it would be on others.

On other speakers, where there are enough of them to see how much speakers differ; of fewer, on other
clips of these speakers. How often they hold the true value was measured by simulation: 93 to 97% of the time.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 95  # percent
ENOUGH_SPEAKERS = 6  # of fewer, an interval cannot show how much speakers differ
_COPIES = 10  # of all units beside the one that counts once more: more is nearer to a derivative
_ROUNDING = 1e-12  # a difference or an error below this is 0

Measure = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class Estimate:
    """A value of a measure, its standard error, and the degrees of freedom of that.

    over_speakers: whether the error is over speakers, or else over clips of these speakers; clips:
    how many the value is of; constant: whether the same is told of every clip, as it would be of others.
    """

    value: float
    error: float
    freedom: float
    over_speakers: bool
    clips: int
    constant: bool = False

    @classmethod
    def of(
        cls, measure: Measure, labels: np.ndarray, predicted: np.ndarray, actors: np.ndarray
    ) -> "Estimate":
        """labels, predicted: (n, ...), one row a clip; actors: (n,), who speaks it.

        The error is the infinitesimal jackknife's (Efron 1982, "The jackknife, the bootstrap and
        other resampling plans", chapter 6): of a mean over speakers with the same clips each, it is
        the usual one of a mean. Clips are taken as drawn anew of each speaker and class.
        """
        value = measure(labels, predicted)
        speakers = np.unique(actors, return_inverse=True)[1]
        count = int(speakers.max()) + 1
        if count >= ENOUGH_SPEAKERS:
            effects = _effects(measure, labels, predicted, speakers)
            error, freedom = float(np.std(effects, ddof=1) / np.sqrt(count)), count - 1.0
        else:
            error, freedom = _over_clips(measure, labels, predicted, speakers)
        kept = [0.0 if abs(number) < _ROUNDING else number for number in (value, error)]
        constant = bool((predicted == predicted[:1]).all())
        return cls(*kept, freedom, count >= ENOUGH_SPEAKERS, len(labels), constant)

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """The t interval of a difference, or of any other measure without limits."""
        reach = self._reach(confidence) * self.error if self.error else 0.0
        return self.value - reach, self.value + reach

    def score_interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """The interval of a score, which lies in 0 to 1.

        Over speakers the t interval. Over clips Wilson's (1927), with t in the place of z and as many
        clips as a share of this error would have: near 0 and 1 it is not symmetric, as it should be.
        Where every class is all right or all wrong no error is seen, and as many clips as there are count.
        """
        if self.over_speakers:
            low, high = self.interval(confidence)
            return max(0.0, low), min(1.0, high)
        spread = self.value * (1 - self.value)
        if spread > 0 and not self.error and self.constant:
            return self.value, self.value
        count = spread / self.error**2 if self.error else self.clips
        t = self._reach(confidence)
        if not np.isfinite(t) or not np.isfinite(count):
            return 0.0, 1.0  # of a single clip
        centre = (self.value + t**2 / (2 * count)) / (1 + t**2 / count)
        reach = t / (1 + t**2 / count) * np.sqrt(spread / count + (t / (2 * count)) ** 2)
        low, high = float(centre - reach), float(centre + reach)
        return max(0.0, min(low, self.value)), min(1.0, max(high, self.value))

    @property
    def p(self) -> float:
        """Two-sided p of the t test that the true value is 0: below 0.05 where the interval of 95%
        is all on one side of 0."""
        if not self.value:
            return 1.0
        if not self.error:
            return 0.0
        return float(2 * stats.t.sf(abs(self.value) / self.error, self.freedom))

    def reach(self, confidence: float = CONFIDENCE) -> float:
        """How far the t interval goes to either side; infinite of a single clip."""
        if np.isnan(self.error):
            return float("inf")
        return self._reach(confidence) * self.error if self.error else 0.0

    def _reach(self, confidence: float) -> float:
        """Standard errors to either side."""
        return float(stats.t.isf((1 - confidence / 100) / 2, self.freedom))


def interval(
    measure: Measure, labels: np.ndarray, predicted: np.ndarray, actors: np.ndarray
) -> tuple[float, float]:
    """95% interval of a score: over speakers; of fewer than `ENOUGH_SPEAKERS` over their clips.

    labels, predicted: (n, ...), one row a clip; actors: (n,).
    """
    return Estimate.of(measure, labels, predicted, actors).score_interval()


def scope(speakers: int) -> str:
    """What an interval of so many speakers is about, as a phrase."""
    if speakers >= ENOUGH_SPEAKERS:
        return f"over {speakers} actors"
    who = "this one actor" if speakers == 1 else f"these {speakers} actors"
    return f"over clips of {who}, not over speakers"


def _over_clips(
    measure: Measure, labels: np.ndarray, predicted: np.ndarray, speakers: np.ndarray
) -> tuple[float, float]:
    """Error and degrees of freedom over clips of each speaker and class, which all are kept.

    The degrees are Welch's and Satterthwaite's (1946), since the strata vary differently.
    """
    count = len(labels)
    if count < 2:
        return float("nan"), float("nan")
    pairs = np.column_stack([labels.reshape(count, -1), predicted.reshape(count, -1)])
    kinds, kind_of = np.unique(pairs, axis=0, return_inverse=True)
    first = [int(np.flatnonzero(kind_of == kind)[0]) for kind in range(len(kinds))]
    units = [np.array([row]) for row in first]  # clips that are alike have the same effect
    effects = _effects_of(measure, labels, predicted, units, count)[kind_of] / count
    numbers = np.issubdtype(labels.dtype, np.floating)  # hardly two clips have the same one
    strata = _strata(np.zeros(count, int) if numbers else labels.reshape(count, -1)[:, 0], speakers)
    sizes = np.bincount(strata)
    variances = np.array([sizes[s] * effects[strata == s].var(ddof=1) for s in range(len(sizes))])
    total = variances.sum()
    if total < _ROUNDING**2:
        return 0.0, float(count - len(sizes))
    return float(np.sqrt(total)), float(total**2 / (variances**2 / (sizes - 1)).sum())


def _strata(labels: np.ndarray, speakers: np.ndarray) -> np.ndarray:
    """(n,): speaker and class, or class, or all as one: the finest with two clips in each at least."""
    alone = np.zeros_like(labels)
    for columns in ((speakers, labels), (labels,)):
        strata = np.unique(np.column_stack(columns), axis=0, return_inverse=True)[1]
        if np.bincount(strata).min() > 1:
            return strata
    return alone


def _effects(
    measure: Measure, labels: np.ndarray, predicted: np.ndarray, units: np.ndarray
) -> np.ndarray:
    """(units,): how the measure moves with each unit's weight. units: (n,), from 0 on."""
    rows = [np.flatnonzero(units == unit) for unit in range(units.max() + 1)]
    return _effects_of(measure, labels, predicted, rows, len(rows))


def _effects_of(
    measure: Measure,
    labels: np.ndarray,
    predicted: np.ndarray,
    units: list[np.ndarray],
    count: int,
) -> np.ndarray:
    """The same for units given by their rows, of `count` there are.

    One more copy of a unit, rather than one less, keeps every class. Of a mean over units this is
    exactly each unit's distance from the mean.
    """
    value, everything = measure(labels, predicted), np.tile(np.arange(len(labels)), _COPIES)
    moved = [
        measure(labels[rows], predicted[rows])
        for rows in (np.concatenate([everything, unit]) for unit in units)
    ]
    return (_COPIES * count + 1) * (np.array(moved) - value)
