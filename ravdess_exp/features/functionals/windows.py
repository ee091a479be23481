"""Sound cut into short windows, and their spectra: what every contour is computed from."""

from dataclasses import dataclass

import numpy as np

WINDOW = 0.025  # seconds
HOP = 0.010  # seconds
FRAME_RATE = 1 / HOP  # windows a second


@dataclass(frozen=True)
class Windows:
    """samples: (T, L) float64, a window a row; power: (K, T), the power of its spectrum;
    frequencies: (K,) in Hz; sample_rate: Hz."""

    samples: np.ndarray
    power: np.ndarray
    frequencies: np.ndarray
    sample_rate: int

    @property
    def fft_length(self) -> int:
        """Samples of the Fourier transform, a power of two."""
        return 2 * (len(self.frequencies) - 1)


def windows_of(waveform: np.ndarray, sample_rate: int) -> Windows:
    """Windows of 25 ms every 10 ms, all within the sound; one where it is shorter.

    waveform: (samples,). The spectrum is that of the window under a Hann window, less its mean.
    """
    samples = sliced(waveform, length=round(WINDOW * sample_rate), sample_rate=sample_rate)
    length = samples.shape[1]
    fft_length = 1 << (length - 1).bit_length()
    tapered = (samples - samples.mean(axis=1, keepdims=True)) * np.hanning(length + 2)[1:-1]
    power = np.abs(np.fft.rfft(tapered, fft_length, axis=1)) ** 2
    frequencies = np.fft.rfftfreq(fft_length, 1 / sample_rate)
    return Windows(samples, power.T, frequencies, sample_rate)


def sliced(waveform: np.ndarray, *, length: int, sample_rate: int) -> np.ndarray:
    """(samples,) -> (T, length) float64, one every 10 ms, around the middles of `windows_of`'s.

    Zeros are added on both sides where `length` is more than 25 ms.
    """
    hop, least = round(HOP * sample_rate), round(WINDOW * sample_rate)
    count = 1 + max(0, len(waveform) - least) // hop
    before = (length - least) // 2
    padded = np.zeros((count - 1) * hop + length)
    kept = waveform[: len(padded) - before]
    padded[before : before + len(kept)] = kept
    return np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
