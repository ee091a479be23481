"""One row of a table: what it says of a clip, or why it cannot be used."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ravdess_exp.corpus.segment import Segment
from ravdess_exp.corpus.speaker import speaker_of
from ravdess_exp.corpus.table.columns import REQUIRED, Columns
from ravdess_exp.corpus.table.labels import emotion_of
from ravdess_exp.corpus.table.numbers import NumberColumns
from ravdess_exp.corpus.table.place import Places, UnusableError

_SETS = {
    "train": "train", "training": "train",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
    "development": "validation",
    "test": "test", "testing": "test", "evaluation": "test",
}  # fmt: skip
_SEXES = {"m": "male", "male": "male", "man": "male"} | dict.fromkeys(
    ("f", "female", "w", "woman"), "female"
)
_LONGEST_SPEAKER = 100  # characters, which folders are named by
_NOT_A_TIME = {"nan", "nat", "none", "null", "<na>"}  # as programs write what is missing
_FACTS = ("statement", "intensity", "language", "group")


@dataclass(frozen=True)
class Row:
    """What one row says. label: its emotion as the table has it; emotion: as it is used.

    origin: the row, as messages name it.
    """

    line: int
    id: str
    path: Path
    speaker: int | str
    label: str
    emotion: str
    sex: str | None
    facts: Mapping[str, str | None]
    of_set: str | None
    segment: Segment | None = None
    origin: str | None = None
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class RowReader:
    """Reads rows. labels: emotions by the table's label, None leaves out; None: as the table has them."""

    columns: Columns
    places: Places
    labels: Mapping[str, str | None] | None
    numbers: NumberColumns = field(default_factory=NumberColumns)

    def __call__(self, line: int, fields: list[str], origin: str) -> Row:
        """Read a row; raises `UnusableError`, or `LeftOutError` for a label that is left out."""
        columns = self.columns
        if len(fields) != columns.count:
            raise UnusableError(f"{len(fields)} fields, expected {columns.count} as in the header")
        values = {name: columns.value(fields, name) for name in REQUIRED}
        if missing := [name for name in columns.required if not values[name]]:
            raise UnusableError(f"no {' and no '.join(missing)}; expected a value")
        label = values["emotion"]
        emotion = emotion_of(label, self.labels) if "emotion" in columns.required else label
        numbers = self.numbers.read(fields)
        if len(values["speaker"]) > _LONGEST_SPEAKER:
            raise UnusableError(
                f"a speaker's name of {len(values['speaker'])} characters, expected "
                f"at most {_LONGEST_SPEAKER}"
            )
        segment = self._segment(fields)
        name, path = self.places.find(values["path"])
        sex = columns.value(fields, "sex")
        return Row(
            line,
            name if segment is None else f"{name}#{segment}",
            path,
            speaker_of(values["speaker"]),
            label,
            emotion,
            _SEXES.get(sex.lower(), sex) or None,
            {fact: columns.value(fields, fact) or None for fact in _FACTS},
            self._set(fields),
            segment,
            origin,
            numbers,
        )

    def _segment(self, fields: list[str]) -> Segment | None:
        """The part of the file that the columns `start` and `end` say; None for all of it.

        Nothing in one of them is the file's own start or end; a NaN beside a number is a mistake. Whether
        the file is as long is seen when it is decoded.
        """
        written = {n: self.columns.as_written(fields, n) for n in ("start", "end")}
        given = {n: text for n, text in written.items() if text and text.lower() not in _NOT_A_TIME}
        if not given:
            return None
        told = " and ".join(f"{name} {text!r}" for name, text in written.items() if text)
        try:
            times = {name: float(text) for name, text in written.items() if text}
        except ValueError:
            raise UnusableError(f"{told}: expected seconds, such as 75.5") from None
        if not all(map(math.isfinite, times.values())):
            raise UnusableError(f"{told}: expected numbers of seconds")
        start, end = times.get("start", 0.0), times.get("end")
        if start < 0 or (end is not None and end <= start):
            raise UnusableError(f"{told}: expected an end after the start, both at least 0")
        return Segment.of(start, end)

    def _set(self, fields: list[str]) -> str | None:
        text = self.columns.value(fields, "split")
        if not text:
            return None
        if text.lower() not in _SETS:
            raise UnusableError(f"split {text!r}: expected train, validation or test, or nothing")
        return _SETS[text.lower()]
