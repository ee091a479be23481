"""The backbone of gradients: a cue that was planted is found where it was planted, and nothing else."""

import keras
import numpy as np
import pytest

from ravdess_exp.models.gradients import EdgesAndMotion, gradients

SETTINGS = {
    "reference": "first", "cell": 8, "orientations": 4, "dense": 3, "dropout": 0.2, "momentum": 0.9,
}  # fmt: skip


def blob(x: float, y: float, side: int = 32) -> np.ndarray:
    """A soft round spot at (x, y): (side, side, 1)."""
    across, down = np.meshgrid(np.arange(side), np.arange(side))
    return np.exp(-((across - x) ** 2 + (down - y) ** 2) / 18)[..., None].astype(np.float32)


def found(*frames: np.ndarray) -> np.ndarray:
    """Of one clip, without its batch axis: (K, 4, 4, 6)."""
    return np.asarray(EdgesAndMotion(8, 4)(np.stack(frames)[None]))[0]


def test_a_clip_that_does_not_move_is_zero(rng):
    still = rng.random((32, 32, 3)).astype(np.float32)
    np.testing.assert_allclose(found(still, still, still), 0, atol=1e-6)


def test_motion_is_found_where_it_is_and_in_its_direction():
    """A soft bar through the second row of cells moves down by one pixel: down there, and nowhere across."""

    def bar(y):
        down = np.arange(32, dtype=np.float32)[:, None, None]
        return np.broadcast_to(np.exp(-((down - y) ** 2) / 8), (32, 32, 1))

    there, back = found(bar(12), bar(13)), found(bar(13), bar(12))
    np.testing.assert_allclose(there[1, ..., 4], 0, atol=1e-6)
    down = -there[1, ..., 5]
    assert (down[1] > 0.3).all() and (down[1] < 1.3).all()
    assert np.abs(down[3]).max() < 0.01
    np.testing.assert_allclose(-back[1, 1, :, 5], -down[1], atol=0.05)


def test_a_side_and_its_mirror_image_are_alike():
    """A mouth that goes up on the left says what one that goes up on the right says."""
    clip = [blob(6, 20), blob(7, 18)]
    mirrored = [frame[:, ::-1] for frame in clip]
    np.testing.assert_allclose(found(*clip), found(*mirrored), atol=1e-5)


def test_edges_are_told_by_their_orientation():
    rest = np.zeros((32, 32, 1), np.float32)
    upright = rest.copy()
    upright[:, 4::8] = 1  # changes across, so orientation 0
    edges = found(rest, upright, upright.transpose(1, 0, 2))[..., :4].mean(axis=(1, 2))
    assert edges[1, 0] > 0.05 and edges[1, 2] == pytest.approx(0, abs=1e-6)
    assert edges[2, 2] > 0.05 and edges[2, 0] == pytest.approx(0, abs=1e-6)


def test_what_does_not_fill_a_cell_is_left_out(rng):
    clip = rng.random((1, 3, 19, 17, 3)).astype(np.float32)
    layer = EdgesAndMotion(8, 4)
    assert layer(clip).shape == layer.compute_output_shape(clip.shape) == (1, 3, 2, 2, 6)


@pytest.mark.parametrize(("starts_apart", "frames"), [(True, 2), (False, 3)])
def test_the_reference_is_dropped_where_it_is_apart(starts_apart, frames):
    faces = keras.Input((3, 16, 16, 3))
    features = gradients(faces, **SETTINGS, starts_apart=starts_apart)
    assert features.shape == (None, frames, 2 * 2 * 6 + 3)


def test_another_reference_is_refused():
    with pytest.raises(ValueError, match="reference=first"):
        gradients(keras.Input((3, 16, 16, 3)), **SETTINGS | {"reference": "none"})
