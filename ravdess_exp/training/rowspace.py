"""Vectors of many values in the few coordinates that tell the training clips apart."""

from dataclasses import dataclass

import numpy as np

_LENGTH = 1000.0  # mean square length of the training clips, so that one C suits every feature
_NOTHING = 1e-12  # share of the largest variance below which a direction is rounding alone


@dataclass(frozen=True)
class RowSpace:
    """n vectors of D values, D often much larger, in r <= min(n, D) orthogonal coordinates.

    Distances and inner products of the vectors are the same in both, so a model that depends on
    nothing else, with a penalty on the length of its weights, is fitted in the r coordinates exactly
    as it would be in the D values, at a fraction of the cost. Source: Hastie & Tibshirani (2004),
    "Efficient quadratic regularization for expression arrays", Biostatistics 5(3).

    mean, scale: (D,), by which the vectors were standardised, in the mean to a square length of 1000,
    so that a penalty means the same whatever the number and the size of the values; values: (n, r)
    float64; basis: (D, r).
    """

    mean: np.ndarray
    scale: np.ndarray
    values: np.ndarray
    basis: np.ndarray

    @classmethod
    def of(
        cls, vectors: np.ndarray, scale: np.ndarray, *, components: int | None = None
    ) -> "RowSpace":
        """vectors: (n, D); scale: (D,), what they are divided by before their length is.

        components: only so many, those of most variance (PCA).
        """
        mean = vectors.mean(axis=0, dtype=np.float64)
        centred = (vectors - mean) / scale
        length = np.sqrt(np.square(centred).sum(axis=1).mean() / _LENGTH) or 1.0
        scale, centred = scale * length, centred / length
        wide = centred.shape[0] <= centred.shape[1]
        products = centred @ centred.T if wide else centred.T @ centred
        variances, directions = np.linalg.eigh(products)
        kept = np.flatnonzero(variances > _NOTHING * max(variances[-1], 1e-300))[::-1]
        kept = kept[:components]
        roots, directions = np.sqrt(variances[kept]), directions[:, kept]
        if wide:
            return cls(mean, scale, directions * roots, centred.T @ (directions / roots))
        return cls(mean, scale, centred @ directions, directions)

    def weights(self, of_values: np.ndarray) -> np.ndarray:
        """Weights (r, C) of the coordinates as weights (D, C) of the standardised vectors."""
        return self.basis @ of_values


def deviation(vectors: np.ndarray) -> np.ndarray:
    """(D,) standard deviations to divide (n, D) by; infinity where a value is a constant."""
    deviations = vectors.std(axis=0, dtype=np.float64)
    size = np.abs(vectors).max(axis=0)
    return np.where(deviations > 1e-6 * size, deviations, np.inf)
