"""One row of a table: what it says of a clip, or why it cannot be used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ravdess_exp.corpus.speaker import speaker_of
from ravdess_exp.corpus.table.columns import REQUIRED, Columns
from ravdess_exp.corpus.table.numbers import NumberColumns
from ravdess_exp.corpus.table.place import Places, UnusableError
from ravdess_exp.errors import CorpusError

_SETS = {
    "train": "train", "training": "train",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
    "development": "validation",
    "test": "test", "testing": "test", "evaluation": "test",
}  # fmt: skip
_SEXES = {"m": "male", "male": "male", "man": "male"} | dict.fromkeys(
    ("f", "female", "w", "woman"), "female"
)
_NAME = re.compile(r"[\w .:+-]{1,60}")  # of a class: what MLflow takes in the name of a metric
_TAKEN = {"fold", "seed", "clip", "actor", "label", "prediction", "sure"}  # in predictions.csv
_LONGEST_SPEAKER = 100  # characters, which folders are named by
_FACTS = ("statement", "intensity", "language", "group")


class LeftOutError(CorpusError):
    """A row that `data.labels` leaves out."""


@dataclass(frozen=True)
class Row:
    """What one row says. label: its emotion as the table has it; emotion: as it is used."""

    line: int
    id: str
    path: Path
    speaker: int | str
    label: str
    emotion: str
    sex: str | None
    facts: Mapping[str, str | None]
    of_set: str | None
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class RowReader:
    """Reads rows. labels: emotions by the table's label, None leaves out; None: as the table has them.

    numbers: the columns of numbers that are learned, where no emotion needs to be; none: classes are.
    """

    columns: Columns
    places: Places
    labels: Mapping[str, str | None] | None
    numbers: NumberColumns = field(default_factory=NumberColumns)

    def __call__(self, line: int, fields: list[str]) -> Row:
        """Read a row; raises `UnusableError`, or `LeftOutError` for a label that is left out."""
        columns = self.columns
        if len(fields) != columns.count:
            raise UnusableError(f"{len(fields)} fields, expected {columns.count} as in the header")
        values = {name: columns.value(fields, name) for name in REQUIRED}
        if missing := [name for name in columns.required if not values[name]]:
            raise UnusableError(f"no {' and no '.join(missing)}; expected a value")
        label = values["emotion"]
        emotion = self._emotion(label) if "emotion" in columns.required else label
        numbers = self.numbers.read(fields)
        self._refuse_segment(fields)
        if len(values["speaker"]) > _LONGEST_SPEAKER:
            raise UnusableError(
                f"a speaker's name of {len(values['speaker'])} characters, expected "
                f"at most {_LONGEST_SPEAKER}"
            )
        name, path = self.places.find(values["path"])
        sex = columns.value(fields, "sex")
        return Row(
            line,
            name,
            path,
            speaker_of(values["speaker"]),
            label,
            emotion,
            _SEXES.get(sex.lower(), sex) or None,
            {fact: columns.value(fields, fact) or None for fact in _FACTS},
            self._set(fields),
            numbers,
        )

    def _emotion(self, label: str) -> str:
        emotion: str | None = label
        if self.labels is not None:
            if label not in self.labels:
                known = ", ".join(self.labels)
                raise LeftOutError(f"emotion {label!r}: not in data.labels, which has {known}")
            emotion = self.labels[label]
        if emotion is None:
            raise LeftOutError(f"emotion {label!r}: left out by data.labels")
        if not _NAME.fullmatch(emotion) or emotion.lower() in _TAKEN:
            raise UnusableError(
                f"emotion {emotion!r}: expected letters, digits, spaces, '.', ':', '+', '-' and '_', at "
                f"most 60, and none of {', '.join(sorted(_TAKEN))}; data.labels gives another name"
            )
        return emotion

    def _refuse_segment(self, fields: list[str]) -> None:
        """Parts of a file cannot be used: a whole film must not be taken for one of its moments."""
        times = {name: self.columns.value(fields, name) for name in ("start", "end")}
        if not any(times.values()):
            return
        told = " and ".join(f"{name} {time!r}" for name, time in times.items() if time)
        try:
            start, end = (float(times["start"] or 0), float(times["end"] or "inf"))
        except ValueError:
            raise UnusableError(f"{told}: expected seconds") from None
        if not 0 <= start < end:
            raise UnusableError(f"{told}: expected an end after the start, both at least 0")
        raise UnusableError(
            f"{told}: segments of a file are not read; cut it into a file for each, and leave start and "
            "end empty"
        )

    def _set(self, fields: list[str]) -> str | None:
        text = self.columns.value(fields, "split")
        if not text:
            return None
        if text.lower() not in _SETS:
            raise UnusableError(f"split {text!r}: expected train, validation or test, or nothing")
        return _SETS[text.lower()]
