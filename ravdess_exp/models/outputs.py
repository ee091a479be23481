"""What a model ends in: probabilities of classes, or numbers. Heads, their fusion, and the last layer."""

from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from ravdess_exp.models.numbers import InUnits, LateMean
from ravdess_exp.models.product import Calibrated, LateProduct

LAST = "emotion"  # the last layer of every model, which exports and old bundles know by this name


@dataclass(frozen=True)
class ClassOutput:
    """Probabilities of `count` classes: heads with a softmax, their product, a temperature."""

    count: int
    activation: str = "softmax"

    def fuse(self, tensors: list):
        """Probabilities (B, classes) of K heads and then the K raw inputs -> (B, classes)."""
        return LateProduct(dtype="float32", name="product")(tensors)

    def finish(self, said):
        """Probabilities as sure as they may be, (B, classes)."""
        return Calibrated(dtype="float32", name=LAST)(said)


@dataclass(frozen=True, eq=False)
class NumberOutput:
    """Numbers: linear heads, which say them standardised, their mean, and the numbers' own units.

    mean, deviation: (T,) of the training clips' labels.
    """

    mean: np.ndarray
    deviation: np.ndarray
    activation: str | None = field(default=None, init=False)

    @classmethod
    def of(cls, labels: np.ndarray) -> "NumberOutput":
        """labels: (n, T) of the training clips; a number that never changes is divided by 1."""
        deviation = labels.std(axis=0, dtype=np.float64)
        mean = labels.mean(axis=0, dtype=np.float64)
        return cls(mean, np.where(deviation > 0, deviation, 1.0))

    @property
    def count(self) -> int:
        """How many numbers."""
        return len(self.mean)

    def standardised(self, labels: np.ndarray) -> np.ndarray:
        """(n, T) in units -> (n, T) float32 as the heads say them."""
        return ((labels - self.mean) / self.deviation).astype(np.float32)

    def fuse(self, tensors: list):
        """(B, T) of K heads and then the K raw inputs -> (B, T), standardised."""
        return LateMean(dtype="float32", name="mean")(tensors)

    def finish(self, said):
        """In the numbers' own units, (B, T)."""
        layer = InUnits(dtype="float32", name=LAST)
        output = layer(said)
        layer.set_weights([self.mean, self.deviation])
        return output


Output = ClassOutput | NumberOutput


def output_for(labels: np.ndarray, count: int) -> Output:
    """For training labels: (n,) int of `count` classes, or (n, T) float of numbers."""
    return ClassOutput(count) if labels.ndim == 1 else NumberOutput.of(labels)


def output_of(model: keras.Model) -> Output:
    """What a finished model ends in."""
    last = model.get_layer(LAST)
    if not isinstance(last, InUnits):
        return ClassOutput(model.output_shape[-1])
    return NumberOutput(*(ops.convert_to_numpy(weight) for weight in (last.mean, last.deviation)))
