"""A value of a picture feature is laid over the pixels that it is of: checked by changing those pixels."""

from dataclasses import replace

import numpy as np
import pytest

from ravdess_exp.features.encoders import OnnxFace
from ravdess_exp.features.picture_map import laid_out
from tests.features.test_picture import ALL, FLOW, HOG, MOTION, SIDE

FAR = 20  # pixels: HOG's blocks and the flow's smoothing reach beyond a value's own place


@pytest.mark.parametrize("feature", ALL, ids=repr)
def test_nothing_is_lost_and_zeros_stay_zeros(feature, rng):
    values = rng.normal(size=(2, sum(feature.blocks(SIDE))))
    values[1] = 0
    found = laid_out(feature, values, SIDE)
    assert found.shape == (2, SIDE, SIDE) and not found[1].any()
    assert found[0].sum() == pytest.approx(values[0].sum())


@pytest.mark.parametrize("feature", [HOG, FLOW, replace(HOG, cells=(8, 16)), MOTION], ids=repr)
@pytest.mark.parametrize("place", [(12, 20), (70, 40), (44, 84)])
def test_what_a_change_of_pixels_changes_lies_about_them(feature, place, rng):
    """The values that a spot changes most, laid out, have their middle there; mirrored, there too."""
    crop = rng.integers(60, 120, (SIDE, SIDE, 1), np.uint8)
    row, column = place
    changed = crop.copy()
    changed[row - 4 : row + 4, column - 4 : column + 4] += rng.integers(0, 130, (8, 8, 1), np.uint8)
    values = np.abs(feature(changed[None], crop)).astype(np.float64)
    found = laid_out(feature, values / np.abs(values).max(), SIDE)[0]
    if getattr(feature, "mirror", False):
        np.testing.assert_allclose(found, found[:, ::-1])
        found[:, (slice(SIDE // 2, None) if column < SIDE / 2 else slice(SIDE // 2))] = 0
    heavy = np.where(found > 0.5 * found.max(), found, 0)
    middle = [float((grid * heavy).sum() / heavy.sum()) for grid in np.indices(found.shape)]
    assert np.hypot(middle[0] - row, middle[1] - column) < FAR / 2
    rows, columns = np.indices(found.shape)
    far = np.hypot(rows - row, columns - column) > 2 * FAR
    assert found[far].sum() < 0.1 * found.sum()


@pytest.mark.parametrize("feature", ALL, ids=repr)
def test_a_row_knows_of_its_own_crop_and_the_reference_alone(feature, rng):
    """What hiding a place of one frame relies on (`explain.occlusion`)."""
    crops = rng.integers(0, 256, (3, SIDE, SIDE, 1), np.uint8)
    other = crops.copy()
    other[[0, 2]] = rng.integers(0, 256, (2, SIDE, SIDE, 1), np.uint8)
    reference = crops[1, ::-1]
    np.testing.assert_array_equal(feature(crops, reference)[1], feature(other, reference)[1])


def test_a_network_does_not_say_where_its_values_lie():
    network = OnnxFace(
        file="none.onnx", sha256=None, tensor="x", side=64, low=0.0, high=1.0, places="all",
        mirror=True, licence=None, trained_on=None, saw_ravdess="refused", standardise="feature",
    )  # fmt: skip
    assert laid_out(network, np.zeros((1, 8)), SIDE) is None
