"""Contours of mel bands: decibels, cepstrum, auditory spectrum with and without RASTA."""

import functools

import numpy as np
from scipy.signal import lfilter

from ravdess_exp.features.functionals.windows import Windows

_LEAST_POWER = 1e-10  # librosa's: what is below is silence
_TOP_DB = 80.0  # librosa's: nothing is further under the loudest value of the clip
_AUDITORY_BANDS = 26  # as in ComParE 2016
_LOUDNESS = 0.33  # exponent from power to loudness: Hermansky (1990), as openSMILE has it


def mel_decibels(windows: Windows, bands: int) -> np.ndarray:
    """Power in mel bands in decibels, (bands, T)."""
    import librosa

    return librosa.power_to_db(_mel_power(windows, bands), amin=_LEAST_POWER, top_db=_TOP_DB)


def mfcc(decibels: np.ndarray, count: int) -> np.ndarray:
    """Mel-frequency cepstral coefficients of mel bands in decibels: (bands, T) -> (count, T)."""
    import librosa

    return librosa.feature.mfcc(S=decibels, n_mfcc=count)


def auditory(windows: Windows) -> np.ndarray:
    """Loudness in 26 mel bands, (26, T): the cube root of the power (Stevens's law)."""
    return _mel_power(windows, _AUDITORY_BANDS) ** _LOUDNESS


def rasta(windows: Windows) -> np.ndarray:
    """26 mel bands in nepers, each band-passed in time at about 1 to 12 Hz, (26, T).

    What stands still, such as a microphone's colour, goes. Hermansky and Morgan (1994), "RASTA
    processing of speech", with the pole 0.94 for windows every 10 ms.
    """
    logarithms = np.log(np.maximum(_mel_power(windows, _AUDITORY_BANDS), _LEAST_POWER))
    moved = logarithms - logarithms[:, :1]  # so that the start is no step; the filter stops 0 Hz
    return lfilter([0.2, 0.1, 0.0, -0.1, -0.2], [1.0, -0.94], moved, axis=1)


def _mel_power(windows: Windows, bands: int) -> np.ndarray:
    return _filters(windows.sample_rate, windows.fft_length, bands) @ windows.power


@functools.lru_cache(maxsize=8)
def _filters(sample_rate: int, fft_length: int, bands: int) -> np.ndarray:
    import librosa

    return librosa.filters.mel(sr=sample_rate, n_fft=fft_length, n_mels=bands, dtype=np.float64)
