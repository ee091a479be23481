"""The test clips as they might be: one input missing, or noisy. Nothing is trained or chosen here.

What is done to a clip's file, before it is trimmed and looked at, is in `prepare.damage`. What is done
here, after that, is the oracle's: it knows where the clean speech and the clean faces are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ravdess_exp.prepare.damage import Damage, grainy, with_noise
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.training.dataset import Samples

Condition = tuple[str, Samples]


def damages(
    samples: Samples,
    *,
    missing: bool,
    sound_snr_db: Sequence[float],
    picture_noise: Sequence[float],
) -> list[Damage]:
    """What is to happen to the files of these samples, for the inputs that they have."""
    sound, picture = samples.audio is not None, samples.faces is not None
    return [
        *([Damage(silenced=True)] if missing and sound and picture else []),
        *(Damage(sound_db=decibels) for decibels in (sound_snr_db if sound else ())),
        *(Damage(picture=deviation) for deviation in (picture_noise if picture else ())),
    ]


def conditions(
    samples: Samples,
    *,
    missing: bool,
    sound_snr_db: Sequence[float],
    picture_noise: Sequence[float],
    hear: Callable[[float], np.ndarray],
    see: Callable[[float], "np.ndarray | NoisyFaces"],
) -> Iterator[Condition]:
    """Name and samples of each condition that these samples have the inputs for.

    hear: gives the audio inputs (n, ...) of the same clips with noise at a signal-to-noise ratio in
    decibels; see `noisy`. see: gives what the model sees of them with noise of a standard deviation
    in grey levels; see `NoisyFaces`.
    """
    sound, picture = samples.audio is not None, samples.faces is not None
    if missing and sound and picture:
        yield "without_sound", replace(samples, audio=np.zeros_like(samples.audio))
        yield "without_picture", replace(samples, faces=_nothing(samples))
    for decibels in sound_snr_db if sound else ():
        yield f"sound_{decibels:g}dB", replace(samples, audio=hear(decibels))
    for deviation in picture_noise if picture else ():
        yield f"picture_noise_{deviation:g}", replace(samples, faces=see(255 * deviation))


def _nothing(samples: Samples) -> np.ndarray:
    """Zeros in the place of crops, or of a picture feature."""
    return np.zeros(samples.faces.shape, np.uint8 if samples.are_crops else np.float32)


noisy = with_noise  # the noise of the oracle is that of a file, added later


@dataclass(frozen=True)
class NoisyFaces:
    """Faces (n, F, H, W, 3) uint8 with white noise, which is drawn when a clip is read.

    So never more than the clips of one batch are in memory. A clip's noise depends on its row and
    `seed` alone: it is the same in every batch and in every order. deviation: in grey levels.
    """

    faces: np.ndarray | Rows
    deviation: float
    seed: int

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, F, H, W, 3), as that of the faces."""
        return self.faces.shape

    def __len__(self) -> int:
        return len(self.faces)

    def __getitem__(self, rows: int | slice | Sequence[int]) -> np.ndarray:
        """One clip (F, H, W, 3); or several, stacked."""
        if isinstance(rows, int | np.integer):
            return self._with_noise(int(rows))
        numbers = range(len(self))[rows] if isinstance(rows, slice) else rows
        stacked = np.empty((len(numbers), *self.shape[1:]), np.uint8)
        for place, row in enumerate(numbers):
            stacked[place] = self._with_noise(int(row))
        return stacked

    def _with_noise(self, row: int) -> np.ndarray:
        clip = self.faces[row]
        seeds = np.random.SeedSequence(self.seed, spawn_key=(row % len(self),))
        return grainy(clip, self.deviation, np.random.default_rng(seeds))
