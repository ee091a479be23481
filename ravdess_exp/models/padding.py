"""Padding that is not read: which steps are sound, and layers that pass over the others.

Shorter clips have steps of exact zeros in front (`features.audio_input.pre_pad`). A step is sound from
the first one on that is not all zero; zeros after it, as a time mask leaves them, are sound too.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="ravdess_exp")
class SoundSteps(keras.layers.Layer):
    """(B, M, N) -> (B, M) bool: false for the steps of zeros in front."""

    def call(self, steps):
        sound = ops.any(ops.not_equal(steps, 0), axis=-1)
        return ops.cumsum(ops.cast(sound, "int32"), axis=1) > 0

    def compute_output_spec(self, steps):
        return keras.KerasTensor(steps.shape[:2], dtype="bool")


@keras.saving.register_keras_serializable(package="ravdess_exp")
class ZeroPadding(keras.layers.Layer):
    """Steps (B, M, N) and which are sound (B, M) -> (B, M, N): zeros in the others."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True  # Keras's own mask ends here: convolutions know none

    def call(self, steps, sound):
        return ops.where(sound[..., None], steps, ops.zeros_like(steps))

    def compute_mask(self, inputs, previous_mask):
        return None

    def compute_output_spec(self, steps, sound):
        return keras.KerasTensor(steps.shape, dtype=self.compute_dtype)


@keras.saving.register_keras_serializable(package="ravdess_exp")
class EitherStep(keras.layers.Layer):
    """(B, M) bool -> (B, M/2) bool: whether one of two steps is sound, counted from the end."""

    def call(self, sound):
        even = ops.pad(sound, [[0, 0], [sound.shape[1] % 2, 0]])
        return ops.any(ops.reshape(even, (-1, even.shape[1] // 2, 2)), axis=-1)

    def compute_output_spec(self, sound):
        return keras.KerasTensor((sound.shape[0], -(-sound.shape[1] // 2)), dtype="bool")


@keras.saving.register_keras_serializable(package="ravdess_exp")
class StepStatistics(keras.layers.Layer):
    """Mean, deviation, largest and smallest value over time: (B, M, N) -> (B, 4*N).

    Only over the steps that are sound, (B, M) bool, where it is given; 0 where none is.
    """

    def call(self, steps, sound=None):
        exact = ops.cast(steps, "float32")
        weights = ops.ones_like(exact[..., :1])
        if sound is not None:
            weights = ops.cast(sound[..., None], "float32")  # (B, M, 1)
        count = ops.maximum(ops.sum(weights, axis=1), 1)  # (B, 1)
        mean = ops.sum(exact * weights, axis=1) / count  # (B, N)
        squares = ops.square(exact - mean[:, None]) * weights
        deviation = ops.sqrt(ops.sum(squares, axis=1) / count + 1e-6) - 1e-3  # 0 has a gradient too
        largest = ops.max(exact - (1 - weights) * 1e9, axis=1)
        smallest = ops.min(exact + (1 - weights) * 1e9, axis=1)
        heard = ops.max(weights, axis=1)  # (B, 1)
        ends = [ops.where(heard > 0, end, 0.0) for end in (largest, smallest)]
        together = ops.concatenate([mean, deviation, *ends], axis=-1)
        return ops.cast(together, self.compute_dtype)

    def compute_output_spec(self, steps, sound=None):
        return keras.KerasTensor((steps.shape[0], 4 * steps.shape[2]), dtype=self.compute_dtype)


@keras.saving.register_keras_serializable(package="ravdess_exp")
class StepChanges(keras.layers.Layer):
    """How much the values change within 1, 4 and 12 steps: (B, M, N) -> (B, 6*N).

    Of each distance the mean size of the change and its root mean square, over pairs of steps that are
    both sound, (B, M) bool, where it is given; 0 where there is no pair. A distance of M steps or more
    has none.
    """

    DISTANCES = (1, 4, 12)

    def call(self, steps, sound=None):
        exact = ops.cast(steps, "float32")
        parts = []
        for distance in self.DISTANCES:
            change = ops.abs(exact[:, distance:] - exact[:, :-distance])  # (B, M-distance, N)
            weights = ops.ones_like(change[..., :1])
            if sound is not None:  # sound has no gap: where the earlier step is, the later is too
                weights = ops.cast(sound[:, :-distance, None], "float32")
            count = ops.maximum(ops.sum(weights, axis=1), 1)
            size = ops.sum(change * weights, axis=1) / count
            power = ops.sum(change**2 * weights, axis=1) / count
            parts += [size, ops.sqrt(power + 1e-6) - 1e-3]  # 0 has a gradient too
        return ops.cast(ops.concatenate(parts, axis=-1), self.compute_dtype)

    def compute_output_spec(self, steps, sound=None):
        width = 2 * len(self.DISTANCES) * steps.shape[2]
        return keras.KerasTensor((steps.shape[0], width), dtype=self.compute_dtype)


def halved(steps, sound=None):
    """The larger of every two steps, (B, M, N) -> (B, M/2, N), and which of those are sound.

    Where padding is not read, pairs are counted from the end, so that none depends on how much of it
    there is; without `sound` from the start, as Keras does.
    """
    if sound is None:
        return layers.MaxPooling1D(padding="same")(steps), None
    even = layers.ZeroPadding1D((steps.shape[1] % 2, 0))(steps)  # steps are not negative
    return layers.MaxPooling1D()(even), EitherStep()(sound)
