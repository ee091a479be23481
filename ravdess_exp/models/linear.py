"""What a linear model or a support vector machine is made of in Keras: what it reads, and its head.

A head holds what scikit-learn fitted as plain weights, so a model of it is saved, loaded and served as
a network is, and nothing is pickled.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable(package="ravdess_exp")
class GrayBlocks(layers.Layer):
    """Crops to the mean brightness of square blocks: (B, F, H, W, C) -> (B, F, H//S * W//S).

    size: S, the side of a block in pixels; what is left over at the right and below is not read.
    """

    def __init__(self, size: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.size = size

    def call(self, faces):
        _, frames, height, width, _ = faces.shape
        rows, columns = height // self.size, width // self.size
        gray = ops.mean(faces, axis=-1)[:, :, : rows * self.size, : columns * self.size]
        blocks = ops.reshape(gray, (-1, frames, rows, self.size, columns, self.size))
        return ops.reshape(ops.mean(blocks, axis=(3, 5)), (-1, frames, rows * columns))

    def compute_output_shape(self, input_shape):
        batch, frames, height, width, _ = input_shape
        return (batch, frames, (height // self.size) * (width // self.size))

    def get_config(self):
        return {**super().get_config(), "size": self.size}


@keras.saving.register_keras_serializable(package="ravdess_exp")
class ChangeFromFirst(layers.Layer):
    """Later frames less the clip's first one: (B, F, D) -> (B, F-1, D)."""

    def call(self, frames):
        return frames[:, 1:] - frames[:, :1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1] - 1, input_shape[2])


@keras.saving.register_keras_serializable(package="ravdess_exp")
class Standardise(layers.Layer):
    """Each value less a mean, divided by a scale, both from the training clips: (B, D) -> (B, D)."""

    def build(self, input_shape):
        shape = (input_shape[-1],)
        fixed = {"shape": shape, "trainable": False}
        self.mean = self.add_weight(name="mean", initializer="zeros", **fixed)
        self.scale = self.add_weight(name="scale", initializer="ones", **fixed)

    def call(self, inputs):
        return (inputs - self.mean) / self.scale

    def compute_output_shape(self, input_shape):
        return input_shape


@keras.saving.register_keras_serializable(package="ravdess_exp")
class RbfKernel(layers.Layer):
    """exp(-gamma * |x - s|^2) with each of S support vectors s: (B, D) -> (B, S)."""

    def __init__(self, support: int, gamma: float, **kwargs) -> None:
        super().__init__(**kwargs)
        self.support = support
        self.gamma = gamma

    def build(self, input_shape):
        shape = (self.support, input_shape[-1])
        self.vectors = self.add_weight(
            shape=shape, initializer="zeros", trainable=False, name="vectors"
        )

    def call(self, inputs):
        own = ops.sum(ops.square(inputs), axis=1, keepdims=True)  # (B, 1)
        theirs = ops.sum(ops.square(self.vectors), axis=1)  # (S,)
        apart = own + theirs - 2 * ops.matmul(inputs, ops.transpose(self.vectors))
        return ops.exp(-self.gamma * ops.maximum(apart, 0.0))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.support)

    def get_config(self):
        return {**super().get_config(), "support": self.support, "gamma": self.gamma}


@dataclass(frozen=True, kw_only=True)
class Head:
    """What was fitted to vectors of D values, as arrays.

    mean, scale: (D,), of the standardisation; kernel: (D, C) and bias: (C,), whose softmax the
    probabilities are, or which are numbers without an `activation`. Of a
    support vector machine: projection: (D, K) or None; support: (S, K) or
    (S, D), gamma: of the kernel; and `kernel` is (S, C).
    """

    mean: np.ndarray
    scale: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray
    projection: np.ndarray | None = None
    support: np.ndarray | None = None
    gamma: float | None = None
    activation: str | None = "softmax"

    def __call__(self, vectors, *, name: str):
        """(B, D) -> probabilities, or numbers, (B, C), by layers with these arrays; the last is `name`."""
        fixed = {"trainable": False, "dtype": "float32"}
        x = _holding(Standardise(dtype="float32"), vectors, self.mean, self.scale)
        if self.projection is not None:
            project = layers.Dense(self.projection.shape[1], use_bias=False, **fixed)
            x = _holding(project, x, self.projection)
        if self.support is not None:
            x = _holding(RbfKernel(len(self.support), self.gamma, **fixed), x, self.support)
        head = layers.Dense(len(self.bias), activation=self.activation, name=name, dtype="float32")
        return _holding(head, x, self.kernel, self.bias)


def _holding(layer: layers.Layer, inputs, *weights: np.ndarray):
    """What the layer makes of the inputs, with these weights."""
    output = layer(inputs)
    layer.set_weights(weights)
    return output


def pixels(faces, *, reference: str, block: int):
    """Mean brightness of blocks of `block` pixels: (B, F, H, W, C) -> (B, F', D), with no weights.

    reference: `first` takes the first frame from the others, F' = F - 1; `none` leaves it in.
    """
    frames = GrayBlocks(block)(faces)
    return ChangeFromFirst()(frames) if reference == "first" else frames
