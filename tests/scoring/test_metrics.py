"""Scores against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from ravdess_exp.scoring.metrics import Scores, confusion, uar

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
