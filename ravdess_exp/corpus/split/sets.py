"""Train, validation and test: three sets of clips without a common speaker."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ravdess_exp.corpus.classes import Classes
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.segment import overlap
from ravdess_exp.corpus.selection import of_actors, override
from ravdess_exp.corpus.speaker import in_order
from ravdess_exp.errors import SplitError
from ravdess_exp.terminal import short_names

_SHOWN = 100  # actors in a message
_FEWEST = 2  # classes that a model tells apart
SETS = ("train", "validation", "test")
LEAKY = (
    "WARNING: split=leaky, split.shared_speakers=accepted or data.plant_leak puts clips of the same "
    "speakers into training and test. The score says nothing about unknown speakers; it is there to "
    "show how much that flatters."
)


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
                    f"actors {listed(common)} are both in split.{first} and in split.{second}; "
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

    def actors(self) -> dict[str, list[int | str]]:
        """The speakers of each set, in order."""
        return {name: in_order(clip.actor for clip in getattr(self, name)) for name in SETS}

    def without_shared_sound(
        self, sound: Mapping[str, str], contents: Mapping[str, str] | None = None
    ) -> tuple["Split", list[str]]:
        """Take out of train and validation what sounds the same as a clip of a later set.

        sound: digest of the decoded sound by clip name; contents: of the file, for clips without
        sound. A copy in test stays, since what is scored must not depend on what is learned from.
        Returns the split and a sentence for each clip taken out.
        """
        digests = {**(contents or {}), **sound}
        used: dict[str, str] = {}
        kept, notes = {}, []
        for name in reversed(SETS):
            clips = getattr(self, name)
            kept[name] = tuple(c for c in clips if digests[c.name] not in used)
            notes += [
                f"{c.name} left out of {name}: the same {'sound' if c.name in sound else 'file'} as "
                f"{used[digests[c.name]]}"
                for c in clips
                if digests[c.name] in used
            ]
            used.update({digests[c.name]: f"{c.name} in {name}" for c in kept[name]})
        return replace(self, **kept), notes

    def without_overlaps(self, files: Mapping[str, str]) -> tuple["Split", list[str]]:
        """Take out of train and validation the segments that share a moment with a later set's.

        In one film, people of different sets may speak at once, and then each is heard in the other's
        clip. files: digest of all of a clip's file by clip name. What is in test stays. Returns the
        split and a sentence for each clip taken out.
        """
        used: dict[str, list[tuple[Clip, str]]] = defaultdict(list)
        kept, notes = {}, []
        for name in reversed(SETS):
            clips = getattr(self, name)
            met = {clip.name: _met(clip, used.get(files.get(clip.name, ""), ())) for clip in clips}
            kept[name] = tuple(clip for clip in clips if met[clip.name] is None)
            notes += [
                f"{c} left out of {name}: overlaps {other}" for c, other in met.items() if other
            ]
            for clip in kept[name]:
                if clip.name in files:
                    used[files[clip.name]].append((clip, name))
        return replace(self, **kept), notes

    def with_planted_leak(self) -> "LeakySplit":
        """A copy of every test clip among the training clips: what a check must be able to see."""
        return LeakySplit(self.train + self.test, self.validation, self.test)

    def require_classes(
        self, classes: Classes, without: Callable[[str, list[int | str]], str] | None = None
    ) -> None:
        """Raise `SplitError` where a set has no clip of some class: its recall would mean nothing.

        without: gives the setting that goes on without some actors of a set.
        """
        for name in SETS:
            present = {classes.index(clip.emotion) for clip in getattr(self, name)}
            absent = [c for i, c in enumerate(classes.names) if i not in present]
            if absent:
                raise SplitError("; ".join(self._lacking(name, absent, classes, without)))

    def _lacking(
        self, name: str, absent: list[str], classes: Classes, without: Callable | None
    ) -> Iterator[str]:
        """What a set lacks, whose clips that are, and the settings that go on without."""
        actors = self.actors()[name]
        yield f"split.{name} has no clip of: {', '.join(absent)}"
        if actors:
            yield f"{of_actors(actors)} {'have' if len(actors) > 1 else 'has'} none"
            if without is not None and self._enough_show(absent, classes):
                yield without(name, actors)
        if len(classes.names) - len(absent) >= _FEWEST:
            yield _without_classes(classes, absent)

    def _enough_show(self, names: Sequence[str], classes: Classes) -> bool:
        """Whether each of these classes has a speaker for every set: else no division of them would do."""
        speakers = defaultdict(set)
        for clip in self.clips():
            speakers[classes.names[classes.index(clip.emotion)]].add(clip.actor)
        return all(len(speakers[name]) >= len(SETS) for name in names)

    def describe(self, classes: Classes) -> str:
        """The size of each set, by class, as a table."""
        names = classes.names
        lines = [f"{'':10} " + " ".join(f"{n:>9}" for n in short_names(names)) + "   clips  actors"]
        for name in SETS:
            clips = getattr(self, name)
            count = Counter(classes.index(clip.emotion) for clip in clips)
            row = " ".join(f"{count[i]:9d}" for i in range(len(names)))
            actors = listed({clip.actor for clip in clips})
            lines.append(f"{name:10} {row} {len(clips):7d}  {actors}")
        return "\n".join(lines)


@dataclass(frozen=True)
class LeakySplit(Split):
    """Three sets that do share speakers: what must not be done, to show how much it flatters."""

    def __post_init__(self) -> None:
        """Nothing is refused here; whoever uses it is warned (`LEAKY`)."""


def _met(clip: Clip, others: Iterable[tuple[Clip, str]]) -> str | None:
    """The first of these clips of the same file, and its set, that a clip has a moment in common with.

    Two whole files are not looked at here: those are copies.
    """
    for other, name in others:
        if (clip.segment or other.segment) and overlap(clip.segment, other.segment):
            return f"{other.name} in {name}"
    return None


class Divider(Protocol):
    """A way to divide clips, by the settings of `conf/split`."""

    def __call__(self, clips: Sequence[Clip]) -> Split:
        """Divide the clips; raises `SplitError` where that cannot be done."""
        ...

    def empty(self, name: str) -> str:
        """Why a set was drawn without any clip, where that can be."""
        ...

    def without(
        self,
        name: str,
        actors: Collection[int | str],
        others: Sequence[int | str],
        left: str,
    ) -> str:
        """The setting that goes on without these actors of a set, as a shell takes it.

        name: of the set; others: actors that could take their place; left: the setting that leaves
        the actors out of the corpus.
        """
        ...


def _without_classes(classes: Classes, absent: Sequence[str]) -> str:
    """The setting that leaves these classes out of all sets."""
    emotions = [emotion for name in absent for emotion in classes.emotions(name)]
    left_out = override("data.without_emotions", dict.fromkeys([*classes.without, *emotions]))
    return f"{left_out} leaves {'it' if len(absent) == 1 else 'them'} out of all sets"


def listed(actors: Iterable[int | str]) -> str:
    """Actors as a message shows them; of very many the first ones."""
    names = [str(actor) for actor in in_order(actors)]
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return (", ".join(names[:_SHOWN]) or "none") + more
