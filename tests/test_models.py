"""Every option builds, trains a step, saves, loads and predicts the same; layers do what they say."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from ravdess_exp.commandline import compose_config
from ravdess_exp.config import conf_dir, validate
from ravdess_exp.dataset import Batches, Samples
from ravdess_exp.experiment import model_for, seed_everything
from ravdess_exp.models.backbones import vgg
from ravdess_exp.models.layers import (
    BiasRelu,
    FoldFrames,
    LessFirstFrame,
    StandardiseClip,
    UnfoldFrames,
)
from ravdess_exp.training import compile_model
from tests.test_dataset import CLIPS

PARTS = ("audio_encoder", "visual", "pooling", "fusion", "training")
OPTIONS = [
    (group, path.stem) for group in PARTS for path in sorted(Path(conf_dir(), group).glob("*.yaml"))
]
MODALITIES = [("modality", name) for name in ("both", "audio", "video")]
LABELS = [("data.one_hot", "true"), ("data.classes", "8"), ("training.label_smoothing", "0.1")]


def samples_for(config, rng) -> Samples:
    shape = (10, config.frames.count, config.frames.size, config.frames.size, 3)
    audio = rng.normal(size=(10, config.audio.n_mfcc, 30, 1)).astype(np.float32)
    return Samples(
        clips=CLIPS,
        audio=None if config.modality == "video" else audio,
        faces=None if config.modality == "audio" else rng.integers(0, 256, shape, dtype=np.uint8),
        labels=np.arange(10) % config.data.classes,
        classes=config.data.classes,
        one_hot=config.data.one_hot,
    )


@pytest.mark.parametrize(("group", "option"), [*OPTIONS, *MODALITIES, *LABELS])
def test_every_option_trains_saves_and_loads(group, option, rng, tmp_path):
    config = validate(compose_config([f"{group}={option}", "frames.size=32"]))
    samples = samples_for(config, rng)
    seed_everything(0)
    model = model_for(config, samples)
    assert model.output_shape == (None, config.data.classes)
    batches = Batches(samples, batch_size=5)
    compile_model(model, settings=config.training, train=batches)
    before = [weight.copy() for weight in model.get_weights()]
    model.fit(batches.dataset(), verbose=0)
    moved = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert np.mean(moved) > 0.8, "a step moves the weights of all parts"
    inputs = samples.inputs(range(10))
    probabilities = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict(inputs, verbose=0), probabilities)


def test_default_model_is_the_one_documented(rng):
    config = validate(compose_config([]))
    model = model_for(config, samples_for(config, rng))
    assert [i.name for i in model.inputs] == ["audio", "video"]
    assert model.inputs[0].shape == (None, 24, 30, 1)
    assert model.inputs[1].shape == (None, 6, 64, 64, 3)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Bidirectional") == 2 and kinds.count("Conv2D") == 4
    units = [layer.units for layer in model.layers if isinstance(layer, layers.Dense)]
    assert {128, 256} <= set(units) and units[-1] == 7


def test_folded_frames_are_time_distributed(rng):
    """Our VGG is the plain one: convolution, bias, ReLU, pooling, applied to each frame."""
    faces = keras.Input((6, 32, 32, 3))
    ours = keras.Model(
        faces, vgg(faces, reference="none", filters=[4, 8], dense=5, dropout=0.0, l2=0.0)
    )
    for weight in ours.weights:
        weight.assign(rng.normal(0, 0.2, weight.shape))

    frame = keras.Input((32, 32, 3))
    x = frame
    for width in (4, 8):
        x = layers.MaxPooling2D()(layers.Conv2D(width, 3, padding="same", activation="relu")(x))
    x = layers.Dense(5, activation="relu")(layers.Flatten()(x))
    plain_frame = keras.Model(frame, x)
    plain = keras.Model(faces, layers.TimeDistributed(plain_frame)(faces))
    plain_frame.set_weights(ours.get_weights())
    images = rng.random((3, 6, 32, 32, 3), dtype=np.float32)
    np.testing.assert_allclose(
        ours.predict(images, verbose=0), plain.predict(images, verbose=0), atol=1e-4
    )


def test_fold_and_unfold_are_inverse(rng):
    frames = rng.normal(size=(2, 3, 4, 4, 1)).astype(np.float32)
    folded = FoldFrames()(frames)
    assert folded.shape == (6, 4, 4, 1)
    np.testing.assert_array_equal(folded[4], frames[1, 1])
    flat = np.reshape(frames, (6, 16))
    np.testing.assert_array_equal(UnfoldFrames(3)(flat)[1, 1], flat[4])


def test_reference_takes_the_person_out(rng):
    """The same movement on two faces of different colour and contrast looks the same."""
    movement = rng.normal(size=(1, 6, 8, 8, 3))
    movement[:, 0] = 0
    still = rng.normal(size=(1, 1, 8, 8, 3))
    clip = (0.1 * movement + still).astype(np.float32)
    twice = (2 * clip + 0.5).astype(np.float32)
    one, two = (LessFirstFrame()(StandardiseClip()(c)).numpy() for c in (clip, twice))
    np.testing.assert_allclose(one, two, atol=5e-3)
    assert not one[:, 0].any() and one[:, 1:].any()
    for colour in range(3):
        pair = one[..., colour].ravel(), movement[..., colour].ravel()
        assert np.corrcoef(*pair)[0, 1] > 0.999


def test_standardised_clip(rng):
    clip = StandardiseClip()(rng.normal(5, 3, (2, 6, 8, 8, 3)).astype(np.float32)).numpy()
    np.testing.assert_allclose(clip.mean(axis=(1, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(clip.std(axis=(1, 2, 3)), 1, atol=1e-2)


def test_bias_relu(rng):
    layer = BiasRelu()
    x = rng.normal(size=(2, 3, 3, 4)).astype(np.float32)
    np.testing.assert_array_equal(layer(x), np.maximum(x, 0))
    layer.bias.assign([1.0, -1.0, 0.0, 100.0])
    np.testing.assert_allclose(layer(x), np.maximum(x + [1, -1, 0, 100], 0), rtol=1e-6)
