"""A corpus as a run uses it: where its clips are, which are used, how they are divided."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ravdess_exp.corpus.manifest import Manifest, Selection, scan
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.corpus.split import Split


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Clips below `root`, their classes, and the split of a run.

    divide: clips to a split; has_folds: whether it draws folds rather than lists of actors; make:
    writes the clips where they are missing.
    """

    source: str
    root: Path
    selection: Selection
    classes: Classes
    divide: Callable[..., Split]
    has_folds: bool
    make: Callable[[], object] | None = None

    def find(self) -> Manifest:
        """List the clips that there are; raises `CorpusError` where there are none."""
        if self.make is not None:
            self.make()
        return scan(self.root, self.selection)

    def split(self, manifest: Manifest) -> Split:
        """Divide the clips that are selected; raises `SplitError` where that cannot be done.

        Lists of actors are drawn from everything there is, so that a filter changes who is in no
        set; folds are drawn from all actors but those left out, so that none is empty.
        """
        clips = manifest.everything
        if self.has_folds:
            clips = [clip for clip in clips if clip.actor not in self.selection.without_actors]
        return self.divide(clips).only({clip.name for clip in manifest.clips})
