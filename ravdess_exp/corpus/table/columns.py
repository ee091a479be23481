"""Which column of a table says what."""

from collections.abc import Mapping
from dataclasses import dataclass

from ravdess_exp.corpus.table.file import Rows, composed
from ravdess_exp.errors import CorpusError

REQUIRED = ("path", "speaker", "emotion")
_MISSING = {"nan", "<na>", "n/a"}  # as programs write it, in small letters
OPTIONAL = ("sex", "statement", "intensity", "language", "group", "split", "start", "end")


@dataclass(frozen=True)
class Columns:
    """The position of each column that is known, by our name for it.

    required: our names of those that a row needs a value in.
    """

    positions: Mapping[str, int]
    count: int
    required: tuple[str, ...] = REQUIRED

    @classmethod
    def of(
        cls, rows: Rows, renamed: Mapping[str, str], required: tuple[str, ...] = REQUIRED
    ) -> "Columns":
        """Find them in the header. renamed: the table's name for one of ours.

        Raises `CorpusError` for a column that is missing, or there twice.
        """
        header = rows.header
        positions = {}
        for ours in (*REQUIRED, *OPTIONAL):
            theirs = composed(renamed.get(ours, ours))
            found = [i for i, name in enumerate(header) if name == theirs]
            if not found and ours not in renamed:
                found = [i for i, name in enumerate(header) if name.lower() == theirs]
            if len(found) > 1:
                raise CorpusError(f"{rows.path}: the column {theirs} is there {len(found)} times")
            if found:
                positions[ours] = found[0]
            elif ours in required or ours in renamed:
                raise CorpusError(
                    f"{rows.path}: no column {theirs}; its columns are {', '.join(header)}. "
                    f"'data.columns={{{ours}: NAME}}' says which one is the {ours}"
                )
        return cls(positions, len(header), required)

    def value(self, fields: list[str], name: str) -> str:
        """What a row has in a column, without spaces around it; nothing where there is no such column.

        An accent is one character, however the table has it; but a path is as the file system has it.
        """
        text = self.as_written(fields, name)
        if text.lower() in _MISSING:
            return ""
        return text if name == "path" else composed(text)

    def as_written(self, fields: list[str], name: str) -> str:
        """The same, where a NaN is no missing value."""
        position = self.positions.get(name)
        return "" if position is None else fields[position].strip()
