"""Statistics over time of contours that were made by hand."""

import numpy as np
import pytest
from scipy import stats

from ravdess_exp.features.functionals.rhythm import (
    MODULATION_EDGES,
    RHYTHM,
    modulation,
    rhythm,
    stretches,
)
from ravdess_exp.features.functionals.statistics import (
    STATISTICS,
    contrast,
    statistics,
    thirds,
    where,
    with_differences,
)


def of(contour, name: str) -> float:
    return statistics(np.asarray(contour, float)[None])[0, STATISTICS.index(name)]


def test_they_are_numpys_and_scipys(rng):
    contours = rng.gamma(2, size=(3, 200))
    found = dict(zip(STATISTICS, statistics(contours).T, strict=True))
    np.testing.assert_allclose(found["mean"], contours.mean(axis=1))
    np.testing.assert_allclose(found["deviation"], contours.std(axis=1))
    np.testing.assert_allclose(found["skew"], stats.skew(contours, axis=1))
    np.testing.assert_allclose(found["kurtosis"], stats.kurtosis(contours, axis=1))
    np.testing.assert_allclose(found["p25"], np.percentile(contours, 25, axis=1))
    np.testing.assert_allclose(found["quartile range"], stats.iqr(contours, axis=1))


def test_the_slope_of_a_ramp_and_the_curvature_of_a_parabola():
    time = np.linspace(-1, 1, 51)
    assert of(3 + 2 * time, "slope") == pytest.approx(2)
    assert of(3 + 2 * time, "curvature") == pytest.approx(0, abs=1e-12)
    assert of(1.5 * time**2, "curvature") == pytest.approx(1)  # P2 is (3 t^2 - 1) / 2
    assert of(1.5 * time**2, "slope") == pytest.approx(0, abs=1e-12)


def test_places_and_shares():
    contour = [0, 0, 9, 0, 0, 0, 0, 0, 0, 0, -9]
    assert of(contour, "place of maximum") == pytest.approx(0.2)
    assert of(contour, "place of minimum") == 1
    assert of([0, 0, 0, 8], "share above the middle") == 0.25


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_what_is_short_or_constant_has_finite_values(count):
    for value in (0.0, 1e9, -3.5):
        found = with_differences(np.full((2, count), value))
        assert found.shape == (2, 32) and np.isfinite(found).all()
        assert not found[:, [1, 2, 3]].any(), "deviation, skew and kurtosis of a constant"


def test_frames_that_are_not_wanted_change_nothing(rng):
    contours, wanted = rng.normal(size=(4, 60)), rng.random(60) < 0.5
    other = np.where(wanted, contours, 1000)
    np.testing.assert_allclose(where(contours, wanted), where(other, wanted), atol=1e-12)
    everything = np.ones(60, bool)
    expected = with_differences(contours)
    np.testing.assert_allclose(where(contours, everything), expected, atol=1e-12)


def test_the_mean_of_wanted_frames_and_how_far_it_is_from_the_others():
    contour, wanted = np.array([[1.0, 3, 10, 20]]), np.array([True, True, False, False])
    np.testing.assert_allclose(contrast(contour, wanted), [[2, 2 - 15]])
    np.testing.assert_allclose(contrast(contour, ~(wanted | True)), [[8.5, 0]])


def test_thirds_of_a_staircase():
    np.testing.assert_allclose(thirds(np.repeat([[1.0, 2, 6]], 5, axis=1)), [[-2, -1, 3]])
    assert np.isfinite(thirds(np.ones((2, 1)))).all()


@pytest.mark.parametrize("hertz", [1.5, 4.0, 8.0, 25.0])
def test_the_rate_at_which_a_band_moves(hertz, rng):
    """The range that the planted rate lies in has most of the power."""
    time = np.arange(300) / 100
    bands = np.stack([np.sin(2 * np.pi * hertz * time) + 40, 0.01 * rng.normal(size=300)])
    found = modulation(bands)
    assert found.shape == (2, 8)
    expected = np.searchsorted(MODULATION_EDGES, hertz) - 1
    assert found[0].argmax() == expected and found[0].max() > found[1].max() + 3


def test_the_rhythm_of_four_syllables_and_a_pause():
    """Half a second of pause between two pairs of syllables, five a second."""
    pair = 30 * np.sin(np.pi * np.arange(40) / 20) ** 2
    energy = np.concatenate([pair, np.full(50, -30.0), pair]) - 20
    voiced = energy > -10
    found = dict(zip(RHYTHM, rhythm(energy, voiced), strict=True))
    assert np.exp(found["log duration"]) == pytest.approx(1.3)
    assert found["syllables a second"] == pytest.approx(4 / 1.3)
    assert found["longest pause"] == pytest.approx(0.5, abs=0.2)
    assert found["voiced stretches a second"] == pytest.approx(4 / 1.3)
    np.testing.assert_allclose(stretches(np.array([1, 1, 0, 1], bool)), [0.02, 0.01])
