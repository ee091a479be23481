"""The concordance correlation coefficient as a loss and as a metric of Keras.

Source: Lin (1989), "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45.
"""

import keras
from keras import ops

_NOTHING = 1e-8  # a batch of one value is divided by this rather than by 0


def concordance(y_true, y_pred):
    """(T,): 2 cov / (var + var + (difference of means)^2) over a batch of (B, T) numbers."""
    true, said = ops.mean(y_true, axis=0), ops.mean(y_pred, axis=0)
    together = ops.mean((y_true - true) * (y_pred - said), axis=0)
    apart = ops.var(y_true, axis=0) + ops.var(y_pred, axis=0) + ops.square(true - said)
    return 2 * together / (apart + _NOTHING)


@keras.saving.register_keras_serializable(package="ravdess_exp")
class ConcordanceLoss(keras.losses.Loss):
    """1 less the concordance correlation coefficient of a batch, mean over the numbers."""

    def call(self, y_true, y_pred):
        """y_true, y_pred: (B, T). Returns one number for the batch."""
        return 1 - ops.mean(concordance(ops.cast(y_true, y_pred.dtype), y_pred))


@keras.saving.register_keras_serializable(package="ravdess_exp")
class Concordance(keras.metrics.Metric):
    """The coefficient over all clips since the last reset, mean over `count` numbers: (B, count) both."""

    def __init__(self, count: int, name: str = "ccc", **kwargs) -> None:
        super().__init__(name=name, **kwargs)
        self.count = count
        self.clips = self.add_weight(shape=(), initializer="zeros", name="clips")
        self.sums = self.add_weight(shape=(5, count), initializer="zeros", name="sums")

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add up; sample weights belong to the loss and are not used."""
        true, said = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
        parts = (true, said, true * true, said * said, true * said)
        self.sums.assign_add(ops.stack([ops.sum(part, axis=0) for part in parts]))
        self.clips.assign_add(ops.cast(ops.shape(true)[0], "float32"))

    def result(self):
        """The mean of the numbers' coefficients."""
        true, said, true2, said2, both = ops.unstack(
            self.sums / ops.maximum(self.clips, 1.0), num=5
        )
        apart = (true2 - true**2) + (said2 - said**2) + ops.square(true - said)
        return ops.mean(2 * (both - true * said) / (apart + _NOTHING))

    def get_config(self):
        return {**super().get_config(), "count": self.count}
