"""The choice of an encoder's layer: by training clips alone, speakers apart."""

from types import SimpleNamespace

import numpy as np
import pytest

from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.encoders.layers import layer_of, layer_scores

SPEAKERS = np.repeat(np.arange(6), 14)
LABELS = np.tile(np.arange(7), 12)


@pytest.fixture
def train(rng) -> list[np.ndarray]:
    """Three layers: noise; the emotion; and who speaks, by which each clip of a speaker is known."""
    noise = rng.normal(size=(84, 20))
    emotion = np.eye(20)[LABELS] * 4 + rng.normal(size=(84, 20))
    speaker = np.eye(20)[SPEAKERS] * 9 + np.eye(20)[13 + (LABELS + SPEAKERS) % 7] * 6
    return [
        np.stack(layers).astype(np.float32) for layers in zip(noise, emotion, speaker, strict=True)
    ]


def feature(layer, frames=None) -> SimpleNamespace:
    return SimpleNamespace(layer=layer, frames=frames, standardise="train")


def test_the_layer_that_knows_emotions_of_other_speakers_is_chosen(train):
    scores = layer_scores(train, LABELS, SPEAKERS)
    assert scores[1] > 0.8 and scores[0] < 0.4 and scores[2] < 0.4
    assert layer_of(feature("chosen"), train, LABELS, SPEAKERS) == 1


def test_a_fixed_layer_needs_no_labels(train):
    assert layer_of(feature("middle"), train, None, None) == 1
    assert layer_of(feature(3), train, None, None) == 2
    assert layer_of(feature(3, frames=10), train, None, None) is None
    assert layer_of(SimpleNamespace(frames=None), train, None, None) is None


def test_one_speaker_leaves_nobody_to_choose_by(train):
    assert layer_of(feature("chosen"), train[:14], LABELS[:14], SPEAKERS[:14]) == 0


def test_the_input_is_the_chosen_layer_standardised_by_training_clips(train):
    fitted = AudioInput.fit(feature("chosen"), train=train, layer=1)
    values = np.stack([fitted(sample) for sample in train])
    assert values.shape == (84, 20, 1) and fitted.layer == 1
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(values.std(axis=0), 1, atol=1e-4)
