"""What a model tells of a clip where that is numbers, such as arousal and valence, and no class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ravdess_exp.corpus.classes import Classes
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.split.sets import SETS, Split, listed
from ravdess_exp.errors import SplitError


@dataclass(frozen=True)
class Numbers:
    """The numbers that are learned, by name and in the order in which a clip has them."""

    names: tuple[str, ...]

    def values(self, clips: Sequence[Clip]) -> np.ndarray:
        """(n, numbers) float32."""
        return np.array([clip.numbers for clip in clips], np.float32).reshape(len(clips), -1)

    def require(
        self, split: Split, without: Callable[[str, list[int | str]], str] | None = None
    ) -> None:
        """Raise `SplitError` where a number is the same in every clip of a set: nothing agrees with that.

        without: gives the setting that goes on without some actors of a set.
        """
        for of in SETS:
            values, actors = self.values(getattr(split, of)), split.actors()[of]
            for name, column in zip(self.names, values.T, strict=True):
                if np.ptp(column) == 0:
                    advice = f"; {without(of, actors)}" if without and actors else ""
                    raise SplitError(
                        f"split.{of}: {name} is {column[0]:g} in all its {len(column)} clips, expected "
                        f"numbers that differ, or no score can be told{advice}"
                    )

    def describe(self, split: Split) -> str:
        """The size of each set, and mean and deviation of each number in it, as a table."""
        width = max(16, *(len(name) for name in self.names))
        head = " ".join(f"{name:>{width}}" for name in self.names)
        lines = [f"{'':10} {head}   clips  actors"]
        for of in SETS:
            clips = getattr(split, of)
            values = self.values(clips)
            told = (f"{c.mean():.2f} (sd {c.std():.2f})" for c in values.T)
            row = " ".join(f"{text:>{width}}" for text in told)
            lines.append(f"{of:10} {row} {len(clips):7d}  {listed({c.actor for c in clips})}")
        return "\n".join(lines)


def thirds(values: np.ndarray) -> np.ndarray:
    """(n,) int: whether a clip's numbers (n, numbers) are low, middle or high among these, in the mean.

    For what is chosen by classes and needs no more than a rough label, such as an encoder's layer.
    """
    spread = values.std(axis=0)
    mean = ((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)).mean(axis=1)
    return np.digitize(mean, np.quantile(mean, [1 / 3, 2 / 3]))


Target = Classes | Numbers  # what a model tells of a clip


def labels_of(target: Target, clips: Sequence[Clip]) -> np.ndarray:
    """(n,) int64, indices of classes; or of numbers (n, numbers) float32."""
    if isinstance(target, Numbers):
        return target.values(clips)
    return np.array([target.index(clip.emotion) for clip in clips])
