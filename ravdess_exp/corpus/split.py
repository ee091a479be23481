"""Which speaker is learned from, which one is chosen by, and which one is scored: never two at once."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.corpus.ravdess.labels import STATEMENTS, Classes
from ravdess_exp.errors import SplitError

SETS = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Three sets of clips without a common speaker."""

    train: tuple[Clip, ...]
    validation: tuple[Clip, ...]
    test: tuple[Clip, ...]

    def __post_init__(self) -> None:
        actors = {name: {clip.actor for clip in getattr(self, name)} for name in SETS}
        for first, second in (SETS[:2], SETS[1:], SETS[::2]):
            if common := actors[first] & actors[second]:
                raise SplitError(
                    f"actors {_actors(common)} are both in split.{first} and in split.{second}; "
                    "a speaker may be in one set only"
                )

    def clips(self) -> tuple[Clip, ...]:
        """All clips of the three sets."""
        return self.train + self.validation + self.test

    def only(self, names: set[str]) -> "Split":
        """The same split with the clips of these names alone."""
        return replace(
            self, **{s: tuple(c for c in getattr(self, s) if c.name in names) for s in SETS}
        )

    def actors(self) -> dict[str, list[int]]:
        """The speakers of each set, in order."""
        return {name: sorted({clip.actor for clip in getattr(self, name)}) for name in SETS}

    def without_shared_sound(self, sound: Mapping[str, str]) -> tuple["Split", list[str]]:
        """Take out of train and validation what sounds the same as a clip of a later set.

        sound: digest of the decoded sound by clip name. A copy in test stays, since what is scored
        must not depend on what is learned from. Returns the split and a sentence for each clip
        taken out.
        """
        used: dict[str, str] = {}
        kept, notes = {}, []
        for name in reversed(SETS):
            clips = getattr(self, name)
            kept[name] = tuple(c for c in clips if sound[c.name] not in used)
            notes += [
                f"{c.name} left out of {name}: the same sound as {used[sound[c.name]]}"
                for c in clips
                if sound[c.name] in used
            ]
            used.update({sound[c.name]: f"{c.name} in {name}" for c in kept[name]})
        return replace(self, **kept), notes

    def require_classes(self, classes: Classes) -> None:
        """Raise `SplitError` where a set has no clip of some class: its recall would mean nothing."""
        for name in SETS:
            present = {classes.index(clip.emotion) for clip in getattr(self, name)}
            absent = [c for i, c in enumerate(classes.names) if i not in present]
            if absent:
                raise SplitError(
                    f"split.{name} has no clip of: {', '.join(absent)}; give it other actors, or "
                    "leave those out of all sets with data.without_emotions"
                )

    def describe(self, classes: Classes) -> str:
        """The size of each set, by class, as a table."""
        names = classes.names
        lines = [f"{'':10} " + " ".join(f"{n[:9]:>9}" for n in names) + "   clips  actors"]
        for name in SETS:
            clips = getattr(self, name)
            count = Counter(classes.index(clip.emotion) for clip in clips)
            row = " ".join(f"{count[i]:9d}" for i in range(len(names)))
            actors = _actors({clip.actor for clip in clips})
            lines.append(f"{name:10} {row} {len(clips):7d}  {actors}")
        return "\n".join(lines)


@dataclass(frozen=True)
class LeakySplit(Split):
    """Three sets that do share speakers: what must not be done, to show how much it flatters."""

    def __post_init__(self) -> None:
        """Nothing is refused here; whoever uses it is warned (`LEAKY`)."""


LEAKY = (
    "WARNING: split=leaky puts clips of the same speakers into training and test. The score says "
    "nothing about unknown speakers; it is there to show how much such splits flatter."
)


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
                    f"split.{name}: no clip of actors {_actors(lacking)}; the corpus has actors "
                    f"{_actors({clip.actor for clip in clips})}"
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
        said = dict(zip(SETS, (other, other, self.test_statement), strict=True))
        return Split(*(tuple(c for c in getattr(split, s) if c.statement == said[s]) for s in SETS))


class LeaveOneSpeakerOut:
    """One actor is the test set; validation actors rotate over the others; the rest trains.

    The other actors are shuffled once by `seed` and the ones that follow the test actor in that
    circle validate, men and women by turns. So over all folds each actor validates about as often.
    """

    def __init__(self, *, test_actor: int, validation_actors: int, seed: int) -> None:
        self.test_actor = test_actor
        self.validation_actors = validation_actors
        self.seed = seed

    @staticmethod
    def all_folds(actors: Sequence[int]) -> list[int]:
        """The values of `test_actor` that score each of these actors once."""
        return sorted(actors)

    def __call__(self, clips: Sequence[Clip]) -> Split:
        """Divide the clips; raises `SplitError` where actors are too few or the test actor lacks."""
        actors = sorted({clip.actor for clip in clips})
        if self.test_actor not in actors:
            raise SplitError(
                f"split.test_actor={self.test_actor}: no clip of that actor; the corpus has actors "
                f"{_actors(set(actors))}"
            )
        if len(actors) < self.validation_actors + 2:
            raise SplitError(
                f"split.validation_actors={self.validation_actors}: the corpus has {len(actors)} "
                "actors, and one must be left for test and one for training; "
                + _at_most(len(actors) - 2)
            )
        validation = self._validation(actors)
        train = [a for a in actors if a not in validation and a != self.test_actor]
        return FixedSplit(train=train, validation=validation, test=[self.test_actor])(clips)

    def _validation(self, actors: list[int]) -> list[int]:
        circle = _by_turns(actors, random.Random(self.seed))
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

    def all_folds(self, actors: Sequence[int]) -> list[int]:
        """The values of `fold` that score every actor once."""
        return list(range(self.folds))

    def __call__(self, clips: Sequence[Clip]) -> Split:
        """Divide the clips; raises `SplitError` where there are fewer actors than folds."""
        actors = sorted({clip.actor for clip in clips})
        if len(actors) < self.folds:
            raise SplitError(
                f"split.folds={self.folds}: the corpus has {len(actors)} actors, and each fold needs "
                f"one; {_at_most(len(actors))}"
            )
        circle = _by_turns(actors, random.Random(self.seed))
        edges = [round(i * len(circle) / self.folds) for i in range(self.folds + 1)]
        groups = [circle[start:end] for start, end in pairwise(edges)]
        test, validation = groups[self.fold], groups[(self.fold + 1) % self.folds]
        train = [actor for actor in circle if actor not in (*test, *validation)]
        return FixedSplit(train=train, validation=validation, test=test)(clips)


class LeakyKFold(GroupedKFold):
    """Folds of clips, whoever speaks them: the mistake that most reported accuracies rest on.

    Clips are shuffled once by `seed` and dealt out emotion by emotion; one fold is the test set, the
    next one validates, the others train, so nearly every speaker is in all three. To compare only.
    """

    def __call__(self, clips: Sequence[Clip]) -> LeakySplit:
        """Divide the clips; raises `SplitError` where there are fewer clips than folds."""
        shuffled = sorted(clips)
        if len(shuffled) < self.folds:
            raise SplitError(f"split.folds={self.folds}: the corpus has {len(shuffled)} clips")
        random.Random(self.seed).shuffle(shuffled)
        shuffled.sort(key=lambda clip: clip.emotion)
        groups = [shuffled[i :: self.folds] for i in range(self.folds)]
        test, validation = groups[self.fold], groups[(self.fold + 1) % self.folds]
        kept = {clip.name for clip in (*test, *validation)}
        train = [clip for clip in shuffled if clip.name not in kept]
        return LeakySplit(tuple(train), tuple(validation), tuple(test))


def _by_turns(actors: list[int], rng: random.Random) -> list[int]:
    """A seeded order in which men (odd) and women (even) alternate as long as both last."""
    odd, even = ([a for a in actors if a % 2 == parity] for parity in (1, 0))
    rng.shuffle(odd)
    rng.shuffle(even)
    paired = [a for pair in zip(odd, even, strict=False) for a in pair]
    return paired + odd[len(even) :] + even[len(odd) :]


def _at_most(count: int) -> str:
    return f"take at most {count}" if count > 0 else "take a corpus of more actors"


def _actors(actors: set[int]) -> str:
    return ", ".join(str(actor) for actor in sorted(actors)) or "none"
