"""What describes a contour over time: the functionals themselves."""

from itertools import pairwise

import numpy as np

STATISTICS = (
    "mean", "deviation", "skew", "kurtosis", "p05", "p25", "p50", "p75", "p95", "range", "quartile range",
    "slope", "curvature", "share above the middle", "place of maximum", "place of minimum",
)  # fmt: skip
_PERCENTILES = (5, 25, 50, 75, 95)
_FLAT = 1e-9  # a deviation below this share of the values is rounding


def statistics(contours: np.ndarray) -> np.ndarray:
    """The functionals of each contour by the names in `STATISTICS`: (N, T) -> (N, 16).

    Skew and kurtosis (less the normal distribution's 3) of what does not move are 0. Slope and
    curvature are the first two coefficients of Legendre's polynomials over the clip, so twice the
    slope is what the straight line through a contour gains; places are from 0 (start) to 1 (end).
    No frame at all counts as one of zeros.
    """
    rows, count = contours.shape
    if not count:
        return statistics(np.zeros((rows, 1)))
    mean, deviation = contours.mean(axis=1), contours.std(axis=1)
    flat = deviation <= _FLAT * np.abs(contours).max(axis=1)
    standard = (contours - mean[:, None]) / np.where(flat, np.inf, deviation)[:, None]
    percentiles = np.percentile(contours, _PERCENTILES, axis=1)
    low, lower, _, upper, high = percentiles
    middle = (low + high)[:, None] / 2
    end = max(1, count - 1)
    values = [
        mean, deviation, (standard**3).mean(axis=1), np.where(flat, 0, (standard**4).mean(axis=1) - 3),
        *percentiles, high - low, upper - lower, *_trend(contours),
        (contours > middle).mean(axis=1),
        contours.argmax(axis=1) / end, contours.argmin(axis=1) / end,
    ]  # fmt: skip
    return np.stack(values, axis=1)


def with_differences(contours: np.ndarray) -> np.ndarray:
    """Statistics of each contour and of its first difference over time: (N, T) -> (N, 32)."""
    return np.concatenate([statistics(contours), statistics(np.diff(contours, axis=1))], axis=1)


def where(contours: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """`with_differences` of some frames alone: (N, T), (T,) bool -> (N, 32).

    A difference counts where both of its frames are wanted.
    """
    both = wanted[1:] & wanted[:-1]
    changes = np.diff(contours, axis=1)[:, both]
    return np.concatenate([statistics(contours[:, wanted]), statistics(changes)], axis=1)


def contrast(contours: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Means over some frames, and those less the means over the others: (N, T) -> (N, 2).

    Where all frames are of one sort, their mean and 0.
    """
    if wanted.all() or not wanted.any():
        mean = contours.mean(axis=1)
        return np.stack([mean, np.zeros_like(mean)], axis=1)
    mean = contours[:, wanted].mean(axis=1)
    return np.stack([mean, mean - contours[:, ~wanted].mean(axis=1)], axis=1)


def thirds(contours: np.ndarray) -> np.ndarray:
    """Means over the three thirds of the time, each less the mean of all: (N, T) -> (N, 3)."""
    count = contours.shape[1]
    edges = np.linspace(0, count, 4)
    parts = [
        contours[:, int(low) : max(int(low) + 1, int(np.ceil(high)))].mean(axis=1)
        for low, high in pairwise(edges)
    ]
    return np.stack(parts, axis=1) - contours.mean(axis=1, keepdims=True)


def _trend(contours: np.ndarray) -> list[np.ndarray]:
    """Coefficients of the first two Legendre polynomials over time, fitted by least squares."""
    count = contours.shape[1]
    if count < 3:
        return [np.zeros(len(contours))] * 2
    time = np.linspace(-1, 1, count)
    basis = np.polynomial.legendre.legvander(time, 2)  # (T, 3)
    coefficients = np.linalg.solve(basis.T @ basis, basis.T @ contours.T)  # (3, N)
    return [coefficients[1], coefficients[2]]
