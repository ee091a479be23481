"""Audio features: a waveform in, an array out. Pure: no file, no TensorFlow, no random numbers.

Each is a small frozen class, so that its settings are its identity in the prepared store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from ravdess_exp.errors import ConfigError, FeatureError
from ravdess_exp.features.egemaps import functionals

_CONSTANT = 1e-8  # a deviation below this is rounding,
_ROUNDING = 1e-6  # or below this share of the values, which float32 cannot tell apart


class AudioFeature(Protocol):
    """What the rest of the program asks of an audio feature."""

    sample_rate: int
    standardise: str  # sample, coefficient or train: see `AudioInput`
    frames: str | int | None  # M: see `frame_count`; None where there is no time axis
    rows: str  # what N counts: coefficient, mel band or functional
    computed_by: tuple[str, ...]  # packages whose version is part of its name in the store

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """waveform: (samples,) float32, trimmed. Returns (N, T) or, without time axis, (N,)."""
        ...


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


@dataclass(frozen=True, kw_only=True)
class Egemaps:
    """The 88 functionals of eGeMAPSv02, (88,), by openSMILE.

    Source: Eyben et al. (2016), IEEE Trans. Affective Computing 7(2). The package `opensmile` is an
    extra of the installation, and free for research only.
    """

    sample_rate: int
    standardise: str
    frames: ClassVar[None] = None
    rows: ClassVar[str] = "functional"
    computed_by: ClassVar[tuple[str, ...]] = ("opensmile",)

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`; raises `FeatureError` where openSMILE finds a clip too short."""
        values = functionals(waveform, self.sample_rate)
        if not np.isfinite(values).all():
            seconds = len(waveform) / self.sample_rate
            raise FeatureError(f"{seconds:.2f} s of speech are too short for openSMILE")
        return values


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


def standardise(feature: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Zero mean and unit variance over all values of a sample, or over one axis; constants become 0."""
    centred = feature - feature.mean(axis=axis, keepdims=True)
    size = np.abs(feature).max(axis=axis, keepdims=True)
    scale = _scale(feature.std(axis=axis, keepdims=True), size)
    return (centred / scale).astype(feature.dtype)


def _scale(deviation: np.ndarray, size: np.ndarray) -> np.ndarray:
    """What to divide by: infinity where values of this size differ by their rounding alone."""
    return np.where(deviation > _CONSTANT + _ROUNDING * size, deviation, np.inf)


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


@dataclass(frozen=True)
class AudioInput:
    """What the model is given of a feature: standardised, and of one length.

    how: `sample` over all values of the sample; `coefficient` over time, each row of the sample by
    itself; `train` each row by its mean and deviation over the training clips. frames: M, or None
    without time axis. mean, deviation: (N, 1) of the training clips, or None.
    """

    how: str
    frames: int | None
    mean: np.ndarray | None = None
    deviation: np.ndarray | None = None

    @classmethod
    def fit(
        cls,
        feature: AudioFeature,
        *,
        train: Sequence[np.ndarray],
        corpus: Sequence[np.ndarray] = (),
    ) -> "AudioInput":
        """Fit M, means and deviations on the training clips alone.

        corpus: all clips, of which only the mean length is taken, and only where `audio.frames` is
        `corpus_mean`.
        """
        frames = None
        if feature.frames is not None:
            frames = frame_count(feature.frames, train=train, corpus=corpus)
        if feature.standardise != "train":
            return cls(feature.standardise, frames)
        values = np.concatenate([_rows(sample) for sample in train], axis=1)
        deviation = values.std(axis=1, keepdims=True)
        scale = _scale(deviation, np.abs(values).max(axis=1, keepdims=True))
        return cls("train", frames, values.mean(axis=1, keepdims=True), scale)

    def __call__(self, feature: np.ndarray) -> np.ndarray:
        """(N, T) -> (N, frames, 1) float32, pre-padded with 0; (N,) -> (N, 1)."""
        rows = _rows(feature)
        match self.how:
            case "sample":
                standard = standardise(rows)
            case "coefficient":
                standard = standardise(rows, axis=1)
            case _:
                standard = (rows - self.mean) / self.deviation
        if self.frames is None:
            return standard.astype(np.float32)
        return pre_pad(standard, self.frames)[..., None].astype(np.float32)


def _rows(feature: np.ndarray) -> np.ndarray:
    """(N, T) as it is, (N,) as (N, 1)."""
    return feature if feature.ndim == 2 else feature[:, None]
