"""From an audio feature to what the model is given: standardised, padded or cut to one length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ravdess_exp.errors import ConfigError
from ravdess_exp.features.audio_feature import AudioFeature
from ravdess_exp.features.encoders.steps import taken

_CONSTANT = 1e-8  # a deviation below this is rounding,
_ROUNDING = 1e-6  # or below this share of the values, which float32 cannot tell apart


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
    from clips that are scored but `max`, the longest of them; `corpus_mean` is the mean over all; or
    the number itself.
    """
    if isinstance(policy, int):
        if policy < 1:
            raise ConfigError(f"audio.frames={policy}: expected at least 1 spectral frame")
        return policy
    measured = corpus if policy == "corpus_mean" else train
    lengths = [feature.shape[1] for feature in measured]
    return max(1, max(lengths) if policy == "max" else round(float(np.mean(lengths))))


def pre_pad(feature: np.ndarray, frames: int, cut: str = "end") -> np.ndarray:
    """(N, T) -> (N, frames): zeros in front of a shorter one; of a longer one an end is cut off.

    cut: `end` keeps the start, `start` keeps the end.
    """
    kept = feature[:, -frames:] if cut == "start" else feature[:, :frames]
    return np.pad(kept, ((0, 0), (frames - kept.shape[1], 0)))


@dataclass(frozen=True)
class AudioInput:
    """What the model is given of a feature: standardised, and of one length.

    how: `sample` over all values of the sample; `coefficient` over time, each row of the sample by
    itself; `train` each row by its mean and deviation over the training clips. frames: M, or None
    without time axis. mean, deviation: (N, 1) of the training clips, or None. cut: which end of a
    clip with more than M frames is left out, `start` or `end`. layer: which one of a frozen encoder's
    stored layers (L, D) the feature is, from 0, or which ones side by side; None: all that is stored.

    A feature that says `blocks` is standardised as by `train`, then each of its blocks is scaled to
    count by the square root of its size: that is part of the deviation here.
    """

    how: str
    frames: int | None
    mean: np.ndarray | None = None
    deviation: np.ndarray | None = None
    cut: str = "end"
    layer: int | list[int] | None = None

    @classmethod
    def fit(
        cls,
        feature: AudioFeature,
        *,
        train: Sequence[np.ndarray],
        corpus: Sequence[np.ndarray] = (),
        layer: int | list[int] | None = None,
    ) -> "AudioInput":
        """Fit M, means and deviations on the training clips alone.

        corpus: all clips, of which only the mean length is taken, and only where `audio.frames` is
        `corpus_mean`. layer: see above; `features.encoders.layers` chooses it.
        """
        frames = None
        if feature.frames is not None:
            frames = frame_count(feature.frames, train=train, corpus=corpus)
        cut = getattr(feature, "cut", "end")
        if feature.standardise not in ("train", "blocks"):
            return cls(feature.standardise, frames, cut=cut, layer=layer)
        values = np.concatenate([_rows(taken(sample, layer)) for sample in train], axis=1)
        deviation = values.std(axis=1, keepdims=True)
        scale = _scale(deviation, np.abs(values).max(axis=1, keepdims=True))
        if feature.standardise == "blocks":
            scale = scale / _block_weights(feature.sizes, len(values))
        return cls("train", frames, values.mean(axis=1, keepdims=True), scale, cut, layer)

    def __call__(self, feature: np.ndarray) -> np.ndarray:
        """(N, T) -> (N, frames, 1) float32, pre-padded with 0; (N,), or a layer of (L, N) -> (N, 1)."""
        rows = _rows(taken(feature, self.layer))
        match self.how:
            case "sample":
                standard = standardise(rows)
            case "coefficient":
                standard = standardise(rows, axis=1)
            case _:
                standard = (rows - self.mean) / self.deviation
        if self.frames is None:
            return standard.astype(np.float32)
        return pre_pad(standard, self.frames, self.cut)[..., None].astype(np.float32)


def _block_weights(sizes: Mapping[str, int], count: int) -> np.ndarray:
    """(N, 1): what each standardised value is multiplied by.

    The squares of a block of n standardised values sum up to n; times n ** -0.5 they sum up to the
    square root of n. All are then scaled together to unit power, as without blocks.
    """
    if sum(sizes.values()) != count:
        raise ValueError(f"blocks of {sum(sizes.values())} values in all, a feature of {count}")
    weights = np.concatenate([np.full(n, n**-0.25) for n in sizes.values()])[:, None]
    return weights / np.sqrt((weights**2).mean())


def _rows(feature: np.ndarray) -> np.ndarray:
    """(N, T) as it is, (N,) as (N, 1)."""
    return feature if feature.ndim == 2 else feature[:, None]
