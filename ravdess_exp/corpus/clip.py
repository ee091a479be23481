"""One recording of someone who shows an emotion, whatever corpus it is of."""

from dataclasses import dataclass, field
from pathlib import Path

from ravdess_exp.corpus.segment import Segment
from ravdess_exp.corpus.speaker import speaker_of


@dataclass(frozen=True, order=True)
class Clip:
    """One recording, and what is known of it; None is what the corpus does not say.

    place: where it stands among the clips of its corpus, by which clips are ordered and never by where
    or when a file was listed. id: unique within a corpus. speaker: any name; see `corpus.speaker` for
    names that are numbers. emotion: as the corpus names it. sex: `male`, `female` or another. statement:
    which text is said, by the corpus's own sign for it; words: a name of that text which tells more.
    intensity, language, channel (speech or song): as the corpus names them. group: any further
    division by which scores are to be given. of_set: train, validation or test, where the corpus itself
    divides its clips. numbers: such as arousal and valence, where they are what is learned.
    segment: which part of the file it is; None for all of it. origin: where the corpus says all this,
    such as `mine.csv, line 7`. corpus: its name, where there are several.
    """

    place: tuple[int, ...]
    id: str
    path: Path
    speaker: str
    emotion: str
    sex: str | None = None
    statement: str | None = None
    words: str | None = None
    intensity: str | None = None
    language: str | None = None
    channel: str | None = None
    group: str | None = None
    of_set: str | None = None
    numbers: tuple[float, ...] = ()
    segment: Segment | None = None
    origin: str | None = field(default=None, compare=False)
    corpus: str | None = None

    @property
    def name(self) -> str:
        """The id, under the name that results have for it."""
        return self.id

    @property
    def labelled(self) -> str:
        """What is learned of it, as text: its emotion, or its numbers."""
        return " ".join(f"{number:.9g}" for number in self.numbers) or self.emotion

    @property
    def shown(self) -> Path | str:
        """The file as lists of failures name it, with the part of it that is meant."""
        return self.path if self.segment is None else f"{self.path}#{self.segment}"

    @property
    def actor(self) -> int | str:
        """The speaker as results write it: a number where the name is one; see `corpus.speaker`."""
        return speaker_of(self.speaker)
