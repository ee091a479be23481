"""Audio features: a waveform in, an array out. Pure: no file, no TensorFlow, no random numbers.

Each is a small frozen class, so that its settings are its identity in the prepared store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ravdess_exp.errors import ConfigError


class AudioFeature(Protocol):
    """What the rest of the program asks of an audio feature."""

    sample_rate: int
    frames: str | int

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """waveform: (samples,) float32, trimmed. Returns (N, T) float32, T spectral frames."""
        ...


@dataclass(frozen=True, kw_only=True)
class Mfcc:
    """Mel-frequency cepstral coefficients over time (`librosa.feature.mfcc`), (n_mfcc, T)."""

    sample_rate: int
    n_mfcc: int
    n_fft: int
    hop_length: int
    frames: str | int

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`."""
        import librosa  # lazy: the first call compiles for seconds

        return librosa.feature.mfcc(
            y=waveform,
            sr=self.sample_rate,
            n_mfcc=self.n_mfcc,
            n_fft=self.n_fft,
            hop_length=self.hop_length,
        ).astype(np.float32)


def standardise(feature: np.ndarray) -> np.ndarray:
    """Zero mean and unit variance over all values of one sample; a constant sample becomes 0."""
    centred = feature - feature.mean()
    deviation = feature.std()
    return centred / deviation if deviation > 1e-8 else centred


def frame_count(
    policy: str | int, *, train: Sequence[np.ndarray], corpus: Sequence[np.ndarray]
) -> int:
    """M, the number of spectral frames every sample is brought to.

    policy: `train_mean` is the mean over the training clips, the only choice that learns nothing
    from clips that are scored; `corpus_mean` is the mean over all; or the number itself.
    """
    if isinstance(policy, int):
        if policy < 1:
            raise ConfigError(f"audio.frames={policy}: expected at least 1 spectral frame")
        return policy
    measured = {"train_mean": train, "corpus_mean": corpus}[policy]
    return max(1, round(float(np.mean([feature.shape[1] for feature in measured]))))


def pre_pad(feature: np.ndarray, frames: int) -> np.ndarray:
    """(N, T) -> (N, frames): zeros in front of a shorter one; of a longer one the start is kept."""
    kept = feature[:, :frames]
    return np.pad(kept, ((0, 0), (frames - kept.shape[1], 0)))


def to_input(feature: np.ndarray, frames: int) -> np.ndarray:
    """What the model is given: (N, T) -> standardised, pre-padded (N, frames, 1) float32."""
    return pre_pad(standardise(feature), frames)[..., None].astype(np.float32)
