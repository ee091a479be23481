"""Whether the clips of a run that is done are still those that it was of."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ravdess_exp.corpus.split import SETS, Split

if TYPE_CHECKING:
    from pandas import DataFrame

LABELS = ("emotion", "numbers")  # columns of split.csv: what is learned of a clip


def other_clips(table: "DataFrame", split: Split) -> bool:
    """Whether a set of split.csv is not that of the split. table: clip, set."""
    return any(
        set(table["clip"][table["set"] == name]) != {clip.name for clip in getattr(split, name)}
        for name in SETS
    )


def relabelled(table: "DataFrame", split: Split) -> str | None:
    """A sentence on the first clip whose label is another one now, where split.csv says it."""
    for kind in (name for name in LABELS if name in table):
        before = dict(table[["clip", kind]].itertuples(index=False))
        for clip in split.clips():
            if before.get(clip.name) != clip.labelled:
                return f"the {kind} of {clip.name} is another one now"
    return None


def other_file(table: "DataFrame", split: Split, digest: Callable[..., str]) -> str | None:
    """The first clip that was used and whose file has other bytes now. table: clip, used, sha256."""
    used = dict(table.loc[table["used"], ["clip", "sha256"]].itertuples(index=False))
    for clip in split.clips():
        try:
            if used.get(clip.name) and digest(clip.path, clip.segment) != used[clip.name]:
                return clip.name
        except OSError:
            return clip.name
    return None
