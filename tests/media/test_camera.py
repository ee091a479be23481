"""A video file in a camera's place: windows of the newest frames, and no queue of them."""

import itertools
import time

import numpy as np
import pytest

from ravdess_exp.errors import DecodeError
from ravdess_exp.media.camera import Camera
from tests.helpers.media_files import write_media


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Two seconds that brighten evenly, at 25 frames a second."""
    levels = np.linspace(40, 215, 50).astype(np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (50, 48, 64, 3))
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_media(path, frames=np.ascontiguousarray(frames))


def test_windows_follow_one_another_until_the_film_ends(film):
    """Each has its frames in order, the one from its start first."""
    found = []
    with Camera(film, seconds=0.6) as camera:
        after = 0.0
        while window := camera.window(after, frames=4, start_apart=True):
            found.append(window)
            after = window[0][1]
    assert len(found) >= 2
    for (start, end), frames in found:
        assert frames.shape == (5, 48, 64, 3) and end - start == pytest.approx(0.6, abs=0.25)
        light = frames.mean(axis=(1, 2, 3))
        assert (light[0] == light[1]) and (np.diff(light[1:]) > 0).all()
    assert all(one[0][1] <= other[0][0] + 0.2 for one, other in itertools.pairwise(found))


def test_who_takes_long_is_given_the_newest(film):
    """And what came meanwhile is left out, not kept."""
    with Camera(film, seconds=0.3) as camera:
        (_, end), _ = camera.window(0.0, frames=2, start_apart=False)
        time.sleep(0.9)
        (start, _), _ = camera.window(end, frames=2, start_apart=False)
        assert start > end + 0.3
        assert len(camera._frames) < 15


@pytest.mark.parametrize(
    ("source", "reason"),
    [(97, "camera 97: no such camera"), ("text.mp4", "not a video"), ("none.mp4", "no such file")],
)
def test_what_is_no_camera_is_said_at_once(source, reason, tmp_path, capfd):
    (tmp_path / "text.mp4").write_text("no film")
    with pytest.raises(DecodeError, match=reason):
        Camera(source if isinstance(source, int) else tmp_path / source, seconds=1.0)
    assert capfd.readouterr().err == ""  # OpenCV's own lines are not for a user
