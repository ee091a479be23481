"""A corpus as a run uses it: where its clips are, which are used, how they are divided."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.numbers import Numbers, Target
from ravdess_exp.corpus.selection import Selection, of_actors, without_actors
from ravdess_exp.corpus.speaker import in_order
from ravdess_exp.corpus.split import SETS, Split
from ravdess_exp.corpus.split.sets import Divider
from ravdess_exp.errors import SplitError


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Clips below `root`, what is learned of them, and the split of a run.

    list_clips: reads what there is; divide: clips to a split; has_folds: whether it draws folds rather
    than lists of actors; found: what was read already, so that it is not read again;
    sources: of each of several corpora.
    """

    source: str
    root: Path
    selection: Selection
    list_clips: Callable[[], Manifest]
    divide: Divider
    has_folds: bool
    found: Manifest | None = None
    sources: tuple[str, ...] = ()

    def find(self) -> Manifest:
        """List the clips that there are, once; raises `CorpusError` where there are none."""
        return self._listed if self.found is None else self.found

    @property
    def is_labelled_apart(self) -> bool:
        """Whether a clip's emotion stands elsewhere than in its name, so that it may change alone."""
        return self.source in ("table", "audformat", "meld", "several", "demo_table")

    @property
    def classes(self) -> Target:
        """What a model of these clips tells apart: classes, or the numbers in their place."""
        return self.find().classes

    @cached_property
    def _listed(self) -> Manifest:
        return self.list_clips()

    def split(self, manifest: Manifest) -> Split:
        """Divide the clips that are selected; raises `SplitError` where a set has none.

        Lists of actors are drawn from everything there is, so that a filter changes who is in no
        set; folds are drawn from all actors but those left out, so that none is empty.
        """
        clips = manifest.everything
        if self.has_folds:
            clips = [clip for clip in clips if clip.actor not in self.selection.left_out]
        drawn = self.divide(clips)
        used = drawn.only({clip.name for clip in manifest.clips})
        for name in SETS:
            if not getattr(drawn, name):
                raise SplitError(self.divide.empty(name))
            if not getattr(used, name):
                actors = drawn.actors()[name]
                reason = self.selection.reason_without(getattr(drawn, name))
                others = {clip.actor for clip in manifest.clips}
                raise SplitError(
                    f"split.{name}: no clip of {of_actors(actors)} with {reason}; "
                    + self._without(name, actors, others)
                )
        return used

    def require_classes(self, split: Split) -> None:
        """Raise `SplitError` where a set has no clip of some class, or only one value of a number.

        With the settings that go on.
        """
        everyone = {clip.actor for clip in split.clips()}

        def without(name: str, actors: list[int | str]) -> str:
            return self._without(name, actors, everyone)

        if isinstance(self.classes, Numbers):
            self.classes.require(split, without)
        else:
            split.require_classes(self.classes, without)

    def describe(self, split: Split) -> str:
        """The size of each set, by class or with its numbers, as a table."""
        target = self.classes
        return target.describe(split) if isinstance(target, Numbers) else split.describe(target)

    def _without(
        self, name: str, actors: Collection[int | str], others: Collection[int | str]
    ) -> str:
        """The setting that goes on without these actors of a set. others: those that there are."""
        rest = in_order(set(others).difference(actors))
        return self.divide.without(name, actors, rest, without_actors(self.selection, actors))
