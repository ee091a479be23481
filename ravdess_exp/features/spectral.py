"""Audio features of the spectrum: MFCCs over time, their mean, mel bands in decibels."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Mfcc:
    """Mel-frequency cepstral coefficients over time (`librosa.feature.mfcc`), (n_mfcc, T).

    deltas: append their first and second differences over time, (3*n_mfcc, T).
    """

    sample_rate: int
    n_mfcc: int
    n_fft: int
    hop_length: int
    deltas: bool
    standardise: str
    frames: str | int
    cut: str = "end"
    rows: ClassVar[str] = "coefficient"
    computed_by: ClassVar[tuple[str, ...]] = ("librosa",)

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`."""
        coefficients = _mfcc(self, waveform)
        return with_deltas(coefficients) if self.deltas else coefficients


@dataclass(frozen=True, kw_only=True)
class MfccMean:
    """The mean of each MFCC over the frames, (n_mfcc,): how it sounds, not how it moves."""

    sample_rate: int
    n_mfcc: int
    n_fft: int
    hop_length: int
    standardise: str
    frames: ClassVar[None] = None
    rows: ClassVar[str] = "coefficient"
    computed_by: ClassVar[tuple[str, ...]] = ("librosa",)

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`."""
        return _mfcc(self, waveform).mean(axis=1)


@dataclass(frozen=True, kw_only=True)
class LogMel:
    """Mel spectrogram in decibels (`librosa.feature.melspectrogram`, `power_to_db`), (n_mels, T).

    Power 2, Slaney's mel scale and normalisation, 0 dB at power 1, nothing more than `top_db` under
    the loudest: librosa's own choices. fmax: Hz; None is half the sample rate.
    deltas: append first and second differences over time, (3*n_mels, T).
    """

    sample_rate: int
    n_mels: int
    n_fft: int
    hop_length: int
    fmin: float
    fmax: float | None
    top_db: float
    deltas: bool
    standardise: str
    frames: str | int
    cut: str = "end"
    rows: ClassVar[str] = "mel band"
    computed_by: ClassVar[tuple[str, ...]] = ("librosa",)

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`."""
        import librosa

        power = librosa.feature.melspectrogram(
            y=waveform,
            sr=self.sample_rate,
            n_fft=self.n_fft,
            hop_length=self.hop_length,
            n_mels=self.n_mels,
            fmin=self.fmin,
            fmax=self.fmax,
        )
        decibels = librosa.power_to_db(power, top_db=self.top_db).astype(np.float32)
        return with_deltas(decibels) if self.deltas else decibels


def _mfcc(feature: Mfcc | MfccMean, waveform: np.ndarray) -> np.ndarray:
    import librosa  # lazy: the first call compiles for seconds

    return librosa.feature.mfcc(
        y=waveform,
        sr=feature.sample_rate,
        n_mfcc=feature.n_mfcc,
        n_fft=feature.n_fft,
        hop_length=feature.hop_length,
    ).astype(np.float32)


def with_deltas(feature: np.ndarray) -> np.ndarray:
    """(N, T) -> (3*N, T): itself, its first and its second differences (`librosa.feature.delta`)."""
    import librosa

    # `nearest`: the ends are repeated, so that clips shorter than the window of 9 work too
    deltas = [librosa.feature.delta(feature, order=order, mode="nearest") for order in (1, 2)]
    return np.concatenate([feature, *deltas]).astype(np.float32)
