"""Numbers that a table's columns hold, such as arousal and valence, in the place of classes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from ravdess_exp.corpus.table.file import Rows, composed
from ravdess_exp.corpus.table.place import UnusableError
from ravdess_exp.errors import CorpusError

_LARGEST = 1e6  # no rating is larger, and float32 still tells tenths apart there


@dataclass(frozen=True)
class NumberColumns:
    """The columns that are to be learned, by name, and where each is in a row."""

    names: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()

    @classmethod
    def of(cls, rows: Rows, names: Sequence[str]) -> "NumberColumns":
        """Find them in the header; raises `CorpusError` for one that is missing or there twice."""
        positions = []
        for name in map(composed, names):
            found = [i for i, known in enumerate(rows.header) if known == name]
            found = found or [i for i, n in enumerate(rows.header) if n.lower() == name.lower()]
            if len(found) != 1:
                told = (
                    f"the column {name} is there {len(found)} times"
                    if found
                    else f"no column {name}"
                )
                raise CorpusError(
                    f"{rows.path}: {told}; its columns are {', '.join(rows.header)}. data.targets names the "
                    "columns of numbers that are to be learned"
                )
            positions.append(found[0])
        return cls(tuple(names), tuple(positions))

    def read(self, fields: Sequence[str]) -> tuple[float, ...]:
        """The numbers of a row; raises `UnusableError` for what is none, or not finite."""
        return tuple(
            _number(name, fields[position].strip())
            for name, position in zip(self.names, self.positions, strict=True)
        )

    def require_spread(self, table: str, rows: Sequence) -> None:
        """Raise `CorpusError` where a number is the same in every row. rows: with `line` and `numbers`."""
        for i, name in enumerate(self.names):
            first = rows[0].numbers[i]
            if all(row.numbers[i] == first for row in rows):
                raise CorpusError(
                    f"{table}: {name} is {first:g} in all {len(rows):,} rows, the first of them line "
                    f"{rows[0].line}; expected numbers that differ"
                )

    def ranges(self, rows: Sequence) -> list[str]:
        """A sentence on each number: from where to where it goes, and its mean. rows: as above."""
        columns = zip(*(row.numbers for row in rows), strict=True)
        return [
            f"{name}: {min(of):g} to {max(of):g}, mean {fmean(of):.3g}"
            for name, of in zip(self.names, columns, strict=True)
        ]


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        hint = ", with a point and no comma" if "," in text else ""
        told = (
            f"{name} {text!r}: expected a number{hint}" if text else f"no {name}; expected a number"
        )
        raise UnusableError(told) from None
    if not math.isfinite(number):
        raise UnusableError(f"{name} {text!r}: expected a finite number")
    if abs(number) > _LARGEST:
        raise UnusableError(f"{name} {text!r}: expected a number of at most {_LARGEST:g}")
    return number
