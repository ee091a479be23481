"""The few layers that Keras lacks. All hold built-in types only, so a saved model runs no code."""

import sys

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="ravdess_exp")
class FoldFrames(keras.layers.Layer):
    """(B, F, H, W, C) -> (B*F, H, W, C): every frame becomes a sample of a 2D network.

    The same function as `TimeDistributed`, at a third of its cost.
    """

    def call(self, frames):
        return ops.reshape(frames, (-1, *frames.shape[2:]))

    def compute_output_shape(self, input_shape):
        return (None, *input_shape[2:])


@keras.saving.register_keras_serializable(package="ravdess_exp")
class UnfoldFrames(keras.layers.Layer):
    """(B*F, D) -> (B, F, D): the inverse of `FoldFrames`."""

    def __init__(self, frames: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.frames = frames

    def call(self, features):
        return ops.reshape(features, (-1, self.frames, *features.shape[1:]))

    def compute_output_shape(self, input_shape):
        return (None, self.frames, *input_shape[1:])

    def get_config(self):
        return {**super().get_config(), "frames": self.frames}


@keras.saving.register_keras_serializable(package="ravdess_exp")
class FoldChanges(keras.layers.Layer):
    """(B, F, H, W, C) -> (1 + B*(F-1), H, W, C): `FoldFrames` of clips less their first frame.

    Those first frames are all zero, so one stands for all and a sixth of the work is not done twice.
    Nothing behind it may look across samples, as batch normalisation does.
    """

    def call(self, frames):
        first = ops.zeros_like(frames[:1, 0])
        return ops.concatenate([first, ops.reshape(frames[:, 1:], (-1, *frames.shape[2:]))])

    def compute_output_shape(self, input_shape):
        return (None, *input_shape[2:])


@keras.saving.register_keras_serializable(package="ravdess_exp")
class SpreadFirst(keras.layers.Layer):
    """(1 + B*(F-1), D) -> (B*F, D): gives each clip its first frame back after `FoldChanges`."""

    def __init__(self, frames: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.frames = frames

    def call(self, features):
        width = features.shape[1]
        rest = ops.reshape(features[1:], (-1, self.frames - 1, width))
        first = ops.zeros_like(rest[:, :1]) + features[:1]
        return ops.reshape(ops.concatenate([first, rest], axis=1), (-1, width))

    def compute_output_shape(self, input_shape):
        return (None, *input_shape[1:])

    def get_config(self):
        return {**super().get_config(), "frames": self.frames}


@keras.saving.register_keras_serializable(package="ravdess_exp")
class BiasRelu(keras.layers.Layer):
    """relu(x + bias), one bias a channel.

    Put behind max pooling instead of in front of it, it is the same function (both are monotonous
    and act on each channel alone) on a quarter of the values.
    """

    def build(self, input_shape):
        self.bias = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="bias")

    def call(self, inputs):
        return ops.relu(inputs + self.bias)

    def compute_output_shape(self, input_shape):
        return input_shape


@keras.saving.register_keras_serializable(package="ravdess_exp")
class StandardiseClip(keras.layers.Layer):
    """Zero mean and unit variance of each colour over one clip: (B, F, H, W, C) -> the same shape.

    Light and skin differ more between people than an expression changes them.
    """

    def call(self, faces):
        mean = ops.mean(faces, axis=(1, 2, 3), keepdims=True)
        deviation = ops.std(faces, axis=(1, 2, 3), keepdims=True)
        return (faces - mean) / (deviation + 1e-3)

    def compute_output_shape(self, input_shape):
        return input_shape


@keras.saving.register_keras_serializable(package="ravdess_exp")
class LessFirstFrame(keras.layers.Layer):
    """Each frame, or its features, less the clip's first: (B, F, ...) -> the same shape.

    A clip starts near rest, so what remains is what the face does and not whose face it is.
    """

    def call(self, faces):
        return faces - faces[:, :1]

    def compute_output_shape(self, input_shape):
        return input_shape


@keras.saving.register_keras_serializable(package="ravdess_exp")
class WithoutFirstFrame(keras.layers.Layer):
    """The clip's frames without the first, or their features: (B, F, ...) -> (B, F-1, ...).

    The first is the reference, which has done its work.
    """

    def call(self, faces):
        return faces[:, 1:]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1] - 1, *input_shape[2:])


@keras.saving.register_keras_serializable(package="ravdess_exp")
class Statistics(keras.layers.Layer):
    """Mean, deviation, maximum and minimum over the frames: (B, F, D) -> (B, 4*D)."""

    def call(self, features):
        # of equal frames the deviation has no gradient at 0, where its square root is vertical
        deviation = ops.sqrt(ops.var(features, axis=1) + 1e-8)
        parts = [ops.mean(features, axis=1), deviation]
        parts += [ops.max(features, axis=1), ops.min(features, axis=1)]
        return ops.concatenate(parts, axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 4 * input_shape[2])


@keras.saving.register_keras_serializable(package="ravdess_exp")
class ApplicationInput(keras.layers.Layer):
    """Images in [0, 1] as a network of `keras.applications` was trained on them.

    (B, H, W, 3) -> the same shape, by that network's own `preprocess_input`.
    """

    def __init__(self, model: str, **kwargs) -> None:
        super().__init__(**kwargs)
        self.model = model

    def call(self, images):
        build = getattr(keras.applications, self.model)
        return sys.modules[build.__module__].preprocess_input(images * 255.0)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "model": self.model}
