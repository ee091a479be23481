"""Several channels of sound to one: their mean, where they do not cancel each other."""

import numpy as np

_MOST_HELD = 2**24  # values, 64 MiB: from then on the signs are settled, and only the mean is kept
_OPPOSED = (
    -0.5
)  # correlation; below it two equally loud channels lose three quarters of their power


class Channels:
    """Takes sound as it is decoded. `mono` is the mean over the channels.

    A channel that is opposed to the loudest one (a cable with its two leads exchanged, a widened
    stereo picture) is turned over first: the mean would be silent, or noise.
    """

    def __init__(self) -> None:
        self._chunks: list[np.ndarray] = []  # (n, channels) until the signs are known, then (n,)
        self._held = 0
        self._signs: np.ndarray | None = None

    def add(self, samples: np.ndarray) -> None:
        """samples: (n, channels) float32."""
        if self._signs is not None:
            self._chunks.append(self._mean(samples))
            return
        self._chunks.append(samples)
        self._held += samples.size
        if self._held > _MOST_HELD:
            self._settle()

    def mono(self) -> np.ndarray:
        """All that came, (samples,) float32."""
        if self._signs is None:
            self._settle()
        return np.concatenate([np.zeros(0, np.float32), *self._chunks])

    def _settle(self) -> None:
        self._signs = _signs(self._chunks)
        self._chunks = [self._mean(chunk) for chunk in self._chunks]

    def _mean(self, samples: np.ndarray) -> np.ndarray:
        turned = samples if (self._signs > 0).all() else samples * self._signs
        return turned.T.mean(axis=0)


def _signs(chunks: list[np.ndarray]) -> np.ndarray:
    """-1 for a channel that is opposed to the loudest one, 1 for the others; (channels,) float32."""
    channels = chunks[0].shape[1] if chunks else 1
    if channels == 1:
        return np.ones(1, np.float32)
    sound = np.concatenate(chunks).astype(np.float64)
    with np.errstate(all="ignore"):  # a silent channel has no correlation; NaN is told later
        sound -= sound.mean(axis=0)
        power = np.square(sound).sum(axis=0)
        loudest = int(np.argmax(np.nan_to_num(power)))
        with_loudest = sound.T @ sound[:, loudest] / np.sqrt(power * power[loudest])
    return np.where(with_loudest < _OPPOSED, -1, 1).astype(np.float32)
