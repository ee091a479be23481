"""Padding that is not read: zeros in front of a clip change no prediction, in any encoder over time."""

import keras
import numpy as np
import pytest

from ravdess_exp.models import audio_encoders
from ravdess_exp.models.padding import EitherStep, SoundSteps, StepChanges, StepStatistics

SETTINGS = {
    "blstm": {"units": 3, "dense": 4, "dropout": 0.2, "l2": 0.0},
    "conv1d_lstm": {"filters": [4, 5], "units": 3, "dense": 4, "dropout": 0.2, "momentum": 0.5},
    "conv1d_gru": {"filters": [4, 5], "units": 3, "dense": 4, "dropout": 0.2, "momentum": 0.5},
    "statistics": {"filters": [4], "dense": 4, "dropout": 0.2, "momentum": 0.5},
    "linear": {"values": "statistics"},
}


def encoder(name: str, frames: int, *, read_padding: bool) -> keras.Model:
    keras.utils.set_random_seed(1)
    feature = keras.Input((6, frames, 1))
    encode = getattr(audio_encoders, name)
    model = keras.Model(feature, encode(feature, **SETTINGS[name], read_padding=read_padding))
    rng = np.random.default_rng(0)
    for weight in model.weights:  # so that no shift and no deviation is where it began
        if "seed" not in weight.path:
            values = rng.normal(0, 0.4, weight.shape)
            weight.assign(np.abs(values) + 0.1 if "variance" in weight.path else values)
    for layer in model.layers:
        if getattr(layer, "activation", None) is keras.activations.relu:
            layer.bias.assign(np.full(4, 5.0))  # so that ReLU lets everything through
    return model


def padded(feature: np.ndarray, zeros: int) -> np.ndarray:
    return np.pad(feature, ((0, 0), (0, 0), (zeros, 0), (0, 0)))


@pytest.mark.parametrize("zeros", [1, 2, 3, 10])
@pytest.mark.parametrize("name", SETTINGS)
def test_zeros_in_front_change_nothing(name, zeros, rng):
    feature = rng.normal(size=(3, 6, 21, 1)).astype(np.float32)
    without = encoder(name, 21, read_padding=False).predict(feature, verbose=0)
    model = encoder(name, 21 + zeros, read_padding=False)
    found = model.predict(padded(feature, zeros), verbose=0)
    np.testing.assert_allclose(found, without, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SETTINGS)
def test_they_do_where_padding_is_read(name, rng):
    feature = rng.normal(size=(3, 6, 4, 1)).astype(np.float32)
    without = encoder(name, 4, read_padding=True).predict(feature, verbose=0)
    found = encoder(name, 14, read_padding=True).predict(padded(feature, 10), verbose=0)
    assert np.abs(found - without).max() > 1e-4


@pytest.mark.parametrize("name", SETTINGS)
def test_a_clip_without_sound_is_finite_and_trains(name):
    """As `modality_dropout` and a missing input make it: nothing but zeros."""
    model = encoder(name, 16, read_padding=False)
    feature = np.zeros((4, 6, 16, 1), np.float32)
    feature[3] = 1
    assert np.isfinite(model.predict(feature, verbose=0)).all()
    if model.trainable_weights:
        model.compile(optimizer="sgd", loss="mse")
        model.fit(feature, np.ones((4, model.output_shape[-1])), verbose=0)
        assert all(np.isfinite(weight).all() for weight in model.get_weights())


@pytest.mark.parametrize("name", SETTINGS)
def test_it_is_the_same_after_saving(name, tmp_path, rng):
    model = encoder(name, 20, read_padding=False)
    model.save(tmp_path / "model.keras")
    feature = padded(rng.normal(size=(2, 6, 12, 1)).astype(np.float32), 8)
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        again.predict(feature, verbose=0), model.predict(feature, verbose=0)
    )


def test_only_zeros_in_front_are_padding():
    steps = np.array([[[0, 0], [0, 1], [0, 0], [2, 0]], [[0, 0]] * 4], np.float32)
    sound = np.asarray(SoundSteps()(steps))
    np.testing.assert_array_equal(sound, [[False, True, True, True], [False] * 4])
    np.testing.assert_array_equal(EitherStep()(sound[:, 1:]), [[True, True], [False, False]])


def test_statistics_over_the_steps_that_are_sound():
    steps = np.array([[[9.0], [1.0], [3.0]]], np.float32)
    sound = np.array([[False, True, True]])
    np.testing.assert_allclose(StepStatistics()(steps, sound), [[2, 1, 3, 1]], atol=2e-3)
    np.testing.assert_allclose(StepStatistics()(steps)[:, 2:], [[9, 1]])
    np.testing.assert_allclose(StepStatistics()(steps, ~(sound | True)), [[0, 0, 0, 0]], atol=1e-6)


def test_changes_over_the_steps_that_are_sound():
    """By hand: 1, 3, 3, 7 change by 2, 0, 4; the step before them is padding."""
    steps = np.array([[[9.0], [1.0], [3.0], [3.0], [7.0]]], np.float32)
    sound = np.array([[False, True, True, True, True]])
    found = np.asarray(StepChanges()(steps, sound))
    np.testing.assert_allclose(found, [[2, np.sqrt(20 / 3), 0, 0, 0, 0]], atol=2e-3)
    np.testing.assert_allclose(np.asarray(StepChanges()(steps))[0, 2:4], [2, 2], atol=2e-3)
    still = np.asarray(StepChanges()(np.ones((2, 30, 3), np.float32)))
    assert still.shape == (2, 18)
    np.testing.assert_allclose(still, 0, atol=1e-6)
