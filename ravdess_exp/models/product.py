"""Probabilities of several branches as one, and as sure as they may be."""

import keras
from keras import layers, ops

_LEAST = 1e-30  # a probability of 0 has no logarithm; float32 ends at 1e-38


@keras.saving.register_keras_serializable(package="ravdess_exp")
class Calibrated(layers.Layer):
    """Probabilities (B, classes) as sure as they may be: softmax(log(p) / temperature).

    The temperature is 1 until it is fitted on validation clips (`training.calibration`), and never
    changes which class is the most probable. Source: Guo et al. (2017), "On calibration of modern
    neural networks", ICML.
    """

    def build(self, input_shape):
        self.temperature = self.add_weight(
            shape=(), initializer="ones", trainable=False, name="temperature"
        )

    def call(self, probabilities):
        return ops.softmax(_log(probabilities) / self.temperature)

    def compute_output_shape(self, input_shape):
        return input_shape


@keras.saving.register_keras_serializable(package="ravdess_exp")
class LateProduct(layers.Layer):
    """The product of what K branches say, each as sure and as weighty as validation found it.

    Called with K probabilities (B, classes) and then the K raw inputs of the branches, of any shape;
    gives (B, classes): softmax of the sum of weight * log(p) / temperature over the branches.
    `temperature` and `weight` have one value a branch, 1 until they are fitted. A branch whose raw
    input is all zero has nothing to go by and drops out; the weights of the others are then brought
    to a mean of 1, so a single one says what it would say alone. Without any, all classes are equally
    probable.
    """

    def build(self, input_shape):
        count = (len(input_shape) // 2,)
        self.temperature = self.add_weight(
            shape=count, initializer="ones", trainable=False, name="temperature"
        )
        self.weight = self.add_weight(
            shape=count, initializer="ones", trainable=False, name="weight"
        )

    def call(self, inputs):
        count = len(inputs) // 2
        present = ops.stack([is_there(raw) for raw in inputs[count:]], axis=1)  # (B, K)
        share = present * self.weight
        total = ops.maximum(ops.sum(share, axis=1, keepdims=True), 1e-6)
        share = share * ops.sum(present, axis=1, keepdims=True) / total  # mean 1 over what is there
        said = ops.stack([_log(p) for p in inputs[:count]], axis=1)  # (B, K, classes)
        said = said / self.temperature[:, None]
        return ops.softmax(ops.sum(said * share[:, :, None], axis=1))

    def compute_output_shape(self, input_shape):
        return input_shape[0]


def _log(probabilities):
    return ops.log(ops.maximum(ops.cast(probabilities, "float32"), _LEAST))


def is_there(raw):
    """(B,) float32: 0 where a clip's raw input is all zero, 1 elsewhere."""
    axes = tuple(range(1, len(raw.shape)))
    return ops.cast(ops.any(ops.not_equal(raw, 0), axis=axes), "float32")
