"""What a database in audformat says of each recording: which tables, columns and schemes hold it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ravdess_exp.corpus.split.sets import SETS
from ravdess_exp.errors import CorpusError

if TYPE_CHECKING:
    import pandas as pd
    from audformat import Column, Database, Table

_OUR_SETS = {"train": "train", "dev": "validation", "test": "test"}  # by type of a split
_SEX = ("sex", "gender")
_FACTS = ("statement", "intensity", "language", "group")  # columns of these names are what they say


@dataclass(frozen=True)
class Annotations:
    """A database, and where the emotion and the speaker of its recordings are found.

    emotion, speaker: the name of a column or of a scheme. tables: names or patterns of tables with
    emotions; None for those that `chosen_tables` takes.
    """

    database: "Database"
    emotion: str
    speaker: str
    tables: Sequence[str] | None

    def frames(self) -> Iterator[tuple[str, "pd.DataFrame"]]:
        """Of each table its name, and a row for each segment, by file, start and end.

        Columns are emotion, speaker, sex, set and the facts that there are, as text or missing. Raises
        `CorpusError` where the emotion or the speaker cannot be found.
        """
        for name in self.chosen_tables():
            yield name, self._frame(name)

    def chosen_tables(self) -> list[str]:
        """Tables with emotions: those named; else of train, dev and test, or else the only one without."""
        found = [n for n, table in self.database.tables.items() if self._own(table, self.emotion)]
        if not found:
            columns = sorted({c for table in self.database.tables.values() for c in table.columns})
            raise CorpusError(
                f"data.emotion={self.emotion}: no table of {self.database.name} has such a column or "
                f"scheme; its columns are {', '.join(columns)}"
            )
        if self.tables is not None:
            chosen = [n for n in found if any(fnmatchcase(n, wanted) for wanted in self.tables)]
            if chosen:
                return chosen
            raise CorpusError(
                f"data.tables=[{','.join(self.tables)}]: no table of {self.database.name} with emotions "
                f"has such a name; they are {', '.join(found)}"
            )
        divided = {name: self._set(name) for name in found if self._set(name)}
        undivided = [name for name in found if name not in divided]
        if sorted(divided.values()) == sorted(SETS):
            return list(divided)
        if len(undivided) == 1 or len(found) == 1:
            return undivided or found
        raise CorpusError(
            f"{self.database.name}: several tables have emotions, {', '.join(found)}; 'data.tables=["
            f"{found[0]}]' says which to use"
        )

    def _set(self, name: str) -> str | None:
        """Which of our sets a table is of, by its split or by a part of its name."""
        split = self.database.tables[name].split_id
        if split is not None:
            return _OUR_SETS.get(self.database.splits[split].type)
        return next((_OUR_SETS[part] for part in name.split(".") if part in _OUR_SETS), None)

    def _frame(self, name: str) -> "pd.DataFrame":
        import audformat
        import pandas as pd

        table = self.database.tables[name]
        emotion = self._own(table, self.emotion).get()
        speaker, mapped = self._speakers(table)
        if speaker is None:
            raise CorpusError(
                f"data.speaker={self.speaker}: neither {name} nor another table of {self.database.name} "
                "has such a column or scheme for its files; without it speakers cannot be kept apart"
            )
        columns = {"emotion": emotion, "speaker": speaker, "sex": mapped}
        columns |= {fact: self._anywhere(table, fact) for fact in _FACTS}
        frame = pd.DataFrame(
            {n: v.astype(object) for n, v in columns.items() if v is not None}, index=emotion.index
        )
        frame["set"] = self._set(name)
        frame.index = audformat.utils.to_segmented_index(frame.index)
        return frame.where(frame.notna(), None)

    def _speakers(self, table: "Table") -> tuple["pd.Series | None", "pd.Series | None"]:
        """Speaker and sex of each row; the sex by the speaker's scheme, or a column of its own."""
        column = self._column(table, self.speaker)
        if column is None:
            return None, None
        speaker = _aligned(column.get(), table)
        for sex in _SEX:
            if _has_label(self.database, column, sex):
                return speaker, _aligned(column.get(map=sex), table)
        found = (self._anywhere(table, sex) for sex in _SEX)
        return speaker, next((values for values in found if values is not None), None)

    def _anywhere(self, table: "Table", name: str) -> "pd.Series | None":
        column = self._column(table, name)
        return None if column is None else _aligned(column.get(), table)

    def _column(self, table: "Table", name: str) -> "Column | None":
        """A column of the table itself; else of another one that has a value for its rows."""
        own = self._own(table, name)
        if own is not None:
            return own
        for other in self.database.tables.values():
            column = self._own(other, name)
            if column is not None and _aligned(column.get(), table).notna().any():
                return column
        return None

    def _own(self, table: "Table", name: str) -> "Column | None":
        """By its name, or by its scheme's."""
        if name in table.columns:
            return table.columns[name]
        return next((c for c in table.columns.values() if c.scheme_id == name), None)


def _aligned(values: "pd.Series", table: "Table") -> "pd.Series":
    """Values of another table for the rows of this one: by segment, or by file where they are of files."""
    if values.index.equals(table.index):
        return values
    if values.index.nlevels == 1 and table.index.nlevels > 1:
        found = values.reindex(table.files)
        found.index = table.index
        return found
    return values.reindex(table.index)


def _has_label(database: "Database", column: "Column", name: str) -> bool:
    """Whether the scheme of a column says more of each label, such as a speaker's sex."""
    scheme = column.scheme
    if scheme is None or scheme.labels is None:
        return False
    if scheme.uses_table:
        return name in database.misc_tables[scheme.labels].columns
    labels = scheme.labels
    return isinstance(labels, dict) and any(
        isinstance(told, dict) and name in told for told in labels.values()
    )
