"""Tests of differences that are paired over actors, and their correction where there are several."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import permutation_test

from ravdess_exp.scoring.intervals import Estimate, Measure
from ravdess_exp.scoring.metrics import uar

_EXACT = 2**18  # sign flips; more actors than 18 are drawn from instead


def gain_of(
    labels: np.ndarray,
    one: np.ndarray,
    two: np.ndarray,
    actors: np.ndarray,
    measure: Measure = uar,
) -> Estimate:
    """How much higher the UAR of `two` is, mean over seeds; its interval and test agree.

    labels, actors: (n,); one, two: (n, seeds) predictions of the same clips; of numbers labels are (n, T)
    and predictions (n, seeds, T). measure: of labels and of the predictions with one seed.
    """
    seeds = one.shape[1]

    def gain(labels: np.ndarray, predicted: np.ndarray) -> float:
        of = [measure(labels, predicted[:, seed]) for seed in range(predicted.shape[1])]
        return float(np.mean(of[seeds:]) - np.mean(of[:seeds]))

    return Estimate.of(gain, labels, np.hstack([one, two]), actors)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (1979): the k-th smallest of m times m - k + 1, never falling."""
    return [min(1.0, p * times) for p, times in zip(p_values, holm_factors(p_values), strict=True)]


def holm_factors(p_values: Sequence[float]) -> list[float]:
    """What Holm's correction multiplies each p by.

    An interval of confidence 1 - 0.05 / factor is all on one side of 0 where the corrected p is
    below 0.05, and nowhere else.
    """
    factors, highest = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(np.argsort(p_values, kind="stable")):
        p, least = p_values[index], float(len(p_values) - rank)
        highest = max(highest, least * p)
        factors[index] = highest / p if p else least
    return factors


def sign_flip(differences: Sequence[float]) -> float:
    """Two-sided p of the mean of paired differences, if each might as well have the other sign.

    Exact for up to 18 pairs.
    """
    if len(differences) < 2 or not np.any(differences):
        return 1.0
    test = permutation_test(
        (np.asarray(differences),),
        np.mean,
        permutation_type="samples",
        n_resamples=_EXACT,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)
