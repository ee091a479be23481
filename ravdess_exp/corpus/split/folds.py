"""Splits that take turns: over all folds, each actor or clip is in the test set once."""

import random
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from ravdess_exp.command import assignment, command_line
from ravdess_exp.corpus.classes import ListedClasses
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.speaker import in_order, speaker_of
from ravdess_exp.corpus.split.lists import FixedSplit
from ravdess_exp.corpus.split.sets import LeakySplit, Split, listed
from ravdess_exp.errors import SplitError


class LeaveOneSpeakerOut:
    """One actor is the test set; validation actors rotate over the others; the rest trains.

    The other actors are shuffled once by `seed` and the ones that follow the test actor in that
    circle validate, men and women by turns. So over all folds each actor validates about as often.
    """

    def __init__(self, *, test_actor: int | str, validation_actors: int, seed: int) -> None:
        self.test_actor = speaker_of(test_actor)
        self.validation_actors = validation_actors
        self.seed = seed

    @staticmethod
    def all_folds(actors: Sequence[int | str]) -> list[int | str]:
        """The values of `test_actor` that score each of these actors once."""
        return in_order(actors)

    def __call__(self, clips: Sequence[Clip]) -> Split:
        """Divide the clips; raises `SplitError` where actors are too few or the test actor lacks."""
        actors = in_order(clip.actor for clip in clips)
        if self.test_actor not in actors:
            raise SplitError(
                f"split.test_actor={self.test_actor}: no clip of that actor; the corpus has actors "
                f"{listed(set(actors))}; {self._another(actors)}"
            )
        if len(actors) < self.validation_actors + 2:
            raise SplitError(
                f"split.validation_actors={self.validation_actors}: the corpus has {len(actors)} "
                "actors, and one must be left for test and one for training; "
                + _at_most(len(actors) - 2)
            )
        validation = self._validation(actors, sexes_of(clips))
        train = [a for a in actors if a not in validation and a != self.test_actor]
        return FixedSplit(train=train, validation=validation, test=[self.test_actor])(clips)

    def without(
        self,
        name: str,
        actors: Collection[int | str],
        others: Sequence[int | str],
        left: str,
    ) -> str:
        """See `Divider`."""
        if name != "test":
            return f"{left} goes on without"
        return f"in a study {left} goes on without; {self._another(others)}"

    @staticmethod
    def _another(actors: Sequence[int | str]) -> str:
        if not actors:
            return "take another corpus"
        one = actors[0]
        named = (
            assignment("split.test_actor", one)
            if isinstance(one, str)
            else f"split.test_actor={one}"
        )
        return f"{command_line(named)} scores another"

    def _validation(
        self, actors: list[int | str], sexes: Mapping[int | str, str | None]
    ) -> list[int | str]:
        circle = by_turns(actors, sexes, random.Random(self.seed))
        at = circle.index(self.test_actor)
        return [circle[(at + 1 + i) % len(circle)] for i in range(self.validation_actors)]


class GroupedKFold:
    """Folds of whole actors: one is the test set, the next one validates, the others train.

    Actors are shuffled once by `seed`, men and women by turns, and cut into folds of equal size (or
    of one actor more). So over all folds each actor is scored once and validates once.
    """

    def __init__(self, *, folds: int, fold: int, seed: int) -> None:
        self.folds = folds
        self.fold = fold
        self.seed = seed

    def all_folds(self, actors: Sequence[int | str]) -> list[int]:
        """The values of `fold` that score every actor once."""
        return list(range(self.folds))

    def __call__(self, clips: Sequence[Clip]) -> Split:
        """Divide the clips; raises `SplitError` where there are fewer actors than folds."""
        actors = in_order(clip.actor for clip in clips)
        if len(actors) < self.folds:
            raise SplitError(
                f"split.folds={self.folds}: the corpus has {len(actors)} actors, and each fold needs "
                f"one; {_at_most(len(actors))}"
            )
        circle = by_turns(actors, sexes_of(clips), random.Random(self.seed))
        edges = [round(i * len(circle) / self.folds) for i in range(self.folds + 1)]
        groups = [circle[start:end] for start, end in pairwise(edges)]
        test, validation = groups[self.fold], groups[(self.fold + 1) % self.folds]
        train = [actor for actor in circle if actor not in (*test, *validation)]
        return FixedSplit(train=train, validation=validation, test=test)(clips)

    def without(
        self,
        name: str,
        actors: Collection[int | str],
        others: Sequence[int | str],
        left: str,
    ) -> str:
        """See `Divider`."""
        return f"{left} goes on without"


class LeakyKFold(GroupedKFold):
    """Folds of clips, whoever speaks them: what must not be done.

    Clips are shuffled once by `seed` and dealt out emotion by emotion; one fold is the test set, the
    next one validates, the others train, so nearly every speaker is in all three. To compare only.
    """

    def __call__(self, clips: Sequence[Clip]) -> LeakySplit:
        """Divide the clips; raises `SplitError` where there are fewer clips than folds."""
        shuffled = sorted(clips)
        if len(shuffled) < self.folds:
            raise SplitError(f"split.folds={self.folds}: the corpus has {len(shuffled)} clips")
        random.Random(self.seed).shuffle(shuffled)
        order = ListedClasses.of(clip.emotion for clip in shuffled)
        shuffled.sort(key=lambda clip: order.index(clip.emotion))
        groups = [shuffled[i :: self.folds] for i in range(self.folds)]
        test, validation = groups[self.fold], groups[(self.fold + 1) % self.folds]
        kept = {clip.name for clip in (*test, *validation)}
        train = [clip for clip in shuffled if clip.name not in kept]
        return LeakySplit(tuple(train), tuple(validation), tuple(test))


def sexes_of(clips: Sequence[Clip]) -> dict[int | str, str | None]:
    """The sex of each actor as the clips say it."""
    return {clip.actor: clip.sex for clip in clips}


def by_turns(
    actors: list[int | str], sexes: Mapping[int | str, str | None], rng: random.Random
) -> list[int | str]:
    """A seeded order in which men and women alternate as long as both last; whose sex is not known last."""
    men, women = ([a for a in actors if sexes[a] == sex] for sex in ("male", "female"))
    others = [a for a in actors if sexes[a] not in ("male", "female")]
    for group in (men, women, others):
        rng.shuffle(group)
    paired = [a for pair in zip(men, women, strict=False) for a in pair]
    return paired + men[len(women) :] + women[len(men) :] + others


def _at_most(count: int) -> str:
    """What to do where actors are too few."""
    return f"take at most {count}" if count > 0 else "take a corpus of more actors"
