"""The functionals of a clip in blocks, (N,): an audio feature without time axis."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ravdess_exp.features.functionals.contours import ClipContours, contours_of
from ravdess_exp.features.functionals.formants import formants
from ravdess_exp.features.functionals.kernels import random_kernels
from ravdess_exp.features.functionals.rhythm import modulation, rhythm
from ravdess_exp.features.functionals.statistics import contrast, thirds, where, with_differences

_EACH: dict[str, Callable[[ClipContours], np.ndarray]] = {
    "mel": lambda of: with_differences(of.mel),
    "mfcc": lambda of: with_differences(of.mfcc),
    "rasta": lambda of: with_differences(of.rasta),
    "auditory": lambda of: with_differences(of.auditory),
    "level": lambda of: with_differences(of.level),
    "spectrum": lambda of: with_differences(of.spectrum),
    "pitch": lambda of: where(of.pitch, of.voiced),
    "voiced": lambda of: contrast(_described(of), of.voiced),
    "formants": lambda of: formants(of.windows, of.voiced),
    "modulation": lambda of: modulation(of.mel[::2]),
    "thirds": lambda of: thirds(np.concatenate([_described(of), of.pitch])),
    "rhythm": lambda of: rhythm(of.energy, of.voiced),
    "kernels": lambda of: random_kernels(of.mel),
}
BLOCKS = tuple(_EACH)  # names, in the order of their values


@dataclass(frozen=True, kw_only=True)
class Functionals:
    """Functionals by librosa, NumPy and SciPy alone, (N,): 11,290 as YAML has them.

    blocks: the wanted ones of `BLOCKS`. mel, mfcc, rasta, auditory, level, spectrum and pitch are
    statistics of contours over time and of their differences, those of pitch over voiced windows;
    voiced: means over voiced windows and their difference to the others; formants: F1 to F3;
    modulation: how fast the mel bands move; thirds: means at start, middle and end; rhythm; kernels:
    what random convolutions of the mel bands find.
    Every clip has finite values, silence and whispers too.
    """

    sample_rate: int
    n_mels: int
    n_mfcc: int
    blocks: tuple[str, ...]
    standardise: str
    frames: ClassVar[None] = None
    rows: ClassVar[str] = "functional"
    computed_by: ClassVar[tuple[str, ...]] = ("librosa",)

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`."""
        return np.concatenate(self._values(waveform)).astype(np.float32)

    @property
    def sizes(self) -> dict[str, int]:
        """How many values each block has, in their order."""
        return _sizes(self)

    @property
    def slices(self) -> dict[str, slice]:
        """Where in the values each block is."""
        ends = np.cumsum(list(self.sizes.values())).tolist()
        starts = [0, *ends[:-1]]
        return {name: slice(*ends) for name, *ends in zip(self.sizes, starts, ends, strict=True)}

    def _values(self, waveform: np.ndarray) -> list[np.ndarray]:
        """Block by block, each (n,)."""
        of = contours_of(
            waveform, sample_rate=self.sample_rate, n_mels=self.n_mels, n_mfcc=self.n_mfcc
        )
        return [_EACH[name](of).ravel() for name in self.blocks]


def _described(of: ClipContours) -> np.ndarray:
    return np.concatenate([of.mel, of.mfcc, of.level, of.spectrum])


@functools.lru_cache(maxsize=16)
def _sizes(feature: Functionals) -> dict[str, int]:
    """Counted on a moment of silence: every clip has as many."""
    values = feature._values(np.zeros(feature.sample_rate // 10))
    return {name: len(block) for name, block in zip(feature.blocks, values, strict=True)}
