"""The threshold below which a model says that it is not sure."""

import numpy as np
import pytest

from ravdess_exp.scoring.predictions import Predictions
from ravdess_exp.scoring.sureness import FEWEST, Kept, Sureness, Threshold


def clips(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels (n,) and probabilities (n, 3): class 0 is named, and is true where `right`."""
    rest = (1 - confidence) / 2
    return np.where(right, 0, 1), np.stack([confidence, rest, rest], axis=1)


def test_the_most_clips_are_kept_that_reach_the_accuracy():
    """The 40 surest are right; of the 40 under them half are: 0.8 is reached with 66."""
    confidence = np.linspace(0.99, 0.4, 80)
    right = np.array([True] * 40 + [False, True] * 20)
    labels, probabilities = clips(confidence, right)
    chosen = Threshold.choose(labels, probabilities, wanted=0.8)
    counts = [n for n in range(FEWEST, 81) if right[:n].mean() >= 0.8]
    kept = chosen.keeps(probabilities)
    assert kept.sum() == max(counts) < 80 and right[kept].mean() >= 0.8
    assert confidence[max(counts)] < chosen.value < confidence[max(counts) - 1], "half way"


def test_all_are_kept_where_all_reach_it():
    labels, probabilities = clips(np.linspace(0.4, 0.9, 30), np.ones(30, bool))
    assert Threshold.choose(labels, probabilities, wanted=1.0).value == 0


def test_equal_probabilities_are_kept_or_left_together():
    confidence = np.array([0.9] * 20 + [0.5] * 10)
    right = np.array([True] * 20 + [True] * 5 + [False] * 5)
    chosen = Threshold.choose(*clips(confidence, right), wanted=0.95)
    assert 0.5 < chosen.value < 0.9


@pytest.mark.parametrize("count", [FEWEST - 1, 100])
def test_nothing_is_sure_where_it_is_never_reached(count):
    """Too few clips show nothing even if all are right; of many the surest are the wrong ones."""
    right = np.ones(count, bool) if count < FEWEST else np.arange(count) > 60
    labels, probabilities = clips(np.linspace(0.9, 0.4, count), right)
    chosen = Threshold.choose(labels, probabilities, wanted=0.9)
    assert chosen.value is None and not chosen.keeps(probabilities).any()
    assert Kept.of(labels, labels, chosen.keeps(probabilities)) == Kept(0.0, 0)


def test_what_is_kept_is_scored_over_the_classes_that_are_left():
    labels, predicted = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0])
    kept = Kept.of(labels, predicted, np.array([True, True, True, False]))
    assert kept == Kept(share=0.75, classes=2, accuracy=pytest.approx(2 / 3), uar=0.75)


def test_no_threshold_where_none_is_asked_for(rng):
    labels, probabilities = clips(rng.uniform(0.4, 1, 30), rng.random(30) < 0.5)
    one = Predictions(("a", "b", "c"), ("x",) * 30, np.ones(30, int), labels, probabilities)
    assert Sureness.of(one, one, wanted=None) is None
