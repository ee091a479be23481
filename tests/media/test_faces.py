"""Every detector of conf/face finds faces, finds none where there is none, and takes the largest."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.demo import face
from ravdess_exp.errors import ConfigError
from ravdess_exp.media import crops as visual
from ravdess_exp.media.crops import crop_faces, fill_gaps, frame_times, loudest_half
from ravdess_exp.media.decode import Recording
from ravdess_exp.media.faces import Box, no_face, yunet_file
from ravdess_exp.media.faces.dlib import _load_dlib
from tests.helpers.landmarks import portrait

OPTIONS = sorted(path.stem for path in Path(conf_dir(), "face").glob("*.yaml"))
FINDERS = [name for name in OPTIONS if name != "none"]  # which looks for nobody


def built(option: str, *overrides: str):
    return validate(compose_config([f"face={option}", *overrides])).face.build()


@pytest.fixture(params=FINDERS)
def detector(request):
    return built(request.param)


def landscape() -> np.ndarray:
    """(240, 320, 3): a sky, a sun and hills; nobody there."""
    ys, xs = np.mgrid[:240, :320]
    sky = np.stack([120 - ys / 4, 160 - ys / 4, np.full_like(ys, 230)], axis=2).astype(np.uint8)
    cv2.circle(sky, (250, 50), 22, (250, 240, 180), -1)
    for level, green in ((150, 110), (185, 80)):
        sky[ys > level + 18 * np.sin(xs / 35 + level)] = (60, green, 50)
    return sky


def test_drawn_faces_are_found_and_the_box_lies_on_them(detector):
    frames = np.stack([portrait(actor) for actor in (1, 2, 5)])
    for box in detector(frames):
        assert box is not None
        assert box.overlap(Box(106, 55, 108, 125)) > 0.5


def test_nobody_in_a_landscape(detector):
    assert detector(landscape()[None]) == [None]


def test_of_several_faces_the_largest(detector):
    frame = cv2.resize(landscape(), (480, 240))
    frame[:, :320] = portrait(1)
    frame[60:180, 320:] = cv2.resize(portrait(2), (160, 120), interpolation=cv2.INTER_AREA)
    (box,) = detector(frame[None])
    assert 100 < box.x + box.width / 2 < 220


@pytest.mark.parametrize("factor", [2, 4])
def test_the_same_box_whatever_the_size_of_the_image(detector, factor):
    frame = portrait()
    large = cv2.resize(frame, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    (small_box,), (large_box,) = detector(frame[None]), detector(large[None])
    scaled = Box(*(getattr(large_box, v) / factor for v in ("x", "y", "width", "height")))
    assert small_box.overlap(scaled) > 0.8


def test_a_small_face_is_found_at_a_second_look(detector):
    """Too small once the frame is reduced, so these frames are looked at in full size."""
    frame = cv2.resize(landscape(), (1600, 900))
    frame[300:540, 700:1020] = portrait()
    (box,) = detector(frame[None])
    assert box is not None and box.overlap(Box(806, 355, 108, 125)) > 0.4


def test_a_face_that_is_too_small_is_told_with_the_setting_that_finds_it(detector):
    frame = cv2.resize(landscape(), (480, 270))
    frame[100:136, 200:248] = cv2.resize(portrait(), (48, 36), interpolation=cv2.INTER_AREA)
    frames = frame[None]
    assert detector(frames) == [None]
    message = str(no_face(detector, frames))
    assert "the face is too small: " in message and " pixels in a picture of 480 x 270" in message
    smallest = float(re.search(r"face\.smallest=(\S+) finds it", message)[1])
    boxes = replace(detector, smallest=smallest)(frames)
    assert any(box is not None and box.overlap(Box(216, 108, 16, 19)) > 0.3 for box in boxes)
    assert str(no_face(detector, frames * 0)) == "no face found in any of its 1 frames"


def test_faces_of_real_clips(detector, ravdess_root):
    paths = sorted(ravdess_root.rglob("*.mp4"))[::200]
    for path in paths:
        with Recording(path) as recording:
            frames = recording.frames([1.0, 1.5, 2.0])
        boxes = detector(frames)
        assert all(box is not None for box in boxes), path
        assert all(250 < box.height < 600 for box in boxes), path


@pytest.mark.slow
def test_drawn_faces_are_found_in_95_percent_of_the_frames(detector, rng):
    frames = []
    for actor in range(1, 25):
        painter = face.Painter(face.look_of(actor, 0))
        for parts in face.EXPRESSIONS.values():
            noise = rng.normal(0, 2, (240, 320, 3)).astype(np.int16)
            turn = {"shift": rng.normal(0, 3, 2), "roll": rng.normal(0, 0.04)}
            frames.append(painter.frame(np.array(parts), light=1.0, noise=noise, **turn))
    found = [detector(np.stack(frames[i : i + 24])) for i in range(0, len(frames), 24)]
    share = np.mean([box is not None for boxes in found for box in boxes])
    assert share >= 0.95


def test_a_gap_takes_the_nearest_box_of_the_same_clip():
    a, b = Box(1, 1, 5, 5), Box(2, 2, 6, 6)
    assert fill_gaps([None, a, None, None, b, None]) == [a, a, a, b, b, b]
    assert fill_gaps([a, None, b]) == [a, a, b], "the earlier of two equally near ones"


def test_a_detector_keeps_nothing_from_one_clip_to_the_next(detector):
    assert detector(portrait()[None])[0] is not None
    assert detector(landscape()[None]) == [None]


def test_frame_times_are_evenly_spaced_in_the_speech():
    times = frame_times((1.0, 2.2), 6)
    assert len(times) == 6 and times[0] >= 1.0 and times[-1] <= 2.2
    assert np.allclose(np.diff(times), np.diff(times)[0])
    assert np.mean(times) == pytest.approx(1.6)


def crop_face(frame: np.ndarray, box: Box, **settings) -> np.ndarray:
    return crop_faces(frame[None], [box], align=False, **settings)[0]


def test_the_crop_is_a_square_around_the_box():
    frame = np.zeros((100, 200, 3), np.uint8)
    frame[30:70, 80:110] = 255
    crop = crop_face(frame, Box(80, 30, 30, 40), margin=0.0, size=40)
    assert crop.shape == (40, 40, 3) and crop.dtype == np.uint8
    assert crop.mean() == pytest.approx(255 * 30 / 40, rel=0.05)
    wider = crop_face(frame, Box(80, 30, 30, 40), margin=0.5, size=40)
    assert wider.mean() == pytest.approx(crop.mean() / 4, rel=0.1)


def test_a_crop_over_the_edge_repeats_the_edge():
    frame = np.full((50, 50, 3), 7, np.uint8)
    crop = crop_face(frame, Box(-20, -30, 40, 60), margin=0.2, size=16)
    assert crop.shape == (16, 16, 3) and (crop == 7).all()


def test_a_large_face_is_averaged_not_sampled(rng):
    """A crop of fine noise must be grey, as with any proper reduction."""
    noise = rng.integers(0, 2, (512, 512, 1), dtype=np.uint8).repeat(3, axis=2) * 255
    crop = crop_face(noise, Box(0, 0, 512, 512), margin=0.0, size=64)
    assert crop.std() < 255 / 2 / 6


@pytest.mark.parametrize("degrees", [-20, 0, 15])
def test_aligned_eyes_are_level_and_in_the_same_place(degrees):
    """A white dot in each eye comes out at the same two pixels whatever the head does."""
    turn = np.radians(degrees)
    frames, boxes = [], []
    for shift in (0, 8, -5):
        middle = np.array([160 + shift, 110.0])
        half = 40 * np.array([np.cos(turn), np.sin(turn)])
        eyes = (*(middle - half), *(middle + half))
        frame = np.zeros((240, 320, 3), np.uint8)
        for x, y in (eyes[:2], eyes[2:]):
            cv2.circle(frame, (round(x), round(y)), 5, (255, 255, 255), -1)
        frames.append(frame)
        boxes.append(Box(100, 50, 120, 150, eyes))
    crops = crop_faces(np.stack(frames), boxes, margin=0.1, size=64, align=True)
    for crop in crops:
        rows, columns = np.nonzero(crop[..., 0] > 100)
        left, right = columns < 32, columns >= 32
        assert rows[left].mean() == pytest.approx(rows[right].mean(), abs=1.0)
        assert rows.mean() == pytest.approx(64 * 0.36, abs=1.5)
        assert columns[right].mean() - columns[left].mean() == pytest.approx(64 * 0.4, abs=1.5)


@pytest.mark.parametrize("blurred", [True, False])
def test_a_part_of_the_frame_gives_the_crop_of_the_whole(monkeypatch, rng, blurred):
    """Only the part that a square needs is averaged; also where the square leaves the frame."""
    frame = rng.integers(0, 256, (240, 320, 3), dtype=np.uint8)
    for _ in range(40):
        x, y = rng.uniform(-60, 300), rng.uniform(-60, 220)
        side = rng.uniform(70, 200) if blurred else rng.uniform(8, 30)
        tilt = rng.uniform(-0.4, 0.4) * side
        box = Box(x, y, side, side, (x, y, x + side / 2, y + tilt))
        ways = []
        for around in (visual._around, lambda frame, square, spare: (frame, square)):
            with monkeypatch.context() as patched:
                patched.setattr(visual, "_around", around)
                ways.append(crop_faces(frame[None], [box], margin=0.1, size=32, align=True)[0])
        difference = np.abs(ways[0].astype(int) - ways[1])
        assert difference.max() <= 2 and (difference > 0).mean() < 0.01  # 1/32 pixel, rounded


def test_without_eyes_nothing_is_aligned():
    frames = np.random.default_rng(0).integers(0, 255, (2, 50, 50, 3), dtype=np.uint8)
    boxes = [Box(5, 5, 30, 30, (15, 15, 25, 18)), Box(6, 5, 30, 30)]
    aligned, plain = (
        crop_faces(frames, boxes, margin=0.1, size=16, align=align) for align in (True, False)
    )
    np.testing.assert_array_equal(aligned, plain)


def test_eyes_of_real_clips_lie_in_the_box(ravdess_root):
    detector = validate(compose_config(["face=mtcnn"])).face.build()
    with Recording(min(ravdess_root.rglob("*.mp4"))) as recording:
        (box,) = detector(recording.frames([1.0]))
    left_x, left_y, right_x, right_y = box.eyes
    assert box.x < left_x < right_x < box.x + box.width
    assert box.y < min(left_y, right_y) and max(left_y, right_y) < box.y + 0.6 * box.height


@pytest.mark.parametrize("name", ["mtcnn", "yunet"])
def test_eyes_are_left_to_right_and_where_they_were_drawn(name):
    (box,) = built(name)(portrait()[None])
    left_x, left_y, right_x, right_y = box.eyes
    assert 120 < left_x < 150 < 170 < right_x < 200
    assert abs(left_y - right_y) < 8 and 95 < left_y < 135


def test_the_centre_crop():
    assert (
        built("none", "face.share=0.5")(np.zeros((2, 100, 200, 3), np.uint8))
        == [Box(75, 25, 50, 50)] * 2
    )


def test_yunet_takes_the_file_it_is_given(tmp_path):
    shipped = yunet_file(None)
    mine = tmp_path / "mine.onnx"
    mine.write_bytes(shipped.read_bytes())
    (expected,) = built("yunet")(portrait()[None])
    assert built("yunet", f"face.model={mine}")(portrait()[None]) == [expected]


def test_a_file_that_is_no_yunet(tmp_path):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no model")
    with pytest.raises(
        ConfigError, match=r"face\.model=.*bad\.onnx: not a model that OpenCV reads"
    ):
        built("yunet", f"face.model={bad}")(portrait()[None])


def test_yunet_without_its_package_or_file(monkeypatch):
    detector = built("yunet")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"face=yunet needs its model: .* -m pip install"):
        detector(portrait()[None])
    with pytest.raises(ConfigError, match=r"face\.model=/nowhere: no such file"):
        yunet_file("/nowhere")


def test_dlib_without_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    _load_dlib.cache_clear()
    with pytest.raises(ConfigError, match=r"pip install 'ravdess_exp\[dlib\]'"):
        built("dlib")(portrait()[None])


def test_gray_crops():
    frame = portrait()
    box = Box(106, 55, 108, 125)
    keys = {"margin": 0.1, "size": 32, "align": False}
    colour = crop_faces(frame[None], [box], **keys)
    gray = crop_faces(frame[None], [box], gray=True, **keys)
    assert gray.shape == (1, 32, 32, 1) and gray.dtype == np.uint8
    expected = colour[0] @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(gray[0, ..., 0], expected, atol=1)


def test_the_loudest_half(rng):
    """Three seconds of speech from 1.0 s on, loud from 2.5 s: the window lies over the loud part."""
    rate = 1000
    waveform = 0.01 * rng.normal(size=3 * rate)
    waveform[1500:2900] *= 20
    start, end = loudest_half(waveform, (1.0, 4.0), sample_rate=rate)
    assert end - start == pytest.approx(1.5)
    assert start <= 2.5 + 0.01 and end >= 3.9 - 0.01
    assert loudest_half(np.ones(3 * rate), (1.0, 4.0), sample_rate=rate) == (1.0, 2.5)
