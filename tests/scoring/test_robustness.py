"""One input missing or noisy: each condition is what it says, and leaves the other input alone."""

import tracemalloc

import numpy as np
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.scoring.robustness import NoisyFaces, conditions, noisy
from ravdess_exp.training.dataset import Samples
from tests.models.test_models import samples_for


def found(rng, modality: str = "both") -> tuple:
    config = validate(compose_config([f"modality={modality}", "evaluation=robust"]))
    samples = samples_for(config, rng)
    asked = config.evaluation.model_dump(exclude={"baseline", "sure_accuracy"})

    def hear(decibels: float) -> np.ndarray:
        return samples.audio + decibels

    return samples, dict(conditions(samples, **asked, hear=hear, see=noise_of(samples)))


def noise_of(samples):
    return lambda deviation: NoisyFaces(samples.faces, deviation=deviation, seed=0)


def test_every_condition_changes_one_input_only(rng):
    samples, by_name = found(rng)
    assert list(by_name) == [
        "without_sound", "without_picture", "sound_20dB", "sound_10dB", "sound_0dB",
        "picture_noise_0.05", "picture_noise_0.1", "picture_noise_0.2",
    ]  # fmt: skip
    assert not by_name["without_sound"].audio.any()
    assert not by_name["without_picture"].faces.any()
    for name, changed in by_name.items():
        kept = "faces" if "sound" in name else "audio"
        assert getattr(changed, kept) is getattr(samples, kept)
        assert changed.labels is samples.labels and changed.clips is samples.clips
    np.testing.assert_array_equal(by_name["sound_10dB"].audio, samples.audio + 10)


def test_noise_on_the_picture_is_as_strong_as_it_says(rng):
    samples, by_name = found(rng)
    middle = (samples.faces > 60) & (samples.faces < 195)
    changed = by_name["picture_noise_0.05"].faces[:].astype(float) - samples.faces
    assert changed[middle].std() == pytest.approx(0.05 * 255, rel=0.02)
    assert by_name["picture_noise_0.2"].faces[:].dtype == np.uint8


@pytest.mark.parametrize(("modality", "names"), [("audio", "sound_"), ("video", "picture_noise_")])
def test_a_model_of_one_input_is_only_asked_what_it_can_answer(rng, modality, names):
    _, by_name = found(rng, modality)
    assert by_name and all(name.startswith(names) for name in by_name)


@pytest.mark.parametrize("decibels", [20, 0, -5])
def test_the_ratio_of_speech_to_noise(rng, decibels):
    speech = np.sin(np.arange(50_000) / 20).astype(np.float32)
    noise = noisy(speech, decibels, rng) - speech
    ratio = 10 * np.log10(np.mean(speech**2) / np.mean(noise**2))
    assert ratio == pytest.approx(decibels, abs=0.2)


def test_the_noise_on_the_picture_belongs_to_the_clip(rng):
    """Alone, in a batch and in another order; and no two clips get the same."""
    faces = np.full((5, 2, 8, 8, 3), 128, np.uint8)
    noise = NoisyFaces(faces, deviation=20, seed=3)
    everything = noise[:]
    assert everything.shape == noise.shape and everything.dtype == np.uint8
    np.testing.assert_array_equal(noise[[4, 1]], everything[[4, 1]])
    np.testing.assert_array_equal(noise[np.array([2])][0], noise[2])
    np.testing.assert_array_equal(NoisyFaces(faces, deviation=20, seed=3)[:], everything)
    assert len({clip.tobytes() for clip in everything}) == 5
    assert (NoisyFaces(faces, deviation=20, seed=4)[:] != everything).any()


def test_noise_on_the_picture_takes_the_memory_of_one_clip(tmp_path):
    """Drawn for all clips at once, in float64, it took 16 times the faces: 200 MB here."""
    rows = Rows(tmp_path)
    for _ in range(170):
        rows.append(np.zeros((6, 64, 64, 3), np.uint8))
    size = 170 * 6 * 64 * 64 * 3
    labels = np.zeros(170, np.int64)
    samples = Samples(clips=(), audio=None, faces=rows, labels=labels, names=(), one_hot=False)
    tracemalloc.start()
    asked = {"missing": True, "sound_snr_db": [], "picture_noise": [0.1, 0.2]}
    for _, changed in conditions(samples, **asked, hear=None, see=noise_of(samples)):
        for start in range(0, 170, 10):
            changed.inputs(range(start, start + 10))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size, "a batch of 10 in float32 takes a quarter of it"
