"""The metric and the loss that Keras lacks."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="ravdess_exp")
class Uar(keras.metrics.Metric):
    """Unweighted average recall over the classes seen since the last reset.

    y_true: (B,) or one-hot (B, classes); y_pred: (B, classes) probabilities.
    """

    def __init__(self, classes: int, name: str = "uar", **kwargs) -> None:
        super().__init__(name=name, **kwargs)
        self.classes = classes
        self.hits = self.add_weight(shape=(classes,), initializer="zeros", name="hits")
        self.totals = self.add_weight(shape=(classes,), initializer="zeros", name="totals")

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count; sample weights belong to the loss and are not used."""
        if len(y_true.shape) == 2 and y_true.shape[-1] == self.classes:
            y_true = ops.argmax(y_true, axis=-1)
        true = ops.one_hot(ops.cast(ops.reshape(y_true, (-1,)), "int32"), self.classes)
        predicted = ops.one_hot(ops.argmax(y_pred, axis=-1), self.classes)
        self.hits.assign_add(ops.sum(true * predicted, axis=0))
        self.totals.assign_add(ops.sum(true, axis=0))

    def result(self):
        """Mean recall of the classes that have samples."""
        recalls = self.hits / ops.maximum(self.totals, 1.0)
        seen = ops.cast(self.totals > 0, "float32")
        return ops.sum(recalls) / ops.maximum(ops.sum(seen), 1.0)

    def get_config(self):
        return {**super().get_config(), "classes": self.classes}


@keras.saving.register_keras_serializable(package="ravdess_exp")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross entropy with label smoothing for integer labels, which Keras has for one-hot ones only."""

    def __init__(self, classes: int, label_smoothing: float, **kwargs) -> None:
        super().__init__(**kwargs)
        self.classes = classes
        self.label_smoothing = label_smoothing

    def call(self, y_true, y_pred):
        """y_true: (B,) int; y_pred: (B, classes) probabilities. Returns (B,)."""
        one_hot = ops.one_hot(ops.cast(ops.reshape(y_true, (-1,)), "int32"), self.classes)
        smoothing = self.label_smoothing
        return keras.losses.categorical_crossentropy(one_hot, y_pred, label_smoothing=smoothing)

    def get_config(self):
        own = {"classes": self.classes, "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **own}
