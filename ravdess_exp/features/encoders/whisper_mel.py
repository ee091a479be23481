"""The log-mel spectrogram that Whisper's encoder was trained on."""

import functools

import numpy as np

SAMPLE_RATE = 16_000
_N_FFT, _HOP = 400, 160  # 25 ms every 10 ms
_FLOOR = 1e-10
_RANGE = 8  # powers of ten under the loudest that are kept


def whisper_mel(waveform: np.ndarray, *, n_mels: int) -> np.ndarray:
    """(samples,) at 16 kHz -> (n_mels, samples // 160) float32, about -1 to 1.5.

    Source: Radford et al. (2023), and `log_mel_spectrogram` of OpenAI's package: Slaney's filters,
    a periodic Hann window, log10 of the power, at most 8 below the largest, then (x + 4) / 4.
    """
    import librosa

    spectrum = librosa.stft(
        waveform, n_fft=_N_FFT, hop_length=_HOP, window="hann", center=True, pad_mode="reflect"
    )[:, :-1]  # as OpenAI's code: the last window lies half behind the end
    power = np.abs(spectrum) ** 2
    logarithm = np.log10(np.maximum(_filters(n_mels) @ power, _FLOOR))
    logarithm = np.maximum(logarithm, logarithm.max() - _RANGE)
    return ((logarithm + 4) / 4).astype(np.float32)


@functools.lru_cache(maxsize=2)
def _filters(n_mels: int) -> np.ndarray:
    import librosa

    return librosa.filters.mel(sr=SAMPLE_RATE, n_fft=_N_FFT, n_mels=n_mels)
