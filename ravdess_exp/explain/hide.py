"""A clip with a part of it hidden: a stretch of its sound, a band of its frequencies, a place of its face.

Sound is made 40 dB quieter rather than silent, since digital silence is no sound that a model has met.
Hiding parts and asking again is the occlusion of Zeiler & Fergus (2014), "Visualizing and understanding
convolutional networks", ECCV.
"""

from itertools import pairwise

import numpy as np

_QUIET = 0.01  # what is left of hidden sound: -40 dB
_FADE = 0.005  # seconds in which it gets quiet, so that there is no click


def stretches(samples: int, count: int) -> list[tuple[int, int]]:
    """`count` stretches of equal length, or one a sample: start, and the sample after the end."""
    edges = np.linspace(0, samples, min(count, samples) + 1).round().astype(int).tolist()
    return list(pairwise(edges))


def without_stretch(waveform: np.ndarray, start: int, end: int, *, rate: int) -> np.ndarray:
    """(samples,) with the samples from start to end hidden."""
    fade = min(round(_FADE * rate), (end - start) // 2)
    ramp = (1 + np.cos(np.pi * np.arange(1, fade + 1) / (fade + 1))) / 2  # from 1 to 0
    loud = np.zeros(end - start)
    loud[:fade], loud[len(loud) - fade :] = ramp, ramp[::-1]
    hidden = waveform.copy()
    hidden[start:end] *= (_QUIET + (1 - _QUIET) * loud).astype(waveform.dtype)
    return hidden


def mel_bands(rate: int, count: int) -> list[tuple[float, float]]:
    """`count` bands from 0 Hz to half the rate, equally wide to the ear: on the mel scale.

    Source: O'Shaughnessy (1987), "Speech communication: human and machine", mel = 2595 log10(1 + f/700).
    """
    mels = np.linspace(0, 2595 * np.log10(1 + rate / 2 / 700), count + 1)
    edges = (700 * (10 ** (mels / 2595) - 1)).tolist()
    return list(pairwise(edges))


def without_band(waveform: np.ndarray, low: float, high: float, *, rate: int) -> np.ndarray:
    """(samples,) with what lies from `low` to `high` Hz hidden."""
    from scipy import fft  # 0.3 s that other commands should not wait for

    length = fft.next_fast_len(len(waveform), real=True)
    frequencies = np.arange(length // 2 + 1) * rate / length
    last = high >= rate / 2  # the band that half the rate itself belongs to
    inside = (frequencies >= low) & ((frequencies < high) | last)
    spectrum = fft.rfft(waveform, length)
    hidden = fft.irfft(np.where(inside, _QUIET * spectrum, spectrum), length)
    return hidden[: len(waveform)].astype(waveform.dtype)


def places(side: int, grid: int) -> list[tuple[slice, slice]]:
    """The squares of a grid over a crop, row by row: rows and columns of its pixels."""
    edges = np.linspace(0, side, grid + 1).round().astype(int).tolist()
    spans = [slice(a, b) for a, b in pairwise(edges)]
    return [(rows, columns) for rows in spans for columns in spans]


def filling(crops: np.ndarray, *, relative: bool) -> np.ndarray:
    """What stands where a place is hidden, (K, S, S, C) as the crops.

    relative: the model looks at changes from the first crop, so a hidden place is as it is there; else
    it has the mean colour of its crop.
    """
    if relative:
        return np.broadcast_to(crops[:1], crops.shape)
    mean = crops.mean(axis=(1, 2), keepdims=True).round().astype(crops.dtype)
    return np.broadcast_to(mean, crops.shape)
