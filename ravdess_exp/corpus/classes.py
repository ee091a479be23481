"""What a model tells apart: the classes of a corpus, in the order of their indices."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ravdess_exp.corpus.emotions import USUAL


class Classes(Protocol):
    """Classes, each of one or several emotions of a corpus.

    names: in the order of their indices; without: emotions that are left out on purpose.
    """

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def without(self) -> tuple[str, ...]: ...

    def index(self, emotion: str) -> int:
        """Index of a clip's emotion among `names`."""
        ...

    def emotions(self, name: str) -> tuple[str, ...]:
        """The emotions that are used and make up a class."""
        ...


@dataclass(frozen=True)
class ListedClasses:
    """Each emotion that occurs is a class of its own."""

    names: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @classmethod
    def of(cls, emotions: Iterable[str], without: Iterable[str] = ()) -> "ListedClasses":
        """The classes of a corpus that names these emotions, less those left out.

        The usual names come first and in one order, so that two corpora with the same names
        have the same classes; the others follow in alphabetical order.
        """
        left = set(emotions).difference(without)
        known = [name for name in USUAL if name in left]
        return cls((*known, *sorted(left.difference(known))), tuple(without))

    def index(self, emotion: str) -> int:
        """Index of a clip's emotion among `names`."""
        return self.names.index(emotion)

    def emotions(self, name: str) -> tuple[str, ...]:
        """The emotions of a class: itself."""
        return (name,)
