"""What is made of the sound of one clip, and what is said of it."""

from types import SimpleNamespace

import numpy as np
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.manifest import scan
from ravdess_exp.prepare.clips import prepare
from ravdess_exp.prepare.entries import speech_of
from ravdess_exp.prepare.store import Store
from ravdess_exp.run.clips import build_recipe
from tests.helpers.media_files import RATE, numbered_frames, write_media

RATE_OF_FEATURES = 16_000


@pytest.fixture(scope="module")
def recipe():
    return build_recipe(validate(compose_config(["audio=mfcc_mean", "face=none"])))


def heard(waveform: np.ndarray) -> SimpleNamespace:
    """A recording of this sound."""
    return SimpleNamespace(
        sound=lambda rate: waveform, sound_start=0.5, sound_digest=lambda: "digest"
    )


def speech(rng) -> np.ndarray:
    """Half a second of nothing, one of bursts, half a second of nothing; (samples,) float32."""
    bursts = rng.normal(0, 0.1, RATE_OF_FEATURES) * np.repeat([1, 0.1, 0.7, 1], 4000)
    return np.pad(bursts, 8000).astype(np.float32)


def test_an_offset_is_not_in_what_is_kept(rng, recipe):
    plain = speech(rng)
    kept = speech_of(heard(plain), recipe)
    moved = speech_of(heard(plain + np.float32(0.4)), recipe)
    np.testing.assert_allclose(moved["interval"], kept["interval"], atol=0.033)  # a hop
    common = min(len(moved["waveform"]), len(kept["waveform"]))
    np.testing.assert_allclose(moved["waveform"][:common], kept["waveform"][:common], atol=2e-3)
    assert str(kept["remark"]) == str(moved["remark"]) == ""


def test_a_small_offset_is_left_as_it_is(rng, recipe):
    sound = speech(rng) + np.float32(1e-4)
    first, last = np.rint((speech_of(heard(sound), recipe)["interval"] - 0.5) * RATE_OF_FEATURES)
    kept = speech_of(heard(sound), recipe)["waveform"]
    np.testing.assert_array_equal(kept, sound[int(first) : int(last)])


def test_what_cannot_be_trimmed_is_said_and_entries_before_that_are_read(tmp_path, rng, recipe):
    root, store = tmp_path / "Actor_01", Store(tmp_path / "store")
    noise = rng.normal(0, 0.1, RATE).astype(np.float32)
    path = write_media(root / "01-01-01-01-01-01-01.mp4", sound=noise, frames=numbered_frames(25))
    (clip,) = scan(tmp_path).clips
    settings = {
        "recipe": recipe,
        "store": store,
        "modality": "audio",
        "workers": 1,
        "max_failed": 0.0,
        "clip_seconds": 60.0,
        "progress": False,
    }
    found = prepare([clip], **settings)
    assert "cannot be told apart" in found.remarks[path.stem]
    key = store.key("speech", found.contents[clip.name], recipe.settings()["speech"])
    entry = store.get(key)
    del entry["remark"]
    store.put(key, **entry)  # as 0.2 wrote it
    again = prepare([clip], **settings)
    assert again.made == 0 and again.remarks == {}
    np.testing.assert_array_equal(again.features[0], found.features[0])
