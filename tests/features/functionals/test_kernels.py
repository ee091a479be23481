"""Random convolutions: what they find is what a convolution by hand finds, in every process."""

import numpy as np
import pytest
from scipy.ndimage import correlate1d

from ravdess_exp.features.functionals import kernels
from ravdess_exp.features.functionals.kernels import KERNELS, random_kernels


@pytest.fixture
def bands(rng) -> np.ndarray:
    return rng.normal(-40, 10, (64, 120))


def test_each_is_a_convolution_with_gaps(bands):
    heard, found = (bands - bands.mean()) / 10, random_kernels(bands)
    seen = set()
    for distance, rows, sums, taps in kernels._kernels(64):
        assert 1 <= distance <= 11
        with_gaps = np.zeros(8 * distance + 1)
        with_gaps[::distance] = taps[0]
        moved = correlate1d(sums[0] @ heard, with_gaps, mode="nearest")
        np.testing.assert_allclose(found[rows[0]], np.quantile(moved, (0.1, 0.5, 0.9)), atol=1e-9)
        seen |= set(rows.tolist())
    assert seen == set(range(KERNELS)) and found.shape == (KERNELS, 3)


def test_a_louder_clip_is_the_same_clip(bands):
    np.testing.assert_allclose(random_kernels(bands), random_kernels(bands + 12), atol=1e-9)


def test_what_stands_still_is_heard_by_the_smooth_ones_alone():
    still = np.tile(np.linspace(-60, -20, 64)[:, None], 50)
    found = random_kernels(still)
    np.testing.assert_allclose(np.ptp(found, axis=1), 0, atol=1e-9)
    heard = np.abs(found[:, 0]) > 1e-9
    assert 0.25 < heard.mean() < 0.35


def test_they_are_the_same_wherever_they_are_drawn():
    """Written down, since a model of one version would hear noise with another's kernels."""
    distance, rows, sums, taps = kernels._kernels(64)[0]
    assert (distance, rows[:4].tolist()) == (1, [0, 1, 2, 8])
    np.testing.assert_allclose([sums[0] @ np.arange(64), taps[0] @ np.arange(9)], [24.5, -9])


@pytest.mark.parametrize("count", [1, 3])
def test_the_shortest_clips(rng, count):
    assert np.isfinite(random_kernels(rng.normal(size=(64, count)))).all()


def test_more_and_less_bands(rng):
    for bands in (2, 40, 128):
        assert np.isfinite(random_kernels(rng.normal(size=(bands, 20)))).all()
