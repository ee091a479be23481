"""How a clip moves as a whole: modulation of its bands, pauses, syllables, voiced stretches."""

from itertools import pairwise

import numpy as np
from scipy.signal import find_peaks

from ravdess_exp.features.functionals.windows import FRAME_RATE, HOP

MODULATION_EDGES = (1.0, 2.0, 3.0, 4.5, 6.5, 9.0, 13.0, 19.0, 30.0)  # Hz
RHYTHM = (
    "log duration", "share of pauses", "pauses a second", "longest pause", "syllables a second",
    "mean rise of a syllable", "deviation of the syllables' distance", "share voiced",
    "voiced stretches a second", "mean voiced stretch", "deviation of voiced stretches",
    "longest voiced stretch", "place of the loudest window", "onsets a second", "mean onset",
)  # fmt: skip
_LONGEST = 512  # windows: at least so many are transformed, so that the lowest band has some bins
_PAUSE = 25.0  # decibels under the loudest window: fainter is a pause
_SYLLABLE = 3.0  # decibels that a syllable's peak stands out
_BETWEEN = 8  # windows: the shortest distance of two syllables' peaks
_ONSET = 6.0  # decibels that the level gains within 30 ms at an onset


def modulation(bands: np.ndarray) -> np.ndarray:
    """Power of each band's movement in 8 ranges of 1 to 30 Hz, as natural logarithms: (N, T) -> (N, 8).

    bands: in decibels, a value every 10 ms; each less its mean, under a Hann window.
    """
    count = bands.shape[1]
    taper = np.hanning(count + 2)[1:-1]
    moved = (bands - bands.mean(axis=1, keepdims=True)) * taper
    length = max(_LONGEST, 1 << (count - 1).bit_length())
    power = np.abs(np.fft.rfft(moved, length, axis=1)) ** 2 / (taper**2).sum()
    frequencies = np.fft.rfftfreq(length, HOP)
    ranges = [
        power[:, (frequencies >= low) & (frequencies < high)].mean(axis=1)
        for low, high in pairwise(MODULATION_EDGES)
    ]
    return np.log(np.stack(ranges, axis=1) + 1e-2)


def rhythm(energy: np.ndarray, voiced: np.ndarray) -> np.ndarray:
    """Values by the names in `RHYTHM`, (15,); times in seconds.

    energy: (T,) in decibels, a value every 10 ms; voiced: (T,) bool.
    """
    seconds = len(energy) * HOP
    smooth = np.convolve(np.pad(energy, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    pauses = stretches(energy < energy.max() - _PAUSE)
    peaks, about = find_peaks(smooth, prominence=_SYLLABLE, distance=_BETWEEN)
    rises = about["prominences"]
    spoken = stretches(voiced)
    gain = np.maximum(smooth[3:] - smooth[:-3], 0)
    onsets, _ = find_peaks(gain, height=_ONSET, distance=_BETWEEN)
    return np.array([
        np.log(seconds), pauses.sum() / seconds, len(pauses) / seconds, pauses.max(initial=0),
        len(peaks) / seconds, rises.mean() if len(rises) else 0,
        np.diff(peaks).std() / FRAME_RATE if len(peaks) > 1 else 0, voiced.mean(),
        len(spoken) / seconds, spoken.mean() if len(spoken) else 0,
        spoken.std() if len(spoken) else 0, spoken.max(initial=0),
        energy.argmax() / max(1, len(energy) - 1),
        len(onsets) / seconds, gain.mean() if len(gain) else 0,
    ])  # fmt: skip


def stretches(where: np.ndarray) -> np.ndarray:
    """Lengths in seconds of the runs of True, in order: (T,) bool -> (runs,)."""
    steps = np.diff(where.astype(np.int8), prepend=0, append=0)
    return (np.flatnonzero(steps == -1) - np.flatnonzero(steps == 1)) * HOP
