"""Random convolutions over time of random sums of mel bands: what no one thought of describing."""

import functools
import math
import random
from collections.abc import Iterator

import numpy as np

KERNELS = 1500
QUANTILES = (0.1, 0.5, 0.9)
_TAPS = 9
_HIGH = 3  # taps of +2 among the others of -1, so that a constant is not heard
_LONGEST = 12.0  # windows between two taps, at most
_SMOOTH = 0.3  # share of kernels that average, by Hann's window, and so hear the constant
_PAIRED = 0.5  # share of kernels that hear one range of bands less another
_WIDEST = 0.57  # of the bands, that one range has at most
_NARROWEST = 0.025
_DECIBELS = 10.0  # to one unit


def random_kernels(bands: np.ndarray) -> np.ndarray:
    """Three quantiles over time of each of 1,500 kernels' outputs: (N, T) -> (1500, 3).

    bands: in decibels, a value every 10 ms; less the clip's mean, so that loudness is not heard. A
    kernel is nine taps, 1 to 11 windows apart, over the mean of one range of neighbouring bands, or over
    that less another's. Kernels are the same in every process and version of NumPy. Source:
    Dempster, Petitjean and Webb (2020), "ROCKET: exceptionally fast and accurate time series
    classification using random convolutional kernels", Data Mining and Knowledge Discovery 34.
    """
    count = bands.shape[1]
    heard = (bands - bands.mean()) / _DECIBELS
    found = np.empty((KERNELS, len(QUANTILES)))
    for distance, rows, sums, taps in _kernels(len(bands)):
        reach = distance * (_TAPS // 2)
        padded = np.pad(sums @ heard, ((0, 0), (reach, reach)), mode="edge")
        moved = sum(
            taps[:, [i]] * padded[:, i * distance : i * distance + count] for i in range(_TAPS)
        )
        found[rows] = np.quantile(moved, QUANTILES, axis=1).T
    return found


@functools.lru_cache(maxsize=4)
def _kernels(bands: int) -> list[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """All kernels by the distance of their taps: it, their numbers (k,), (k, bands) and (k, 9)."""
    draw = random.Random(1)  # whose `random()` is the same in every version of Python
    drawn = [(_distance(draw), _sum_of_bands(draw, bands), _taps(draw)) for _ in range(KERNELS)]
    groups = []
    for distance in sorted({of for of, _, _ in drawn}):
        rows = [row for row, (of, _, _) in enumerate(drawn) if of == distance]
        sums, taps = (np.stack([drawn[row][what] for row in rows]) for what in (1, 2))
        groups.append((distance, np.array(rows), sums, taps))
    return groups


def _distance(draw: random.Random) -> int:
    return int(_LONGEST ** draw.random())


def _sum_of_bands(draw: random.Random, bands: int) -> np.ndarray:
    """Weights (bands,): the mean of one range, or it less the mean of another."""
    ranges = _ranges(draw, bands)
    weights = next(ranges)
    return weights - next(ranges) if draw.random() < _PAIRED else weights


def _ranges(draw: random.Random, bands: int) -> Iterator[np.ndarray]:
    """Means over ranges of neighbouring bands, cut at the highest one."""
    while True:
        start = int(bands * draw.random())
        width = bands * _NARROWEST * (_WIDEST / _NARROWEST) ** draw.random()
        end = min(bands, start + max(1, round(width)))
        weights = np.zeros(bands)
        weights[start:end] = 1 / (end - start)
        yield weights


def _taps(draw: random.Random) -> np.ndarray:
    """(9,)"""
    if draw.random() < _SMOOTH:
        return np.hanning(_TAPS + 2)[1:-1] / math.sqrt(_TAPS)
    order = sorted(range(_TAPS), key=lambda _: draw.random())
    taps = np.full(_TAPS, -1.0)
    taps[order[:_HIGH]] = 2.0
    return taps
