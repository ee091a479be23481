"""Train, validation and test: three sets of clips without a common speaker."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.errors import SplitError

SETS = ("train", "validation", "test")
LEAKY = (
    "WARNING: split=leaky, or data.plant_leak, puts clips of the same speakers into training and test. "
    "The score says nothing about unknown speakers; it is there to show how much that flatters."
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

    def with_planted_leak(self) -> "LeakySplit":
        """A copy of every test clip among the training clips: what a check must be able to see."""
        return LeakySplit(self.train + self.test, self.validation, self.test)

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
            actors = listed({clip.actor for clip in clips})
            lines.append(f"{name:10} {row} {len(clips):7d}  {actors}")
        return "\n".join(lines)


@dataclass(frozen=True)
class LeakySplit(Split):
    """Three sets that do share speakers: what must not be done, to show how much it flatters."""

    def __post_init__(self) -> None:
        """Nothing is refused here; whoever uses it is warned (`LEAKY`)."""


def listed(actors: Iterable[int]) -> str:
    """Numbers of actors as a message shows them."""
    return ", ".join(str(actor) for actor in sorted(actors)) or "none"
