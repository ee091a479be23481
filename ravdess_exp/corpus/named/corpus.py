"""A corpus that is known by its name: how its files are named, what they mean, what it should have."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ravdess_exp.corpus.terms import Terms

_COPY = r"(?: ?\(\d{1,3}\)| - copy| copy)?"  # as file managers mark a second one
_ENDING = r"\.\w+"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the whole corpus holds: speakers, and clips by emotion."""

    speakers: int
    by_emotion: Mapping[str, int]

    @property
    def clips(self) -> int:
        """How many clips there are."""
        return sum(self.by_emotion.values())


@dataclass(frozen=True, kw_only=True)
class NamedCorpus:
    """A corpus whose clips are told by the names of their files.

    name: as data=NAME has it. pattern: a regular expression of a file's path below any folder, without
    its ending, folders divided by slashes, case aside. Its groups are codes: speaker, emotion and what
    else is told; folder is a speaker that counts more than the file's own. clip_id, statement: what one
    recording and its text are called, made of the codes in capital letters, or small ones by `_lower`.
    aliases: how a code is meant that is written otherwise. emotions, intensities: our names by code.
    sexes: by speaker. has_picture: whether it is published with picture. example: a file's name.
    faults: what is known to be wrong, by clip id; unusable: the same of what is left out for it.
    """

    name: str
    terms: Terms
    pattern: str
    clip_id: str
    emotions: Mapping[str, str]
    expected: Expected
    has_picture: bool
    example: str
    statement: str = "{statement}"
    aliases: Mapping[str, str] = field(default_factory=dict)
    intensities: Mapping[str, str] = field(default_factory=dict)
    sexes: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)

    def compiled(self) -> re.Pattern:
        """The pattern of a path below the corpus's folder, with its ending."""
        # folders before it as few as will do, so that those the pattern itself speaks of are its own
        text = f"(?:.*?/)??{self.pattern}{_COPY}{_ENDING}"
        return re.compile(text, re.IGNORECASE | re.ASCII)

    def read(self, found: re.Match) -> "Fields":
        """What the groups of a match mean."""
        codes = {name: (code or "").upper() for name, code in found.groupdict().items()}
        codes = {name: self.aliases.get(code, code) for name, code in codes.items()}
        codes["speaker"] = codes.get("folder") or codes["speaker"]
        written = codes | {f"{name}_lower": code.lower() for name, code in codes.items()}
        return Fields(
            id=self.clip_id.format(**written).rstrip("_"),
            speaker=codes["speaker"],
            emotion=self.emotions[codes["emotion"]],
            statement=self.statement.format(**written).rstrip("_") or None,
            intensity=self.intensities.get(codes.get("intensity", "")),
        )


@dataclass(frozen=True)
class Fields:
    """What the name of a file says. id: of the recording, which may lie in several files."""

    id: str
    speaker: str
    emotion: str
    statement: str | None
    intensity: str | None
