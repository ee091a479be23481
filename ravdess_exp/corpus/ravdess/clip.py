"""A clip of RAVDESS: the seven codes of its file's name say who, what and how."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.ravdess.labels import (
    ACTORS,
    CHANNELS,
    EMOTIONS,
    INTENSITIES,
    MODALITIES,
    REPETITIONS,
    STATEMENT_WORDS,
    sex_of,
)
from ravdess_exp.errors import CorpusError

_FIELDS = (
    ("modality", MODALITIES),
    ("channel", CHANNELS),
    ("emotion", EMOTIONS),
    ("intensity", INTENSITIES),
    ("statement", STATEMENT_WORDS),
    ("repetition", REPETITIONS),
    ("actor", ACTORS),
)
_NAME = re.compile(r"\d\d(-\d\d){6}", re.ASCII)  # other scripts have digits too


@dataclass(frozen=True, order=True)
class RavdessClip(Clip):
    """One recording of RAVDESS, whose place among the others is its seven codes."""

    @property
    def modality(self) -> int:
        """1: sound and picture, 2: picture alone, 3: sound alone."""
        return self.place[0]

    @property
    def trial(self) -> str:
        """The name without its modality: what was said once, and may lie in several files."""
        return self.id.partition("-")[2]

    @classmethod
    def from_path(cls, path: Path) -> "RavdessClip":
        """Read the seven codes of a file name; raises `CorpusError` saying which one is wrong."""
        if not _NAME.fullmatch(path.stem):
            raise CorpusError(not_a_name(path))
        codes = tuple(int(part) for part in path.stem.split("-"))
        for code, (field, known) in zip(codes, _FIELDS, strict=True):
            if code not in known:
                raise CorpusError(
                    f"{path.name}: {field} code {code:02d}, expected one of {_range(known)}"
                )
        return cls.of(codes, path)

    @classmethod
    def of(cls, codes: tuple[int, ...], path: Path) -> "RavdessClip":
        """From seven codes that are known to be right."""
        _, channel, emotion, intensity, statement, _, actor = codes
        return cls(
            place=codes,
            id="-".join(f"{code:02d}" for code in codes),
            path=path,
            speaker=str(actor),
            emotion=EMOTIONS[emotion],
            sex=sex_of(actor),
            statement=str(statement),
            words=STATEMENT_WORDS[statement],
            intensity=INTENSITIES[intensity],
            channel=CHANNELS[channel],
        )


def not_a_name(path: Path) -> str:
    """What a file's name should be."""
    return (
        f"{path.name}: not a RAVDESS file name, expected seven two-digit codes such as "
        f"01-01-03-01-02-01-07{path.suffix}"
    )


def _range(codes: Iterable[int]) -> str:
    return f"{min(codes):02d}..{max(codes):02d}"
