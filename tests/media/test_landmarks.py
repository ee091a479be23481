"""dlib's key points: where the eyes are, which files are taken, and what the store knows of them."""

import types
from dataclasses import replace

import numpy as np
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.demo import face
from ravdess_exp.errors import ConfigError
from ravdess_exp.media.crops import crop_faces
from ravdess_exp.media.faces import Dlib, landmarks_file
from ravdess_exp.run.clips import build_recipe
from tests.helpers.landmarks import ACTORS, EYE_LEVEL, portrait, write_predictor


@pytest.fixture(scope="module", params=[5, 68])
def predictor(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("points")
    return write_predictor(folder / "points.dat", points=request.param)


def detector_of(landmarks, *, align: bool = True) -> Dlib:
    return Dlib(margin=0.1, detect_side=480, align=align, landmarks=str(landmarks))


def test_the_eyes_are_where_they_were_drawn(predictor):
    boxes = detector_of(predictor)(np.stack([portrait(actor) for actor in ACTORS]))
    for actor, box in zip(ACTORS, boxes, strict=True):
        left_x, left_y, right_x, right_y = box.eyes
        distance = face.look_of(actor, 0).eye_distance
        assert abs(left_x - (160 - distance)) < 4 and abs(right_x - (160 + distance)) < 4
        assert abs(left_y - EYE_LEVEL) < 3 and abs(right_y - EYE_LEVEL) < 3


def test_without_align_nothing_but_the_box(predictor):
    plain, aligned = (detector_of(predictor, align=way)(portrait()[None]) for way in (False, True))
    assert plain[0].eyes is None and replace(aligned[0], eyes=None) == plain[0]


def test_crops_are_placed_by_the_eyes(predictor):
    frames = np.stack([portrait(1), np.roll(portrait(1), 12, axis=1)])
    boxes = detector_of(predictor)(frames)
    assert boxes[1].eyes[0] - boxes[0].eyes[0] == pytest.approx(12, abs=3)
    settings = {"margin": 0.1, "size": 64}
    aligned = crop_faces(frames, boxes, align=True, **settings)
    upright = crop_faces(frames, boxes, align=False, **settings)
    assert (aligned != upright).any()


def test_a_frame_without_a_face_has_no_eyes(predictor):
    assert detector_of(predictor)(np.zeros((1, 240, 320, 3), np.uint8)) == [None]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no model", "not a shape predictor that dlib reads"),
        (7, "gives 7 points, expected 5 or 68"),
    ],
)
def test_a_file_of_another_kind(tmp_path, content, message):
    path = tmp_path / "points.dat"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        write_predictor(path, points=content)
    with pytest.raises(ConfigError, match=rf"face\.landmarks=.*points\.dat: {message}"):
        detector_of(path)(portrait()[None])


def test_the_file_of_the_package(monkeypatch, tmp_path, predictor):
    (tmp_path / "models").mkdir()
    shipped = tmp_path / "models" / "shape_predictor_5_face_landmarks.dat"
    shipped.write_bytes(predictor.read_bytes())
    package = types.SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: package)
    assert landmarks_file(None) == shipped
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install face_recognition_models, or name a"):
        landmarks_file(None)
    with pytest.raises(ConfigError, match=r"face\.landmarks=/no: no such file"):
        landmarks_file("/no")


def faces_key(*overrides: str) -> dict:
    return build_recipe(validate(compose_config(["face=dlib", *overrides]))).settings()["faces"]


def test_what_was_prepared_without_key_points_is_found_again(tmp_path):
    """The settings that name an entry are those of version 0.2, which had no key points."""
    before = faces_key()
    assert {"align", "landmarks"} & set(before) == set()
    one = write_predictor(tmp_path / "one.dat")
    other = tmp_path / "other.dat"
    other.write_bytes(one.read_bytes())
    aligned = [faces_key("face.align=true", f"face.landmarks={path}") for path in (one, other)]
    assert aligned[0] == aligned[1] != before, "the content counts, not the place"
