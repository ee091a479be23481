"""Ridge regression to numbers, fitted in a row space as `training.classifiers` are."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.linear_model import Ridge as LeastSquares

from ravdess_exp.models.linear import Head
from ravdess_exp.models.outputs import NumberOutput
from ravdess_exp.training.objective import mean_ccc
from ravdess_exp.training.rowspace import RowSpace


@dataclass(frozen=True, kw_only=True)
class NumberRidge:
    """Least squares to numbers that are standardised by the training clips.

    c: inverse of the penalty a clip, as of `classifiers.Ridge`; None: chosen by speakers of the training
    clips, by the concordance of those left out. projection: see `classifiers._Linear`.
    """

    c: float | None
    projection: int | None
    _candidates: ClassVar[tuple[float, ...]] = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

    def candidates(self, space: RowSpace) -> list[float]:
        """Values of C to choose among."""
        return list(self._candidates)

    def scores(
        self, space: RowSpace, labels: np.ndarray, train: np.ndarray, c: float, classes: int
    ) -> np.ndarray:
        """(n, T): what a fit to the rows `train` says of all rows, standardised. labels: (n, T)."""
        kernel, bias = self._fit(space.values[train], labels[train], c)
        return space.values @ kernel + bias

    def quality(self, labels: np.ndarray, said: np.ndarray) -> float:
        """The mean concordance of (n, T) of `scores` with the labels."""
        return mean_ccc(NumberOutput.of(labels).standardised(labels), said)

    def head(self, space: RowSpace, labels: np.ndarray, c: float, classes: int) -> Head:
        """Fit to all rows."""
        kernel, bias = self._fit(space.values, labels, c)
        return Head(
            mean=space.mean,
            scale=space.scale,
            kernel=space.weights(kernel),
            bias=bias,
            activation=None,
        )

    def _fit(
        self, values: np.ndarray, labels: np.ndarray, c: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Weights (r, T) and biases (T,)."""
        aims = NumberOutput.of(labels).standardised(labels).astype(np.float64)
        model = LeastSquares(alpha=len(values) / c, solver="cholesky").fit(values, aims)
        return np.atleast_2d(model.coef_).T, np.atleast_1d(model.intercept_)
