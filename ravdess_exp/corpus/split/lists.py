"""Splits by lists of actors."""

from collections.abc import Collection, Sequence

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.selection import of_actors, override
from ravdess_exp.corpus.speaker import in_order, speaker_of
from ravdess_exp.corpus.split.sets import SETS, Split, listed
from ravdess_exp.errors import SplitError


class FixedSplit:
    """Three lists of actors."""

    def __init__(
        self,
        *,
        train: Sequence[int | str],
        validation: Sequence[int | str],
        test: Sequence[int | str],
    ) -> None:
        lists = {"train": train, "validation": validation, "test": test}
        self.actors = {name: set(map(speaker_of, actors)) for name, actors in lists.items()}

    def __call__(self, clips: Sequence[Clip]) -> Split:
        """Divide the clips; raises `SplitError` for an actor without clips or in two lists."""
        for name in SETS:
            if lacking := self.actors[name] - {clip.actor for clip in clips}:
                raise SplitError(
                    f"split.{name}: no clip of actors {listed(lacking)}; the corpus has actors "
                    f"{listed({clip.actor for clip in clips})}; {self.without(name, lacking)}"
                )
        return Split(*(tuple(c for c in clips if c.actor in self.actors[s]) for s in SETS))

    def without(
        self,
        name: str,
        actors: Collection[int | str],
        others: Sequence[int | str] = (),
        left: str = "",
    ) -> str:
        """See `Divider`: a shorter list, for leaving actors out elsewhere does not shorten it."""
        if rest := in_order(self.actors[name].difference(actors)):
            return f"{override(f'split.{name}', rest)} goes on without"
        return f"name other actors in split.{name}"


class StatementSplit:
    """Three lists of actors, and a sentence that only the test actors are heard to say.

    Training and validation hear the others, so what is scored is neither a known voice nor a known
    text. Of two sentences, as RAVDESS has, half of all clips go unused.
    """

    def __init__(
        self,
        *,
        train: Sequence[int | str],
        validation: Sequence[int | str],
        test: Sequence[int | str],
        test_statement: int | str,
    ) -> None:
        self.by_actor = FixedSplit(train=train, validation=validation, test=test)
        self.test_statement = test_statement

    def __call__(self, clips: Sequence[Clip]) -> Split:
        """Divide the clips; raises `SplitError` as `FixedSplit` does."""
        split = self.by_actor(clips)
        return Split(
            *(tuple(c for c in getattr(split, name) if self._hears(name, c)) for name in SETS)
        )

    def empty(self, name: str) -> str:
        """Why a set has no clip."""
        return (
            f"split.{name}: no clip of {of_actors(self.by_actor.actors[name])} with "
            f"{'' if name == 'test' else 'another than '}statement {self.test_statement}; name other "
            f"actors in split.{name}, or take another split.test_statement"
        )

    def without(
        self,
        name: str,
        actors: Collection[int | str],
        others: Sequence[int | str] = (),
        left: str = "",
    ) -> str:
        """See `Divider`."""
        return self.by_actor.without(name, actors)

    def _hears(self, name: str, clip: Clip) -> bool:
        return (clip.statement == str(self.test_statement)) == (name == "test")
