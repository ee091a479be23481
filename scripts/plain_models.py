"""The same models as a notebook would write them: each layer in `TimeDistributed`, frame by frame.

What the benchmarks compare with, and what a test proves equal to ours with the same weights.
"""

from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import keras
from keras import layers

from ravdess_exp.config.schema import Config
from ravdess_exp.models import backbones
from ravdess_exp.run.build import build_parts

_A_FRAME = ("Conv2D", "MaxPooling2D", "BatchNormalization", "GlobalAveragePooling2D", "Flatten")


def plain_vgg(faces, *, reference, filters, dense, dropout, l2, convolutions=1, starts_apart=False):
    """Convolutions with bias and ReLU, then pooling; `l2` is a matter of training."""
    del l2
    x = backbones.relative_faces(faces, reference=reference, starts_apart=starts_apart)
    for width in filters:
        for _ in range(convolutions):
            convolution = layers.Conv2D(width, 3, padding="same", activation="relu")
            x = layers.TimeDistributed(convolution)(x)
        x = layers.TimeDistributed(layers.MaxPooling2D())(x)
    x = layers.TimeDistributed(layers.Flatten())(x)
    x = layers.TimeDistributed(layers.Dropout(dropout))(x)
    if dense is None:
        return x
    return layers.TimeDistributed(layers.Dense(dense, activation="relu"))(x)


def plain(config: Config, *, audio_shape: tuple, video_shape: tuple, classes: int) -> keras.Model:
    """The model of this configuration, with its visual backbone written the plain way."""
    name = config.visual.target.rpartition(".")[2]
    settings = config.visual.model_dump(exclude={"target"})
    settings["starts_apart"] = config.frames.reference == "start"
    backbone = plain_vgg if name == "vgg" else getattr(backbones, name)
    with _frame_by_frame():
        parts = replace(build_parts(config), backbone=lambda faces: backbone(faces, **settings))
        return parts.model(audio_shape=audio_shape, video_shape=video_shape, classes=classes)


def same_weights(source: keras.Model, target: keras.Model) -> None:
    """Give the target the source's weights, which both have in the same order within each branch."""
    for ours, theirs in zip(_by_branch(source), _by_branch(target), strict=True):
        for weight, value in zip(theirs, ours, strict=True):
            weight.assign(value)


def _by_branch(model: keras.Model) -> list[list[keras.Variable]]:
    """Weights in front of the fusion, branch by branch, and those behind it."""
    fusion = [layer for layer in model.layers if isinstance(layer, layers.Concatenate)][-1]
    branches = [keras.Model(*pair).weights for pair in zip(model.inputs, fusion.input, strict=True)]
    known = {id(weight) for branch in branches for weight in branch}
    return [*branches, [weight for weight in model.weights if id(weight) not in known]]


@contextmanager
def _frame_by_frame():
    """Let the backbones build their layers in `TimeDistributed` instead of folding the frames."""

    def distributed(kind):
        return lambda *args, **kwargs: layers.TimeDistributed(kind(*args, **kwargs))

    wrapped = {name: distributed(getattr(layers, name)) for name in _A_FRAME}
    unfolded = SimpleNamespace(**{**vars(layers), **wrapped})
    kept = {name: getattr(backbones, name) for name in ("layers", "FoldFrames", "UnfoldFrames")}
    backbones.layers = unfolded
    backbones.FoldFrames = lambda: lambda frames: frames
    backbones.UnfoldFrames = lambda frames: lambda features: features
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(backbones, name, value)
