"""Picture features against hand-made faces: a motion is seen where it is, and a still face is 0."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ravdess_exp.features.flow import affine_part, gray, optical_flow, register, strain
from ravdess_exp.features.hog import hog, hog_width
from ravdess_exp.features.picture import FaceMotion, Flow, Hog, SeveralPictures
from ravdess_exp.features.picture_input import PictureInput

SIDE = 96
HOG = Hog(cells=(12,), mirror=False, standardise="block")
FLOW = Flow(grid=12, strain=True, mirror=False, standardise="block")
MOTION = FaceMotion(cells=(8, 12, 16), grid=12, mirror=True, standardise="block")
TOGETHER = SeveralPictures(features={"edges": HOG, "motion": FLOW}, standardise="block")
ALL = [HOG, FLOW, MOTION, TOGETHER, replace(HOG, mirror=True), replace(FLOW, strain=False)]


@pytest.fixture
def scene(rng) -> np.ndarray:
    """A smooth texture, (3 * SIDE, 3 * SIDE) uint8, that crops are taken from."""
    noise = cv2.GaussianBlur(rng.random((3 * SIDE, 3 * SIDE)).astype(np.float32), (0, 0), 3)
    return cv2.normalize(noise, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def seen(scene: np.ndarray, *, shift=(0, 0), scale=1.0, turn=0.0) -> np.ndarray:
    """The crop (SIDE, SIDE, 1) that a camera moved by this sees."""
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[cosine, -sine, SIDE + shift[0]], [sine, cosine, SIDE + shift[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(scene, matrix, (SIDE, SIDE), flags=flags)[..., None]


def bulged(crop: np.ndarray, centre: tuple[int, int], pixels: float) -> np.ndarray:
    """The same crop, moved down by so many pixels about a place (row, column) and nowhere else."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    distance = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2
    down = pixels * np.exp(-distance / (2 * 8**2)).astype(np.float32)
    moved = cv2.remap(crop, columns, rows - down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return moved.reshape(crop.shape)


@pytest.mark.parametrize("feature", ALL, ids=repr)
def test_copies_of_the_reference_give_zeros_and_the_shape_that_is_announced(scene, feature):
    reference = seen(scene)
    found = feature(np.stack([reference] * 3), reference)
    assert found.shape == (3, sum(feature.blocks(SIDE))) and found.dtype == np.float32
    np.testing.assert_allclose(found, 0, atol=1e-3)


@pytest.mark.parametrize("feature", ALL, ids=repr)
def test_colours_and_gray_are_the_same_to_it(scene, feature):
    gray_crops = np.stack([seen(scene), seen(scene, shift=(2, 1))])
    colours = np.repeat(gray_crops, 3, axis=-1)
    one, two = (feature(crops[1:], crops[0]) for crops in (gray_crops, colours))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("centre", [(24, 24), (72, 40)])
def test_flow_sees_a_motion_in_its_cell_and_nowhere_else(scene, centre):
    reference = seen(scene)
    found = FLOW(bulged(reference, centre, 3.0)[None], reference)[0].reshape(5, 12, 12)
    row, column = (c // (SIDE // 12) for c in centre)
    right, down = found[:2]
    strongest = np.unravel_index(np.abs(down).argmax(), down.shape)
    assert np.abs(np.subtract(strongest, (row, column))).max() <= 1
    assert 1 < down[strongest] * SIDE < 3.5, "in shares of the side, downwards, smoothed"
    assert np.abs(right).max() < np.abs(down).max() / 2
    far = np.hypot(*np.subtract(np.indices((12, 12)), [[[row]], [[column]]])) > 5
    assert np.abs(down[far]).max() * SIDE < 0.5


def test_hog_sees_a_motion_in_its_cell(scene):
    reference = seen(scene)
    found = HOG(bulged(reference, (24, 72), 4.0)[None], reference)[0]
    blocks = np.abs(found.reshape(7, 7, -1)).sum(axis=2).T  # OpenCV's blocks go down first
    row, column = np.unravel_index(blocks.argmax(), blocks.shape)
    assert row <= 3 and column >= 4
    assert blocks[:4, 3:].sum() > 0.8 * blocks.sum()


def test_hog_without_a_reference_is_that_of_the_crop(scene):
    crop, other = seen(scene), seen(scene, shift=(3, 0))
    alone = HOG(np.stack([crop, other]), None)
    np.testing.assert_array_equal(alone, hog(np.stack([crop, other])[..., 0], 12))
    np.testing.assert_allclose(HOG(other[None], crop)[0], alone[1] - alone[0], atol=1e-6)


@pytest.mark.parametrize("cell", [8, 12, 16, 20, 48, 60])
def test_hog_is_as_wide_as_announced(scene, cell):
    if hog_width(SIDE, cell):
        assert hog(seen(scene)[None, ..., 0], cell).shape == (1, hog_width(SIDE, cell))
    assert bool(hog_width(SIDE, cell)) == (2 * cell <= SIDE)


@pytest.mark.parametrize("feature", [replace(HOG, mirror=True), replace(FLOW, mirror=True)])
def test_an_expression_on_the_left_is_one_on_the_right(scene, feature):
    crops = np.stack([seen(scene), bulged(seen(scene), (60, 30), 4.0)])
    mirrored = crops[:, :, ::-1]
    one, two = (feature(c[1:], c[0]) for c in (crops, mirrored))
    np.testing.assert_allclose(one, two, atol=1e-5)


def test_several_are_side_by_side(scene):
    crops, reference = seen(scene, shift=(2, 1))[None], seen(scene)
    parts = [part(crops, reference) for part in (HOG, FLOW)]
    np.testing.assert_array_equal(TOGETHER(crops, reference), np.concatenate(parts, axis=1))
    assert TOGETHER.blocks(SIDE) == HOG.blocks(SIDE) + FLOW.blocks(SIDE)
    assert TOGETHER.needs_reference and TOGETHER.computed_by == HOG.computed_by


def test_strain_is_that_of_the_flow_and_none_of_a_motion_of_all():
    rows, columns = np.mgrid[:10, :10].astype(float)
    flow = np.stack([0.1 * columns + 0.2 * rows + 5, 0.4 * columns - 0.3 * rows - 2], axis=-1)
    across, down, sheared = np.moveaxis(strain(flow[None])[0], -1, 0)
    np.testing.assert_allclose(across, 0.1, atol=1e-6)
    np.testing.assert_allclose(down, -0.3, atol=1e-6)
    np.testing.assert_allclose(sheared, 0.3, atol=1e-6)
    turned = np.stack([-0.1 * rows, 0.1 * columns], axis=-1)
    np.testing.assert_allclose(strain(turned[None]), 0, atol=1e-6)


def test_the_affine_part_of_an_affine_flow_is_that():
    rows, columns = np.mgrid[:32, :32].astype(float)
    matrix = np.array([[1.1, 0.2, 3.0], [-0.1, 0.9, -4.0]])
    moved = np.einsum("ij,jrc->rci", matrix, np.stack([columns, rows, np.ones((32, 32))]))
    flow = moved - np.stack([columns, rows], axis=-1)
    np.testing.assert_allclose(affine_part(flow), matrix, atol=1e-9)


@pytest.mark.parametrize(
    "motion",
    [{"shift": (4, -3)}, {"shift": (2, 2), "turn": 0.04}, {"shift": (-2, 1), "scale": 1.04}],
)
def test_registration_takes_the_motion_of_the_head_out(scene, motion):
    reference, crop = seen(scene), seen(scene, **motion)
    back = register(crop[None], reference)
    assert back.shape == (1, SIDE, SIDE, 1) and back.dtype == np.uint8
    inner = slice(SIDE // 8, -SIDE // 8)
    left, before = (
        np.abs(one[inner, inner].astype(float) - reference[inner, inner]).mean()
        for one in (back[0], crop)
    )
    assert left < before / 10
    for feature in (HOG, FLOW):
        moved, registered = (feature(one, reference) for one in (crop[None], back))
        assert np.abs(registered).mean() < np.abs(moved).mean() / 3


def test_registration_leaves_the_motion_of_the_face(scene):
    reference = seen(scene)
    spoken = bulged(seen(scene), (72, 48), 4.0)
    shifted = cv2.warpAffine(spoken, np.float32([[1, 0, 3], [0, 1, -2]]), (SIDE, SIDE))[..., None]
    flow = optical_flow(reference[..., 0], gray(register(shifted[None], reference)))[0]
    assert flow[72, 48, 1] > 2 and np.abs(flow[20:30, 20:76]).max() < 1


def test_registration_keeps_colours(scene):
    reference = np.concatenate([seen(scene), seen(scene) // 2, seen(scene) // 4], axis=-1)
    crop = np.roll(reference, 3, axis=1)
    back = register(crop[None], reference)[0]
    inner = slice(12, -12)
    np.testing.assert_allclose(back[inner, inner].astype(int), reference[inner, inner], atol=12)


@pytest.mark.parametrize("how", ["feature", "block"])
def test_what_the_model_is_given_has_unit_power_on_the_training_clips(rng, how):
    scales = np.array([1.0, 2.0, 3.0, 100.0, 200.0])
    train = [rng.normal(7, scales, (6, 5)).astype(np.float32) for _ in range(200)]
    fitted = PictureInput.fit(how, train=iter(train), blocks=(3, 2))
    found = fitted(np.stack(train))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.mean(axis=(0, 1)), 0, atol=1e-3)
    power = np.square(found).mean(axis=(0, 1))
    if how == "feature":
        np.testing.assert_allclose(power, 1, atol=1e-3)
    else:
        np.testing.assert_allclose([power[:3].mean(), power[3:].mean()], 1, atol=1e-3)
        assert power[4] / power[3] == pytest.approx(4, rel=0.2), "proportions within stay"


def test_a_value_that_never_changes_is_zero():
    train = [np.array([[1.0, 5.0], [3.0, 5.0]], np.float32)]
    fitted = PictureInput.fit("feature", train=train, blocks=(2,))
    assert fitted(np.array([[2.0, 99.0]], np.float32)).tolist() == [[0.0, 0.0]]
