"""Audio features made of others: statistics over time of one, several side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ravdess_exp.features.audio_feature import AudioFeature

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """Mean, deviation and five quantiles over time of a feature that has a time axis, (7*N,).

    First the means of all N rows, then their deviations, then the quantiles 0.05, 0.25, 0.5, 0.75,
    0.95. Each value is standardised by the training clips, whatever the feature itself would be.
    """

    feature: AudioFeature
    standardise: ClassVar[str] = "train"
    frames: ClassVar[None] = None
    rows: ClassVar[str] = "statistic"

    @property
    def sample_rate(self) -> int:
        """Of the feature, in Hz."""
        return self.feature.sample_rate

    @property
    def computed_by(self) -> tuple[str, ...]:
        """The packages of the feature."""
        return self.feature.computed_by

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`."""
        steps = self.feature(waveform).astype(np.float64)  # (N, T)
        quantiles = np.quantile(steps, _QUANTILES, axis=1)
        values = [steps.mean(axis=1), steps.std(axis=1), *quantiles]
        return np.concatenate(values).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Several:
    """Features without time axis side by side, (N1 + N2 + ...,), by the names they were given.

    All have one sample rate, that of the first.
    """

    features: Mapping[str, AudioFeature]
    standardise: str
    frames: ClassVar[None] = None
    rows: ClassVar[str] = "value"

    @property
    def sample_rate(self) -> int:
        """Of all features, in Hz."""
        return next(iter(self.features.values())).sample_rate

    @property
    def computed_by(self) -> tuple[str, ...]:
        """The packages of all features."""
        packages = [p for feature in self.features.values() for p in feature.computed_by]
        return tuple(dict.fromkeys(packages))

    @property
    def sizes(self) -> dict[str, int]:
        """How many values each block has: one a feature, and one a layer of a frozen encoder.

        A feature's own blocks do not count here: the more ways a feature describes the same, the
        more it would weigh. Counted on half a second of a tone, which every feature can describe.
        """
        tone = np.sin(2 * np.pi * 200 / self.sample_rate * np.arange(self.sample_rate // 2))
        sizes = {}
        for name, feature in self.features.items():
            count = len(_values(feature, tone.astype(np.float32)))
            layers = getattr(feature, "layer", None)
            if isinstance(layers, Sequence) and not isinstance(layers, str):
                sizes |= {f"{name}.layer_{n}": count // len(layers) for n in layers}
            else:
                sizes[name] = count
        return sizes

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`."""
        values = [_values(feature, waveform) for feature in self.features.values()]
        return np.concatenate(values).astype(np.float32)


def _values(feature: AudioFeature, waveform: np.ndarray) -> np.ndarray:
    """(N,): of a frozen encoder, the layers that it names."""
    values = feature(waveform)
    return feature.take(values) if hasattr(feature, "take") else values
