"""Formants: the resonances of the vocal tract, by linear prediction."""

import numpy as np

from ravdess_exp.features.functionals.windows import Windows

COUNT = 3  # F1 to F3
_ORDER = 12  # two poles a formant below 5 kHz, and two more
_BAND = 5000.0  # Hz: what is above is not predicted
_LOWEST = 90.0  # Hz: what is below is not a formant
_WIDEST = 500.0  # Hz: a wider resonance is not a formant
_PRE_EMPHASIS = 0.97
_EVERY = 2  # windows: the tract moves slowly, and roots are dear
_TYPICAL = (500.0, 1500.0, 2500.0)  # Hz: of a neutral tube of 17 cm, where a clip has no formant


def formants(windows: Windows, voiced: np.ndarray) -> np.ndarray:
    """Frequencies and widths of F1 to F3 over the voiced windows, in kHz, (18,).

    For each of the three frequencies, then for each of the widths: median, deviation and the range from
    the 10th to the 90th percentile. voiced: (T,) bool.
    """
    chosen = np.flatnonzero(voiced)[::_EVERY]
    frequencies, widths = resonances(windows.power[:, chosen], windows.frequencies)
    typical = np.array(_TYPICAL)
    rows = []
    for values, usual in ((frequencies, typical), (widths, np.full(COUNT, _WIDEST / 2))):
        for row, replacement in zip(values, usual, strict=True):
            found = row[np.isfinite(row)]
            found = found if len(found) else np.array([replacement])
            low, middle, high = np.percentile(found, (10, 50, 90))
            rows += [middle, found.std(), high - low]
    return np.array(rows) / 1000


def resonances(power: np.ndarray, frequencies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lowest three narrow resonances of spectra, in Hz, and their widths: two arrays (3, T).

    power: (K, T), frequencies: (K,) in Hz. The spectrum below 5 kHz is predicted by 12 poles: its
    inverse Fourier transform is the autocorrelation of the sound resampled to 10 kHz (selective linear
    prediction, Makhoul 1975). NaN where there are fewer.
    """
    kept = frequencies <= _BAND
    emphasis = np.abs(1 - _PRE_EMPHASIS * np.exp(-1j * np.pi * frequencies[kept] / _BAND)) ** 2
    emphasised = power[kept] * emphasis[:, None]
    autocorrelation = np.fft.irfft(emphasised, axis=0)[: _ORDER + 1].T  # (T, 13)
    autocorrelation[:, 0] = autocorrelation[:, 0] * (1 + 1e-9) + 1e-12
    lags = np.abs(np.subtract.outer(np.arange(_ORDER), np.arange(_ORDER)))
    weights = np.linalg.solve(autocorrelation[:, lags], autocorrelation[:, 1:, None])[..., 0]
    companion = np.zeros((len(weights), _ORDER, _ORDER))
    companion[:, 0] = weights
    companion[:, np.arange(1, _ORDER), np.arange(_ORDER - 1)] = 1
    poles = np.linalg.eigvals(companion)  # (T, 12)
    places = np.angle(poles) / np.pi * _BAND
    widths = -2 * np.log(np.maximum(np.abs(poles), 1e-6)) / np.pi * _BAND
    formant = (places > _LOWEST) & (places < 0.98 * _BAND) & (widths < _WIDEST)
    order = np.argsort(np.where(formant, places, np.inf), axis=1)[:, :COUNT]
    found = np.take_along_axis(formant, order, axis=1)
    return tuple(
        np.where(found, np.take_along_axis(values, order, axis=1), np.nan).T
        for values in (places, widths)
    )
