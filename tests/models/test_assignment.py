"""`experiment=assignment` is the assignment to the letter: the same function, layer by layer."""

import keras
import numpy as np
import pytest
from keras import layers

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.models import audio_encoders, backbones
from ravdess_exp.run.build import build_parts, build_recipe

SHAPES = {"audio_shape": (24, 30, 1), "video_shape": (6, 64, 64, 3)}


def config_of(*overrides: str):
    return validate(compose_config(["experiment=assignment", *overrides]))


@pytest.fixture(scope="module")
def ours() -> keras.Model:
    model = build_parts(config_of()).model(**SHAPES, classes=7)
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:  # not the temperature, which stays 1
        weight.assign(rng.normal(0, 0.05, weight.shape))
    return model


def by_hand() -> keras.Model:
    """As a notebook writes it, a Keras layer after the other."""
    audio, video = keras.Input(SHAPES["audio_shape"]), keras.Input(SHAPES["video_shape"])
    sound = layers.Permute((2, 1))(layers.Reshape(SHAPES["audio_shape"][:2])(audio))
    sound = layers.Bidirectional(layers.LSTM(64, return_sequences=True))(sound)
    sound = layers.Bidirectional(layers.LSTM(64))(sound)
    frame = video
    for width in (16, 32, 64, 64):
        for _ in range(2):
            convolution = layers.Conv2D(width, 3, padding="same", activation="relu")
            frame = layers.TimeDistributed(convolution)(frame)
        frame = layers.TimeDistributed(layers.MaxPooling2D())(frame)
    frame = layers.TimeDistributed(layers.Flatten())(frame)
    both = layers.Concatenate()([sound, layers.GlobalMaxPooling1D()(frame)])
    both = layers.Dense(256, activation="relu")(both)
    return keras.Model([audio, video], layers.Dense(7, activation="softmax")(both))


def weights_of(model: keras.Model, *kinds: type) -> list[list]:
    """Weights of the layers of these kinds, those inside `TimeDistributed` too, in their order."""
    inner = [getattr(layer, "layer", layer) for layer in model.layers]
    named = [
        layer for layer in (*model.layers, *inner) if isinstance(layer, kinds) and layer.weights
    ]
    return [layer.weights for layer in dict.fromkeys(named)]


def test_it_is_the_function_that_the_assignment_writes_down(ours, rng):
    written = by_hand()
    for kind in (layers.Bidirectional, layers.Dense):
        for mine, theirs in zip(weights_of(ours, kind), weights_of(written, kind), strict=True):
            for weight, value in zip(theirs, mine, strict=True):
                weight.assign(value)
    # ours has a convolution's bias behind the pooling, in a layer of its own
    kernels = weights_of(ours, layers.Conv2D)
    biases = weights_of(ours, backbones.BiasRelu)
    convolutions = weights_of(written, layers.Conv2D)
    for (kernel,), (bias,), (to_kernel, to_bias) in zip(kernels, biases, convolutions, strict=True):
        to_kernel.assign(kernel)
        to_bias.assign(bias)
    inputs = [rng.random((3, *shape), dtype=np.float32) for shape in SHAPES.values()]
    one, two = (model.predict(inputs, verbose=0) for model in (ours, written))
    assert one.std() > 0.01, "the weights make a difference"
    np.testing.assert_allclose(one, two, atol=1e-5)
    assert sum(np.prod(w.shape) for w in ours.trainable_weights) == written.count_params()


def test_nothing_stands_between_that_the_assignment_has_not(ours):
    dense = [layer for layer in ours.layers if isinstance(layer, layers.Dense)]
    said = [(layer.units, layer.activation.__name__) for layer in dense]
    assert said == [(256, "relu"), (7, "softmax")]
    kinds = {type(layer).__name__ for layer in ours.layers}
    assert not kinds & {"Dropout", "SpatialDropout2D", "BatchNormalization", "StandardiseClip"}
    assert not any(getattr(layer, "kernel_regularizer", None) for layer in ours.layers)


def test_the_batch_and_the_training_are_plain():
    config = config_of()
    assert build_recipe(config).crops == 6, "the frames, and no reference apart"
    assert config.audio.n_mfcc == 24 and config.audio.standardise == "sample"
    augment = config.augment.model_dump(exclude={"target", "sound"})
    assert not any(augment.values()), "clips as they are"
    training = config.training
    assert (training.schedule, training.clip_norm, training.weight_decay) == ("constant", None, 0)
    assert (training.label_smoothing, training.mixup, training.ema) == (0, 0, None)
    assert not training.calibrate and not training.class_weights


def test_its_crops_may_come_from_the_key_points_of_dlib(tmp_path):
    model = tmp_path / "points.dat"
    model.write_bytes(b"")
    face = config_of("face=dlib", "face.align=true", f"face.landmarks={model}").face
    assert face.align and face.landmarks == str(model)


@pytest.mark.parametrize("steps", [(24, 12, 1), (24, 1)])
@pytest.mark.parametrize("name", ["blstm", "conv1d_lstm", "conv1d_gru", "conv2d"])
def test_every_encoder_can_do_without_its_last_layer(name, steps):
    settings = {"blstm": {"units": 4, "l2": 0.0}, "conv1d_lstm": {"units": 4, "filters": [4]}}
    settings |= {"conv1d_gru": {"units": 4, "filters": [4]}}
    own = {"dropout": 0.0} | settings.get(name, {"filters": [4]})
    own |= {} if name == "blstm" else {"momentum": 0.9}
    feature = keras.Input(steps)
    bare, with_it = (
        getattr(audio_encoders, name)(feature, dense=dense, **own) for dense in (None, 5)
    )
    assert len(bare.shape) == 2 and with_it.shape == (None, 5)
    dense = [x for x in keras.Model(feature, bare).layers if getattr(x, "units", 0) == 5]
    assert not dense


@pytest.mark.parametrize("reference", ["none", "features"])
@pytest.mark.parametrize("name", ["vgg", "resnet", "inception", "conv3d"])
def test_every_backbone_can_do_without_its_last_layer(name, reference):
    config = validate(compose_config([f"visual={name}", f"visual.reference={reference}"]))
    settings = config.visual.model_dump(exclude={"target"}) | {"dense": None, "dropout": 0.0}
    faces = keras.Input((3, 32, 32, 3))
    model = keras.Model(faces, getattr(backbones, name)(faces, **settings))
    assert model.output.shape[:2] == (None, 3) and len(model.output.shape) == 3
    assert not any(isinstance(layer, layers.Dense | layers.Dropout) for layer in model.layers)
