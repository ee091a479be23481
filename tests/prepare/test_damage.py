"""Damage is done to the file: what comes after it, trimming and detection too, sees it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.io import wavfile

from ravdess_exp.corpus.manifest import scan
from ravdess_exp.errors import FaceError
from ravdess_exp.media.decode import Recording
from ravdess_exp.prepare.damage import Damage, DamagedRecording, damaged_arrays
from ravdess_exp.prepare.damaged import damaged_clips
from ravdess_exp.prepare.entries import faces_of, feature_of, speech_of
from ravdess_exp.prepare.preparation import Preparation
from ravdess_exp.prepare.store import Store
from tests.prepare.test_clips import RECIPE

FEW = replace(RECIPE, frames=2)  # a detector looks long at a picture of noise
RATE = RECIPE.feature.sample_rate


def arrays(path, damage: Damage, modality: str = "both", recipe=RECIPE, **of_file) -> dict:
    with Recording(path, **of_file) as recording:
        rng = damage.generator("content", 0)
        return damaged_arrays(recording, damage, rng, recipe=recipe, modality=modality)


def clean(path, recipe=RECIPE) -> tuple[dict, np.ndarray]:
    with Recording(path) as recording:
        speech = speech_of(recording, recipe)
        return speech, faces_of(recording, speech, recipe)["faces"]


@pytest.mark.parametrize("decibels", [20, 5, -5])
def test_noisy_sound_is_that_of_a_noisy_file(tmp_path, rng, decibels):
    """A file with the same noise in it, prepared as any other, gives the very same values."""
    voice = np.sin(np.arange(RATE) * 0.2) * np.hanning(RATE) ** 2
    sound = np.pad(voice, (RATE // 2, RATE // 3)).astype(np.float32)
    wavfile.write(tmp_path / "clean.wav", RATE, sound)
    damage = Damage(sound_db=decibels)
    with Recording(tmp_path / "clean.wav", picture=False) as recording:
        speech = speech_of(recording, RECIPE)["waveform"]
    power = np.mean(np.square(speech, dtype=np.float64))
    noise = damage.generator("content", 0).normal(
        0, np.sqrt(power / 10 ** (decibels / 10)), len(sound)
    )
    wavfile.write(tmp_path / "noisy.wav", RATE, (sound + noise).astype(np.float32))
    with Recording(tmp_path / "noisy.wav", picture=False) as recording:
        file = speech_of(recording, RECIPE)
    found = arrays(tmp_path / "clean.wav", damage, "audio", picture=False)["feature"]
    np.testing.assert_allclose(found, feature_of(file["waveform"], RECIPE), atol=1e-4)
    if decibels < 0:
        assert found.shape[1] != feature_of(speech, RECIPE).shape[1], "trimmed as if it were clean"


def test_noise_on_the_sound_moves_the_frames(clip_path):
    """They lie where the noisy sound is taken for speech: here, all of it."""
    _, faces = clean(clip_path)
    found = arrays(clip_path, Damage(sound_db=-20))
    assert found["faces"].shape == faces.shape and (found["faces"] != faces).any()


def test_noise_on_the_picture_is_in_the_frames_that_the_detector_sees(clip_path):
    speech, faces = clean(clip_path)
    found = arrays(clip_path, Damage(picture=0.05))
    np.testing.assert_array_equal(found["feature"], feature_of(speech["waveform"], RECIPE))
    assert (found["faces"] != faces).any()
    with pytest.raises(FaceError):  # the oracle would still have its crops
        arrays(clip_path, Damage(picture=1.0), recipe=FEW)
    with Recording(clip_path) as recording:
        times = np.linspace(*recording.seconds, 2)
        plain = recording.frames(times)
    with Recording(clip_path) as recording:
        rng = np.random.default_rng(0)
        grainy = DamagedRecording(recording, Damage(picture=0.05), 0.0, rng).frames(times)
    middle = (plain > 60) & (plain < 195)
    assert (grainy[middle].astype(float) - plain[middle]).std() == pytest.approx(12.75, rel=0.03)


def test_without_sound_the_frames_are_those_of_the_whole_picture(clip_path):
    found = arrays(clip_path, Damage(silenced=True))
    with Recording(clip_path) as recording:
        whole = faces_of(recording, None, RECIPE)["faces"]
    assert set(found) == {"faces"}
    np.testing.assert_array_equal(found["faces"], whole)


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (Damage(sound_db=20.0), "sound_20dB"),
        (Damage(sound_db=-2.5), "sound_-2.5dB"),
        (Damage(picture=0.05), "picture_noise_0.05"),
        (Damage(silenced=True), "without_sound"),
    ],
)
def test_a_damage_says_what_it_is(damage, name):
    assert damage.name == name


def test_noise_belongs_to_the_clip_the_damage_and_the_seed():
    draws = {
        Damage(sound_db=decibels).generator(content, seed).normal()
        for decibels in (0, 10)
        for content in ("a", "b")
        for seed in (0, 1)
    }
    assert len(draws) == 8
    again = Damage(sound_db=0).generator("a", 0).normal()
    assert again in draws


def test_clips_that_cannot_be_used_any_more_are_left_out(corpus, tmp_path):
    """And all is kept in the store: the second time the files are not read."""
    clips = [clip for clip in scan(corpus).clips if clip.actor == 1][:2]
    preparation = Preparation(
        recipe=FEW, store=tmp_path, modality="both", workers=1, max_failed=0, clip_seconds=60.0
    )
    asked = [Damage(sound_db=10), Damage(picture=1.0)]
    contents = {clip.name: clip.name for clip in clips}
    found = damaged_clips(clips, asked, contents=contents, preparation=preparation, seed=0)
    assert found[asked[0]].kept == (0, 1) and len(found[asked[0]].faces) == 2
    kept = found[asked[1]].kept  # a cascade may take noise for a face
    assert 0 not in kept and len(kept) == len(found[asked[1]].features)
    moved = [replace(clip, path=tmp_path / "gone.mp4") for clip in clips]
    again = damaged_clips(moved, asked, contents=contents, preparation=preparation, seed=0)
    for one, two in zip(found[asked[0]].features, again[asked[0]].features, strict=True):
        np.testing.assert_array_equal(one, two)
    assert len(list((Store(tmp_path).root / "damaged").rglob("*.npz"))) == 4
