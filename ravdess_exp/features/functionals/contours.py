"""All contours of a clip over time, and the audio feature that gives them as they are."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ravdess_exp.features.functionals import mel
from ravdess_exp.features.functionals.pitch import pitch_contours
from ravdess_exp.features.functionals.spectrum import level, spectral_shape
from ravdess_exp.features.functionals.windows import Windows, windows_of


@dataclass(frozen=True)
class ClipContours:
    """Of one clip, each (N, T) float64, a value every 10 ms.

    mel: decibels; mfcc; rasta and auditory: 26 bands each; level: energy (dB), zero crossings,
    loudness; spectrum: its shape; pitch: octaves, harmonics to noise, jitter, shimmer, voicing.
    voiced: (T,) bool. windows: the sound itself.
    """

    mel: np.ndarray
    mfcc: np.ndarray
    rasta: np.ndarray
    auditory: np.ndarray
    level: np.ndarray
    spectrum: np.ndarray
    pitch: np.ndarray
    voiced: np.ndarray
    windows: Windows

    @property
    def energy(self) -> np.ndarray:
        """(T,) in decibels."""
        return self.level[0]


def contours_of(
    waveform: np.ndarray, *, sample_rate: int, n_mels: int, n_mfcc: int
) -> ClipContours:
    """The contours of a trimmed waveform (samples,)."""
    exact = waveform.astype(np.float64)  # so that machines differ by less than float32 shows
    windows = windows_of(exact, sample_rate)
    decibels = mel.mel_decibels(windows, n_mels)
    loudness = mel.auditory(windows)
    pitch, voiced = pitch_contours(exact, sample_rate)
    return ClipContours(
        mel=decibels,
        mfcc=mel.mfcc(decibels, n_mfcc),
        rasta=mel.rasta(windows),
        auditory=loudness,
        level=level(windows, loudness),
        spectrum=spectral_shape(windows),
        pitch=pitch,
        voiced=voiced,
        windows=windows,
    )


@dataclass(frozen=True, kw_only=True)
class Contours:
    """The contours that `Functionals` describes, over time, (N, T), a value every 10 ms.

    N is n_mels + n_mfcc + 79. deltas: append their first differences, (2*N, T).
    """

    sample_rate: int
    n_mels: int
    n_mfcc: int
    deltas: bool
    standardise: str
    frames: str | int
    cut: str = "end"
    rows: ClassVar[str] = "contour"
    computed_by: ClassVar[tuple[str, ...]] = ("librosa",)

    @property
    def hop_length(self) -> int:
        """Samples from one value to the next."""
        return self.sample_rate // 100

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`."""
        of = contours_of(
            waveform, sample_rate=self.sample_rate, n_mels=self.n_mels, n_mfcc=self.n_mfcc
        )
        rows = (of.mel, of.mfcc, of.rasta, of.auditory, of.level, of.spectrum, of.pitch)
        contours = np.concatenate(rows)
        if self.deltas:
            changes = np.diff(contours, axis=1, prepend=contours[:, :1])
            contours = np.concatenate([contours, changes])
        return contours.astype(np.float32)
