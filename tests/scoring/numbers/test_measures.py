"""Scores of numbers: by hand, by scipy, and their intervals."""

import numpy as np
import pytest
from scipy import stats

from ravdess_exp.scoring.intervals import Estimate
from ravdess_exp.scoring.numbers.measures import (
    NumberScores,
    ccc,
    coefficient_interval,
    mean_of,
    of_seeds,
    pearson,
    rmse,
    score,
)
from ravdess_exp.training.objective import mean_ccc


def drawn(rng, actors: int, noise: float = 1.0):
    """(n, 1, 1) numbers of speakers who differ, 12 clips each."""
    of = np.repeat(np.arange(actors), 12)
    true = rng.normal(0, 1, len(of))
    told = 0.7 * true + rng.normal(0, 0.3, actors)[of] + noise * rng.normal(0, 0.5, len(of))
    return true[:, None, None], told[:, None, None], of


def test_by_hand():
    true, told = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 5.0])
    # cov 1, variances 2/3 and 2, difference of means 1
    assert ccc(true, told) == pytest.approx(2 * 1 / (2 / 3 + 2 + 1))
    assert rmse(true, told) == pytest.approx(np.sqrt(5 / 3))
    assert pearson(true, told) == pytest.approx(stats.pearsonr(true, told).statistic)


def test_only_the_truth_itself_is_in_full_concordance(rng):
    true = rng.normal(4, 1, 50)
    assert ccc(true, true) == pytest.approx(1)
    assert ccc(true, true + 1) < 1 and pearson(true, true + 1) == pytest.approx(1)
    assert ccc(true, np.full(50, 4.0)) == 0 and pearson(true, np.full(50, 4.0)) == 0
    assert ccc(true, 8 - true) == pytest.approx(-1, abs=0.05)


def test_training_and_scoring_mean_the_same(rng):
    true, told, _ = drawn(rng, 6)
    assert mean_ccc(true[:, 0], told[:, 0]) == pytest.approx(of_seeds(ccc)(true, told))
    assert mean_of(ccc)(true[:, 0], told[:, 0]) == pytest.approx(ccc(true[:, 0, 0], told[:, 0, 0]))


@pytest.mark.parametrize("actors", [1, 2, 6, 18])
@pytest.mark.parametrize("name", ["ccc", "pearson", "rmse"])
def test_every_interval_holds_the_score_and_what_it_may_be(rng, actors, name):
    for noise in (0.0, 1.0, 20.0):
        of = score(name, *drawn(rng, actors, noise))
        assert of.low <= of.value <= of.high
        assert (0 if name == "rmse" else -1) <= of.low
        assert name == "rmse" or of.high <= 1


def test_a_single_clip_says_nothing():
    one = np.ones((1, 1, 1))
    of = score("ccc", one, one, np.array([1]))
    assert (of.low, of.high) == (-1, 1)


def test_over_speakers_the_interval_widens_with_what_they_differ_by(rng):
    true, told, of = drawn(rng, 12)
    apart = told + 2.0 * np.arange(12)[of][:, None, None] / 12
    widths = [
        np.diff([s.low, s.high])[0] for s in (score("rmse", true, t, of) for t in (told, apart))
    ]
    assert widths[1] > 2 * widths[0]


def test_the_interval_of_a_coefficient_is_fishers(rng):
    found = Estimate(0.6, 0.1, 9.0, True, 100)
    low, high = coefficient_interval(found)
    t = stats.t.isf(0.025, 9)
    assert low == pytest.approx(np.tanh(np.arctanh(0.6) - t * 0.1 / (1 - 0.36)))
    assert high - 0.6 < 0.6 - low


def test_seeds_are_averaged_and_metrics_come_back(rng):
    true, told, of = drawn(rng, 6)
    labels = np.tile(true, (1, 2, 2))
    said = np.concatenate([np.tile(told, (1, 1, 2)), np.tile(true, (1, 1, 2))], axis=1)
    scores = NumberScores.of(labels, said, of, ("arousal", "valence"))
    assert scores.ccc.value == pytest.approx((1 + ccc(true.ravel(), told.ravel())) / 2)
    assert NumberScores.from_metrics(scores.metrics("test"), "test") == scores
