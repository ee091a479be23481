"""Contours of level and of the shape of the spectrum."""

from itertools import pairwise

import numpy as np

from ravdess_exp.features.functionals.windows import Windows

_LEAST_POWER = 1e-10
_ROLL_OFFS = (0.25, 0.5, 0.75, 0.9)  # shares of the power below the roll-off frequency
_SLOPES = ((0, 500), (500, 1500))  # Hz, as in eGeMAPS
_OCTAVES = (0, 200, 400, 800, 1600, 3200, 8000)  # Hz: edges of the bands of the contrast
SPECTRUM = (
    "centroid", "width", *(f"roll-off {share}" for share in _ROLL_OFFS), "flatness", "entropy",
    "flux", *(f"slope {low}-{high}" for low, high in _SLOPES), "alpha ratio", "Hammarberg index",
    *(f"contrast {edge}" for edge in _OCTAVES[1:]),
)  # fmt: skip


def level(windows: Windows, loudness: np.ndarray) -> np.ndarray:
    """Energy in decibels, zero crossings as a share of the samples, loudness: (3, T).

    loudness: (bands, T), of `mel.auditory`; its sum over the bands is taken.
    """
    samples = windows.samples
    energy = _decibels((samples**2).mean(axis=1))
    crossings = (np.diff(np.signbit(samples), axis=1) != 0).mean(axis=1)
    return np.stack([energy, crossings, loudness.sum(axis=0)])


def spectral_shape(windows: Windows) -> np.ndarray:
    """Contours by the names in `SPECTRUM`, (19, T); frequencies in kHz, levels in decibels.

    Alpha ratio, Hammarberg index and slopes: Eyben et al. (2016), "The Geneva Minimalistic Acoustic
    Parameter Set"; contrast: Jiang et al. (2002), "Music type classification by spectral contrast".
    """
    kilohertz = windows.frequencies / 1000
    power = windows.power + _LEAST_POWER
    share = power / power.sum(axis=0)  # (K, T)
    centroid = kilohertz @ share
    width = np.sqrt(np.maximum(kilohertz**2 @ share - centroid**2, 0))
    below = share.cumsum(axis=0)
    roll_offs = [
        kilohertz[(below < part).sum(axis=0).clip(max=len(share) - 1)] for part in _ROLL_OFFS
    ]
    flatness = _decibels(np.exp(np.log(power).mean(axis=0)) / power.mean(axis=0))
    entropy = -(share * np.log(share)).sum(axis=0) / np.log(len(share))
    change = np.diff(np.sqrt(share), axis=1, prepend=np.sqrt(share[:, :1]))
    decibels = _decibels(power)
    slopes = [_slope(kilohertz, decibels, low / 1000, high / 1000) for low, high in _SLOPES]
    contours = [centroid, width, *roll_offs, flatness, entropy, np.sqrt((change**2).sum(axis=0))]
    ratios = [_alpha_ratio(kilohertz, power), _hammarberg(kilohertz, decibels)]
    return np.stack([*contours, *slopes, *ratios, *_contrast(windows.frequencies, decibels)])


def _decibels(power: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.maximum(power, _LEAST_POWER))


def _slope(kilohertz: np.ndarray, decibels: np.ndarray, low: float, high: float) -> np.ndarray:
    """Decibels a kHz of the straight line through the spectrum from `low` to `high`, (T,)."""
    inside = (kilohertz >= low) & (kilohertz <= high)
    centred = kilohertz[inside] - kilohertz[inside].mean()
    return centred @ decibels[inside] / (centred @ centred)


def _alpha_ratio(kilohertz: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Power from 50 Hz to 1 kHz over that from 1 to 5 kHz, in decibels, (T,)."""
    low = power[(kilohertz >= 0.05) & (kilohertz < 1)].sum(axis=0)
    high = power[(kilohertz >= 1) & (kilohertz <= 5)].sum(axis=0)
    return _decibels(low / high)


def _hammarberg(kilohertz: np.ndarray, decibels: np.ndarray) -> np.ndarray:
    """The highest peak below 2 kHz over the highest from 2 to 5 kHz, in decibels, (T,)."""
    low = decibels[kilohertz < 2].max(axis=0)
    return low - decibels[(kilohertz >= 2) & (kilohertz <= 5)].max(axis=0)


def _contrast(frequencies: np.ndarray, decibels: np.ndarray) -> list[np.ndarray]:
    """In each octave the strongest tenth of the spectrum over the weakest, in decibels."""
    contrasts = []
    for low, high in pairwise(_OCTAVES):
        band = np.sort(decibels[(frequencies >= low) & (frequencies < high)], axis=0)
        tenth = max(1, len(band) // 10)
        contrasts.append(band[-tenth:].mean(axis=0) - band[:tenth].mean(axis=0))
    return contrasts
