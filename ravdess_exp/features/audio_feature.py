"""What an audio feature is: a waveform in, an array out. Pure: no file, no TensorFlow, no random numbers.

Each is a small frozen class, so that its settings are its identity in the prepared store.
"""

from typing import Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class AudioFeature(Protocol):
    """What the rest of the program asks of an audio feature.

    Besides, one with a time axis may have `cut`, which end of a longer clip is left out (`end` where
    it has none), and one made of several parts has `sizes`, the number of values of each by name.
    """

    sample_rate: int
    standardise: str  # sample, coefficient, train or blocks: see `AudioInput`
    frames: str | int | None  # M: see `frame_count`; None where there is no time axis
    rows: str  # what N counts: coefficient, mel band, functional or statistic
    computed_by: tuple[str, ...]  # packages whose version is part of its name in the store

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """waveform: (samples,) float32, trimmed. Returns (N, T) or, without time axis, (N,)."""
        ...
