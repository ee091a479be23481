"""The reference crop: of the clip's start, first, also where no face is seen there; and features."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from ravdess_exp.errors import FaceError
from ravdess_exp.features.picture import Flow, Hog
from ravdess_exp.media.decode import Recording
from ravdess_exp.media.faces import Box, Centre
from ravdess_exp.prepare.entries import faces_of, picture_of, speech_of
from ravdess_exp.prepare.store import Store
from tests.helpers.media_files import tone, write_media
from tests.prepare.test_clips import RECIPE, module, prepared

CENTRE = replace(RECIPE, detector=Centre(margin=0.0, share=1.0), frames=3, size=16)
START = replace(CENTRE, reference="start")
HOG = Hog(cells=(8,), mirror=False, standardise="block")


@dataclass(frozen=True)
class Shy:
    """Finds a face in the frames named, in another place in each; for tests."""

    seen: tuple[int, ...]
    margin: float = 0.0
    align: ClassVar[bool] = False
    computed_by: ClassVar[tuple[str, ...]] = ()

    def __call__(self, frames):
        boxes = [Box(10.0 * i, 0.0, 20.0, 20.0) for i in range(len(frames))]
        return [box if i in self.seen else None for i, box in enumerate(boxes)]


def clip(folder, *, late: float = 0.0):
    """Four seconds that get brighter by 50 grey levels a second; speech from 1 s to 3 s.

    late: seconds that the picture starts after the sound.
    """
    levels = np.arange(60) / 15 * 50 + 10
    frames = np.ones((60, 96, 96, 3)) * levels[:, None, None, None]
    sound = tone(2.0, before=1.0, after=1.0)
    path = folder / "clip.mp4"
    write_media(path, sound=sound, frames=frames.astype(np.uint8), times=late + np.arange(60) / 15)
    return path


def crops_of(path, recipe):
    with Recording(path) as recording:
        return faces_of(recording, speech_of(recording, recipe), recipe)


def test_the_reference_is_the_frame_at_the_start_and_comes_first(tmp_path):
    path = clip(tmp_path)
    start, onset = (crops_of(path, recipe) for recipe in (START, CENTRE))
    assert start["faces"].shape == (4, 16, 16, 3) and start["found"].shape == (4,)
    np.testing.assert_array_equal(start["faces"][1:], onset["faces"])
    levels = start["faces"].mean(axis=(1, 2, 3))
    assert levels[0] == pytest.approx(10, abs=4), "the clip's first frame"
    assert levels[1] == pytest.approx(60, abs=8), "speech sets in after a second"


def test_no_reference_keeps_the_crops_of_the_frames(tmp_path):
    path = clip(tmp_path)
    none = crops_of(path, replace(CENTRE, reference="none"))
    np.testing.assert_array_equal(none["faces"], crops_of(path, CENTRE)["faces"])


def test_where_the_picture_starts_later_its_first_frame_counts(tmp_path):
    levels = crops_of(clip(tmp_path, late=0.4), START)["faces"].mean(axis=(1, 2, 3))
    assert levels[0] == pytest.approx(10, abs=4)
    assert levels[1] == pytest.approx(60 - 0.4 * 50, abs=8)


def test_of_a_part_of_a_file_the_reference_is_its_first_frame(tmp_path):
    with Recording(clip(tmp_path), segment=(1.5, 3.0)) as recording:
        seen = faces_of(recording, speech_of(recording, START), START)
    assert seen["faces"][0].mean() == pytest.approx(10 + 50 * 1.5, abs=6)


def test_a_start_without_a_face_takes_the_nearest_box(tmp_path):
    seen = crops_of(clip(tmp_path), replace(START, detector=Shy((1, 3))))
    assert seen["found"].tolist() == [False, True, False, True]
    np.testing.assert_array_equal(seen["boxes"][0], seen["boxes"][1])
    with pytest.raises(FaceError, match="no face found in any of its 4 frames"):
        crops_of(clip(tmp_path), replace(START, detector=Shy(())))


def test_registered_crops_keep_the_reference_and_their_shape(tmp_path):
    path = clip(tmp_path)
    plain = crops_of(path, START)["faces"]
    registered = crops_of(path, replace(START, register=True))["faces"]
    assert registered.shape == plain.shape and registered.dtype == np.uint8
    np.testing.assert_array_equal(registered[0], plain[0])


@pytest.mark.parametrize(("reference", "rows"), [("start", 3), ("onset", 4), ("none", 4)])
def test_a_picture_feature_has_a_row_a_frame(rng, reference, rows):
    crops = rng.integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    found = picture_of(crops, replace(CENTRE, reference=reference, picture=HOG))
    assert found.shape == (rows, 36)
    assert found[0].any() == (reference != "onset"), "less itself nothing is left"


def test_a_picture_feature_is_prepared_from_crops_that_are_there(corpus, tmp_path, monkeypatch):
    """HOG, then flow: each is kept by itself, and the second time nothing is decoded."""
    one = tmp_path / "one"
    one.mkdir()
    source = sorted((corpus / "Actor_01").glob("*.mp4"))[0]
    (one / source.name).write_bytes(source.read_bytes())
    recipe = replace(RECIPE, detector=CENTRE.detector, reference="start")
    crops = prepared(one, tmp_path / "store", recipe, modality="video")
    assert crops.faces.shape == (1, 7, 64, 64, 3)
    monkeypatch.setattr(module, "Recording", None)
    for picture in (HOG, Flow(grid=4, strain=False, mirror=True, standardise="feature")):
        with_feature = replace(recipe, picture=picture)
        found = prepared(one, tmp_path / "store", with_feature, modality="video")
        assert found.made == 1 and found.found.shape == (1, 7)
        assert found.faces.shape == (1, 6, sum(picture.blocks(64)))
        np.testing.assert_array_equal(found.faces[0], picture_of(crops.faces[0], with_feature))
    changed = replace(recipe, picture=replace(HOG, standardise="feature"))
    assert prepared(one, tmp_path / "store", changed, modality="video").made == 0
    for entry in Store(tmp_path / "store").root.glob("picture/*/*"):
        entry.write_bytes(b"damaged")
    again = prepared(one, tmp_path / "store", changed, modality="video")
    assert again.made == 1 and again.faces.shape == (1, 6, 7 * 7 * 36)
