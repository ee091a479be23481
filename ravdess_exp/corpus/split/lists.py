"""Splits by lists of actors."""

from collections.abc import Sequence

from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.corpus.ravdess.labels import STATEMENTS
from ravdess_exp.corpus.split.sets import SETS, Split, listed
from ravdess_exp.errors import SplitError


class FixedSplit:
    """Three lists of actors."""

    def __init__(
        self, *, train: Sequence[int], validation: Sequence[int], test: Sequence[int]
    ) -> None:
        self.actors = {"train": set(train), "validation": set(validation), "test": set(test)}

    def __call__(self, clips: Sequence[Clip]) -> Split:
        """Divide the clips; raises `SplitError` for an actor without clips or in two lists."""
        for name in SETS:
            if lacking := self.actors[name] - {clip.actor for clip in clips}:
                raise SplitError(
                    f"split.{name}: no clip of actors {listed(lacking)}; the corpus has actors "
                    f"{listed({clip.actor for clip in clips})}"
                )
        return Split(*(tuple(c for c in clips if c.actor in self.actors[s]) for s in SETS))


class StatementSplit:
    """Three lists of actors, and a sentence that only the test actors are heard to say.

    Training and validation hear the other sentence of RAVDESS's two, so what is scored is neither a
    known voice nor a known text. Half of all clips go unused.
    """

    def __init__(
        self,
        *,
        train: Sequence[int],
        validation: Sequence[int],
        test: Sequence[int],
        test_statement: int,
    ) -> None:
        self.by_actor = FixedSplit(train=train, validation=validation, test=test)
        self.test_statement = test_statement

    def __call__(self, clips: Sequence[Clip]) -> Split:
        """Divide the clips; raises `SplitError` as `FixedSplit` does."""
        split = self.by_actor(clips)
        (other,) = set(STATEMENTS) - {self.test_statement}
        statement = dict(zip(SETS, (other, other, self.test_statement), strict=True))
        return Split(
            *(tuple(c for c in getattr(split, s) if c.statement == statement[s]) for s in SETS)
        )
