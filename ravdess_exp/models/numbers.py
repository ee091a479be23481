"""The layers that a model of numbers ends in: the mean of its branches, and the numbers' own units."""

import keras
from keras import layers, ops

from ravdess_exp.models.product import is_there


@keras.saving.register_keras_serializable(package="ravdess_exp")
class InUnits(layers.Layer):
    """Standardised numbers (B, T) in the units of the training clips: value * deviation + mean.

    `mean` and `deviation` (T,) are those of the training clips' labels.
    """

    def build(self, input_shape):
        fixed = {"shape": (input_shape[-1],), "trainable": False}
        self.mean = self.add_weight(name="mean", initializer="zeros", **fixed)
        self.deviation = self.add_weight(name="deviation", initializer="ones", **fixed)

    def call(self, inputs):
        return inputs * self.deviation + self.mean

    def compute_output_shape(self, input_shape):
        return input_shape


@keras.saving.register_keras_serializable(package="ravdess_exp")
class LateMean(layers.Layer):
    """The weighted mean of what K branches say of T numbers.

    Called with K outputs (B, T) and then the K raw inputs of the branches, of any shape; gives (B, T).
    `weight` is (K, T), 1 until it is found on validation clips, one a number, since sound and picture know
    different ones. A branch whose raw input is all zero has nothing to go by and drops out; without any,
    0 is said, which is the mean of the training clips.
    """

    def build(self, input_shape):
        count = len(input_shape) // 2
        self.weight = self.add_weight(
            shape=(count, input_shape[0][-1]), initializer="ones", trainable=False, name="weight"
        )

    def call(self, inputs):
        count = len(inputs) // 2
        present = ops.stack([is_there(raw) for raw in inputs[count:]], axis=1)  # (B, K)
        share = present[:, :, None] * self.weight  # (B, K, T)
        said = ops.stack([ops.cast(one, "float32") for one in inputs[:count]], axis=1)
        return ops.sum(said * share, axis=1) / ops.maximum(ops.sum(share, axis=1), 1e-6)

    def compute_output_shape(self, input_shape):
        return input_shape[0]
