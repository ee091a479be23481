"""Expected calibration error and log loss, against cases that are counted by hand."""

import numpy as np
import pytest
from sklearn.metrics import log_loss as of_sklearn

from ravdess_exp.scoring.calibration import BINS, Calibration, Reliability, log_loss


def two_classes(confidence: list[float]) -> np.ndarray:
    """(n, 2): class 0 is named each time, with this probability."""
    return np.array([[c, 1 - c] for c in confidence])


def test_the_error_of_two_bins_by_hand():
    """Four clips at 0.9 of which two are right, four at 0.6 of which three are."""
    probabilities = two_classes([0.9] * 4 + [0.6] * 4)
    labels = np.array([0, 0, 1, 1, 0, 0, 0, 1])
    found = Reliability.of(labels, probabilities)
    assert sum(found.counts) == 8 and sorted(found.counts)[-2:] == [4, 4]
    assert found.error == pytest.approx((4 * 0.4 + 4 * 0.15) / 8)


def test_probabilities_that_hold_have_no_error(rng):
    confidence = rng.uniform(0.5, 1, 40_000)
    labels = (rng.random(len(confidence)) > confidence).astype(int)
    found = Calibration.of(labels, two_classes(confidence))
    assert found.ece < 0.02 and found.ece_adaptive < 0.02


def test_being_sure_of_what_is_wrong_costs_most():
    assert Calibration.of(np.ones(5, int), two_classes([1.0] * 5)).ece == pytest.approx(1)


def test_bins_have_equal_width_and_hold_their_upper_end():
    edges = np.arange(1, BINS + 1) / BINS
    probabilities = np.pad(edges[:, None], ((0, 0), (0, 1)), constant_values=-1.0)
    found = Reliability.of(np.zeros(BINS, int), probabilities)
    assert found.counts == (1,) * BINS and found.confidence == pytest.approx(edges)
    assert Reliability.of(np.zeros(1, int), np.zeros((1, 2))).counts[0] == 1


def test_the_adaptive_error_sees_a_gap_that_one_wide_bin_hides():
    """All lie in one bin of equal width, whose means agree; its surer half is wrong more often."""
    probabilities = two_classes([0.94] * 50 + [0.99] * 50)
    found = Calibration.of(np.array([0] * 50 + [1] * 3 + [0] * 47), probabilities)
    assert found.ece == pytest.approx(0.97 - 0.965)
    assert found.ece_adaptive > 0.05


def test_log_loss_is_scikit_learns_and_is_finite_where_a_class_was_ruled_out(rng):
    probabilities = rng.dirichlet(np.ones(4), 50)
    labels = rng.integers(0, 4, 50)
    assert log_loss(labels, probabilities) == pytest.approx(
        of_sklearn(labels, probabilities, labels=range(4))
    )
    assert log_loss(np.array([1]), np.array([[1.0, 0.0]])) == pytest.approx(-np.log(1e-6))
