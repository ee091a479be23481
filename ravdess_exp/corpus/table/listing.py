"""The clips that a table lists."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.selection import DEFAULT, Selection
from ravdess_exp.corpus.table.agreement import (
    require_one_sex,
    require_speakers,
    require_spelling,
    without_repeats,
)
from ravdess_exp.corpus.table.clips import manifest_of
from ravdess_exp.corpus.table.columns import REQUIRED, Columns
from ravdess_exp.corpus.table.file import Rows, composed, read_rows
from ravdess_exp.corpus.table.labels import LeftOutError
from ravdess_exp.corpus.table.numbers import NumberColumns
from ravdess_exp.corpus.table.place import Places, UnusableError
from ravdess_exp.corpus.table.row import Row, RowReader
from ravdess_exp.errors import CorpusError

_SHOWN = 5  # rows in a message

Reasons = list[tuple[str, str]]


def list_table(
    table: Path,
    *,
    root: Path | None = None,
    columns: Mapping[str, str] | None = None,
    labels: Mapping[str, str | None] | None = None,
    targets: Sequence[str] = (),
    encoding: str = "utf-8",
    selection: Selection = DEFAULT,
    fewest_speakers: int = 3,
) -> Manifest:
    """Read a table of clips: `path,speaker,emotion` and what else is known (`columns.OPTIONAL`).

    root: where relative paths begin; None: in the table's folder. columns: the table's names for ours.
    labels: the emotion of each label, None to leave it out; a label that is not among them is left out
    too. targets: columns of numbers that are learned in the place of emotions. fewest_speakers: that there
    must be, one for each set that the corpus is divided into. Raises `CorpusError` for a table that cannot
    be read or has no row that can be used.
    """
    rows = read_rows(table, encoding)
    if labels is not None:
        labels = {composed(label): emotion for label, emotion in labels.items()}
    folder = root or table.parent
    places = Places(str(folder.absolute()), root is not None, selection.modality)
    numbers = NumberColumns.of(rows, targets)
    spared = {"emotion"} if targets and labels is None else set()
    required = tuple(name for name in REQUIRED if name not in spared)
    reader = RowReader(Columns.of(rows, columns or {}, required), places, labels, numbers)
    good, rejected, left_out = _read(rows, reader)
    kept, repeats, wrong = without_repeats(good)
    kept, other_sex = require_one_sex(kept)
    rejected += [(row.origin, reason) for row, reason in (*wrong, *other_sex)]
    _require_rows(rows, kept, rejected, left_out)
    unused = _unused(rejected, left_out)
    require_speakers(table.name, kept, fewest_speakers, unused)
    if targets:
        numbers.require_spread(table.name, kept)
    else:
        require_spelling(table.name, kept)
    return manifest_of(
        kept,
        name=str(table),
        folder=Path(places.folder),
        selection=selection,
        rejected=rejected,
        copies=[(row.origin, reason) for row, reason in repeats],
        left_out=left_out,
        numbers=numbers,
        unused=unused,
    )


def _unused(rejected: Reasons, left_out: Reasons) -> str:
    """The end of a sentence on too little that is left: how many rows are not used, and why the first."""
    reasons = [*rejected, *left_out]
    if not reasons:
        return ""
    count = f"{len(reasons):,} row{'s are' if len(reasons) > 1 else ' is'}"
    return f"; {count} not used, first {': '.join(reasons[0])}"


def _place(rows: Rows, line: int) -> str:
    return f"{rows.path.name}, {rows.unit} {line}"


def _read(rows: Rows, reader: RowReader) -> tuple[list[Row], Reasons, Reasons]:
    """Rows that can be used; why others cannot; and which ones `data.labels` leaves out."""
    good, rejected, left_out = [], [], []
    for line, fields in rows.rows:
        try:
            good.append(reader(line, fields, _place(rows, line)))
        except UnusableError as error:
            rejected.append((_place(rows, line), str(error)))
        except LeftOutError as error:
            left_out.append((_place(rows, line), str(error)))
    return good, rejected, left_out


def _require_rows(rows: Rows, kept: list, rejected: Reasons, left_out: Reasons) -> None:
    if kept:
        return
    if not rows.rows:
        raise CorpusError(
            f"data.table={rows.path}: has column names and no row; expected one a clip"
        )
    reasons = [*rejected, *left_out]
    shown = "\n".join(f"  {place}: {reason}" for place, reason in reasons[:_SHOWN])
    more = f"\n  ... and {len(reasons) - _SHOWN:,} more" if len(reasons) > _SHOWN else ""
    raise CorpusError(
        f"data.table={rows.path}: none of its {len(rows.rows):,} rows can be used:\n{shown}{more}"
    )
