"""The choice of an encoder's layer: by training clips alone, speakers apart."""

from types import SimpleNamespace

import numpy as np
import pytest

from ravdess_exp.errors import ConfigError
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.encoders.layers import layer_of, layer_scores
from ravdess_exp.features.encoders.steps import check_layer

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


def test_layers_side_by_side_are_one_row_after_the_other(train):
    assert layer_of(feature([3, 1]), train, None, None) == [2, 0]
    fitted = AudioInput.fit(feature([3, 1]), train=train, layer=[2, 0])
    assert fitted(train[0]).shape == (40, 1)
    one = AudioInput.fit(feature(3), train=train, layer=2)
    np.testing.assert_array_equal(fitted(train[5])[:20], one(train[5]))


@pytest.mark.parametrize(
    ("layer", "over_time", "message"),
    [
        ([1, 1], False, "each layer once"),
        ([1, 9], False, "1 to 3"),
        ([1, 2], True, "one layer with"),
    ],
)
def test_layers_that_cannot_be_taken(layer, over_time, message):
    with pytest.raises(ConfigError, match=message):
        check_layer(layer, 3, over_time=over_time)
