"""Logistic regression, ridge and support vector machine: scikit-learn's, fitted in a row space."""

import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import recall_score
from sklearn.svm import SVC

from ravdess_exp.errors import TrainingError
from ravdess_exp.models.linear import Head
from ravdess_exp.training.rowspace import RowSpace

_STEPS = 10_000  # of L-BFGS; some hundred are usual
_TOLERANCE = 1e-8
_SHARPNESS = 5.0  # least squares aims at -1 and 1; its softmax would be no more than a hint
_NEVER = -1e9  # the bias of a class without clips


@dataclass(frozen=True, kw_only=True)
class _Linear(ABC):
    """Weights and biases, whose softmax the probabilities are.

    c: inverse of the penalty on the squared weights, for vectors of a `RowSpace`; None: chosen by
    speakers of the training clips. class_weights: each class by the inverse of its share. projection:
    number of principal components of the training clips that it is fitted on; None: all values.
    """

    c: float | None
    class_weights: bool
    projection: int | None
    _candidates: ClassVar[tuple[float, ...]]

    def candidates(self, space: RowSpace) -> list[float]:
        """Values of C to choose among; vectors of a row space are of one length in the mean."""
        return list(self._candidates)

    def scores(
        self, space: RowSpace, labels: np.ndarray, train: np.ndarray, c: float, classes: int
    ) -> np.ndarray:
        """(n, classes): what a fit to the rows `train` says of all rows, larger for more probable."""
        kernel, bias = self._fit(space.values[train], labels[train], c, classes)
        return space.values @ kernel + bias

    def quality(self, labels: np.ndarray, scores: np.ndarray) -> float:
        """UAR of (n, classes) of `scores`."""
        return mean_recall(labels, scores)

    def head(self, space: RowSpace, labels: np.ndarray, c: float, classes: int) -> Head:
        """Fit to all rows."""
        kernel, bias = self._fit(space.values, labels, c, classes)
        return Head(mean=space.mean, scale=space.scale, kernel=space.weights(kernel), bias=bias)

    @abstractmethod
    def _fit(
        self, values: np.ndarray, labels: np.ndarray, c: float, classes: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Weights (r, classes) and biases (classes,)."""


class Logistic(_Linear):
    """Multinomial logistic regression; c as scikit-learn counts it."""

    _candidates = (0.001, 0.003, 0.01, 0.03, 0.1)

    def _fit(
        self, values: np.ndarray, labels: np.ndarray, c: float, classes: int
    ) -> tuple[np.ndarray, np.ndarray]:
        weights = "balanced" if self.class_weights else None
        model = LogisticRegression(C=c, class_weight=weights, max_iter=_STEPS, tol=_TOLERANCE)
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                model.fit(values, labels)
            except ConvergenceWarning as error:
                raise TrainingError(
                    f"logistic regression with C={c:.3g} is not done after {_STEPS} steps; take a "
                    "smaller model.c, or model.projection"
                ) from error
        return _of_all_classes(model.classes_, model.coef_, model.intercept_, classes)


class Ridge(_Linear):
    """Least squares to 1 for a clip's class and -1 for the others.

    Of many values and few speakers it is better than `Logistic`, and as quick with variants of clips as
    without. Its scores are no log probabilities, so its softmax waits for a temperature
    (`training.calibration`). The penalty grows with the number of clips, so that one C suits clips
    with and without variants.
    """

    _candidates = (0.3, 1.0, 3.0, 10.0, 30.0)

    def _fit(
        self, values: np.ndarray, labels: np.ndarray, c: float, classes: int
    ) -> tuple[np.ndarray, np.ndarray]:
        weights = "balanced" if self.class_weights else None
        model = RidgeClassifier(alpha=len(values) / c, class_weight=weights, solver="cholesky")
        model.fit(values, labels)
        kernel, bias = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
        return _of_all_classes(model.classes_, _SHARPNESS * kernel, _SHARPNESS * bias, classes)


def _of_all_classes(
    known: np.ndarray, kernel: np.ndarray, bias: np.ndarray, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """(r, classes) and (classes,) of the rows that scikit-learn has: one a known class, or one of two."""
    if len(known) == 2:  # a sigmoid of one score is the softmax of its halves
        kernel, bias = np.concatenate([-kernel, kernel]) / 2, np.concatenate([-bias, bias]) / 2
    full_kernel, full_bias = np.zeros((classes, kernel.shape[1])), np.full(classes, _NEVER)
    full_kernel[known], full_bias[known] = kernel, bias
    return full_kernel.T, full_bias


@dataclass(frozen=True, kw_only=True)
class Svm:
    """Support vector machine with a Gaussian kernel, one for each pair of classes.

    A class's score is the sum of the signed distances of its pairs, and the probabilities are the
    softmax of these scores: a function that Keras has exactly, which scikit-learn's own, by Platt's
    scaling of each pair and a search, is not. c: inverse of the penalty; None: chosen by speakers of
    the training clips. gamma: of the kernel; `scale`: 1 / (values * their variance). class_weights,
    projection: see `_Linear`.
    """

    c: float | None
    gamma: float | Literal["scale"]
    class_weights: bool
    projection: int | None

    def candidates(self, space: RowSpace) -> list[float]:
        """Values of C to choose among; the kernel's values are at most 1 whatever the vectors."""
        return [0.3, 1.0, 3.0, 10.0, 30.0]

    def scores(
        self, space: RowSpace, labels: np.ndarray, train: np.ndarray, c: float, classes: int
    ) -> np.ndarray:
        """(n, classes): see `_Linear.scores`."""
        kernel = self._kernel(space)
        duals, bias = self._pairs(kernel[np.ix_(train, train)], labels[train], c, classes)
        return kernel[:, train] @ duals + bias

    def quality(self, labels: np.ndarray, scores: np.ndarray) -> float:
        """UAR of (n, classes) of `scores`."""
        return mean_recall(labels, scores)

    def head(self, space: RowSpace, labels: np.ndarray, c: float, classes: int) -> Head:
        """Fit to all rows."""
        duals, bias = self._pairs(self._kernel(space), labels, c, classes)
        rows = np.flatnonzero(np.any(duals != 0, axis=1))
        projected = self.projection is not None
        support = space.values[rows] if projected else space.values[rows] @ space.basis.T
        return Head(
            mean=space.mean,
            scale=space.scale,
            projection=space.basis if projected else None,
            support=support,
            gamma=self._gamma(space),
            kernel=duals[rows],
            bias=bias,
        )

    def _gamma(self, space: RowSpace) -> float:
        if self.gamma != "scale":
            return self.gamma
        # of centred values that is one over their mean square length
        return 1 / float(np.square(space.values).sum(axis=1).mean())

    def _kernel(self, space: RowSpace) -> np.ndarray:
        """(n, n) similarities of the training clips."""
        values = space.values
        lengths = np.square(values).sum(axis=1)
        apart = lengths[:, None] + lengths - 2 * values @ values.T
        return np.exp(-self._gamma(space) * np.maximum(apart, 0))

    def _pairs(
        self, kernel: np.ndarray, labels: np.ndarray, c: float, classes: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Dual weights (n, classes) and biases (classes,) of the sums over pairs."""
        counts = np.bincount(labels, minlength=classes)
        duals, bias = np.zeros((len(labels), classes)), np.zeros(classes)
        bias[counts == 0] = _NEVER
        known = np.flatnonzero(counts)
        for first, second in ((a, b) for a in known for b in known if a < b):
            rows = np.flatnonzero((labels == first) | (labels == second))
            weights = {k: len(labels) / (len(known) * counts[k]) for k in (first, second)}
            pair = SVC(
                C=c,
                kernel="precomputed",
                class_weight=weights if self.class_weights else None,
                tol=_TOLERANCE,
            ).fit(kernel[np.ix_(rows, rows)], labels[rows])
            dual, threshold = pair.dual_coef_[0], pair.intercept_[0]
            for sign, of in ((-1, first), (1, second)):
                duals[rows[pair.support_], of] += sign * dual
                bias[of] += sign * threshold
        return duals, bias


Classifier = Logistic | Ridge | Svm


def mean_recall(labels: np.ndarray, scores: np.ndarray) -> float:
    """UAR of (n, classes) scores, the largest of which names the class."""
    present = np.unique(labels)
    return recall_score(labels, scores.argmax(axis=1), average="macro", labels=present)
