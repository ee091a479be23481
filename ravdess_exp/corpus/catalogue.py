"""The clips of a corpus in a fixed order, and the files that are none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ravdess_exp.corpus.classes import ListedClasses
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.numbers import Target
from ravdess_exp.corpus.selection import DEFAULT, Selection, of_actors, without_actors
from ravdess_exp.corpus.speaker import in_order
from ravdess_exp.corpus.summary import summary_of
from ravdess_exp.corpus.terms import Terms


@dataclass(frozen=True)
class Manifest:
    """The samples of a corpus in a fixed order, and the files that are no samples.

    clips: those that are selected; everything: and those that are not, since a split is drawn over all
    of them; rejected: files, or rows of a table, that should have been samples, with the reason; other:
    clips without the sound or the picture that is asked for; copies: further files of the same
    recordings, which are used once; unread: files of other kinds, by ending; vocabulary: the corpus's
    emotions in its order; classes: what is learned, or numbers; left_out: rows whose label is left out
    on purpose, with the reason; remarks:
    what else the corpus's own reader has to say, a line each; terms: on which it is given, where known.
    """

    root: Path
    clips: tuple[Clip, ...]
    everything: tuple[Clip, ...]
    rejected: tuple[tuple[Path | str, str], ...] = ()
    other: int = 0
    copies: tuple[tuple[Path | str, str], ...] = ()
    unread: Mapping[str, int] = field(default_factory=dict)
    selection: Selection = DEFAULT
    classes: Target = field(default_factory=ListedClasses)
    vocabulary: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    terms: Terms | None = None

    def summary(self) -> str:
        """What there is, what is missing from what was expected, and what is not used and why."""
        return summary_of(self)

    def unheard_actors(self) -> list[str]:
        """A sentence on the actors of whom there are clips and none is selected."""
        left_out = {clip.actor for clip in self.clips}.union(self.selection.left_out)
        actors = in_order({clip.actor for clip in self.everything} - left_out)
        if not actors:
            return []
        reason = self.selection.reason_without([c for c in self.everything if c.actor in actors])
        without = without_actors(self.selection, actors)
        return [
            f"no clip of {of_actors(actors)} with {reason}; {without} leaves them out of all sets"
        ]
