"""What the model is given of a picture feature: standardised by the training clips."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_CONSTANT = 1e-6  # a deviation at or below this share of the largest one is rounding


@dataclass(frozen=True)
class PictureInput:
    """Means and scales of the training clips' frames, each (D,) float32.

    how: `feature` divides each of the D values by its own deviation; `block` all values of a part,
    such as the histograms of one cell size, by one number, so that each part has a mean power of
    one and the values within it keep their proportions.
    """

    how: str
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def fit(
        cls, how: str, *, train: Iterable[np.ndarray], blocks: tuple[int, ...]
    ) -> "PictureInput":
        """Fit on the training clips alone.

        train: (F, D) a clip, read one after the other; blocks: values of each part, D in all.
        """
        count, total, squares = 0, 0.0, 0.0
        for features in train:
            values = features.astype(np.float64)
            count += len(values)
            total = total + values.sum(axis=0)
            squares = squares + np.square(values).sum(axis=0)
        mean = total / count
        power = np.maximum(squares / count - np.square(mean), 0.0)  # (D,)
        if how == "block":
            ends = np.cumsum(blocks)[:-1]
            power = np.concatenate([np.full(len(b), b.mean()) for b in np.split(power, ends)])
        deviation = np.sqrt(power)
        varies = deviation > _CONSTANT * deviation.max()
        scale = np.where(varies, deviation, np.inf)  # what never changes becomes 0
        return cls(how, mean.astype(np.float32), scale.astype(np.float32))

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """(..., F, D) -> the same shape, standardised, float32."""
        return ((features - self.mean) / self.deviation).astype(np.float32)
