"""Scores against scikit-learn and by hand; the interval against what it must do."""

import numpy as np
import pytest
from confidence_intervals import evaluate_with_conf_int
from sklearn.metrics import balanced_accuracy_score, f1_score

from ravdess_exp.scoring.metrics import (
    Scores,
    _drawn_rows,
    accuracy,
    confusion,
    interval,
    uar,
    uar_interval,
)

CASES = [(300, 1), (300, 5), (200, 5), (200, 1)]  # clips, actors
NAMES = ["neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised"]


@pytest.fixture
def guesses(rng):
    labels = rng.integers(0, 7, 300)
    predicted = np.where(rng.random(300) < 0.6, labels, rng.integers(0, 7, 300))
    return labels, predicted


def test_scores_are_scikit_learns(guesses):
    labels, predicted = guesses
    found = Scores.of(labels, predicted, NAMES)
    assert found.accuracy == pytest.approx((labels == predicted).mean())
    assert found.uar == pytest.approx(balanced_accuracy_score(labels, predicted))
    assert found.uar == pytest.approx(uar(labels, predicted))
    assert found.macro_f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    recalls = [found.recall[name] for name in NAMES]
    assert np.mean(recalls) == pytest.approx(found.uar)


def test_uar_is_not_moved_by_a_large_class():
    labels = np.array([0] * 90 + [1] * 10)
    assert Scores.of(labels, np.zeros(100, int), NAMES).accuracy == 0.9
    assert Scores.of(labels, np.zeros(100, int), NAMES).uar == 0.5


def test_confusion_has_true_classes_as_rows():
    counts = confusion(np.array([0, 0, 1]), np.array([0, 2, 2]), 3)
    np.testing.assert_array_equal(counts, [[1, 0, 1], [0, 0, 1], [0, 0, 0]])


def test_the_interval_holds_the_score_and_repeats(guesses):
    labels, predicted = guesses
    actors = np.arange(300) % 10
    low, high = uar_interval(labels, predicted, actors)
    assert low < uar(labels, predicted) < high and 0.05 < high - low < 0.25
    assert uar_interval(labels, predicted, actors) == (low, high)


@pytest.mark.parametrize("actors", [1, 5])
def test_the_interval_is_that_of_its_source(guesses, actors):
    labels, predicted = guesses
    of = np.arange(300) % actors
    _, expected = evaluate_with_conf_int(predicted, uar, labels=labels, conditions=of)
    exactly = 0 if actors == 1 else 0.02  # of several it draws the same places for all of them
    assert uar_interval(labels, predicted, of) == pytest.approx(expected, abs=exactly)


def test_measures_do_not_share_more_than_the_draws(guesses):
    """Draws are kept between calls: those of other actors, or of more clips, must not be taken."""
    labels, predicted = guesses
    alone = [uar_interval(labels[:n], predicted[:n], np.arange(n) % k) for n, k in CASES]
    _drawn_rows.cache_clear()
    for (n, k), expected in zip(CASES[::-1], alone[::-1], strict=True):
        assert uar_interval(labels[:n], predicted[:n], np.arange(n) % k) == expected
    assert len(set(alone)) == len(CASES)


def test_speakers_that_differ_widen_the_interval(rng):
    """Drawing clips alone would not see that half of the actors cannot be read at all."""
    labels = np.tile(np.arange(7), 60)
    actors = np.repeat(np.arange(6), 70)
    good_actor = np.where(actors < 3, labels, (labels + 1) % 7)
    good_clip = np.where(rng.random(420) < 0.5, labels, (labels + 1) % 7)
    width = [np.ptp(uar_interval(labels, p, actors)) for p in (good_actor, good_clip)]
    assert width[0] > 2.5 * width[1]


def test_the_interval_draws_clips_of_each_actor_anew(rng):
    """Actors who speak the same trials in the same order, as RAVDESS's do, some trials being hard.

    Were the same trials drawn for all of them, the interval would be that of 20 clips, not of 480.
    """
    hard = np.tile(np.arange(20) < 10, 24)
    labels, actors = np.ones(480, int), np.repeat(np.arange(24), 20)
    predicted = np.where(hard, 0, 1)
    low, high = interval(accuracy, labels, predicted, actors)
    # all actors are alike: the deviation is that of clips, a little more for actors drawn twice
    alone = 2 * 1.96 * np.sqrt(0.25 / 480)
    assert alone * 0.9 < high - low < alone * 1.7
