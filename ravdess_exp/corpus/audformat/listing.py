"""The clips of a database in audformat."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ravdess_exp.corpus.audformat.annotation import Annotations
from ravdess_exp.corpus.audformat.database import open_database, terms_of
from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.segment import Segment
from ravdess_exp.corpus.selection import DEFAULT, Selection
from ravdess_exp.corpus.speaker import speaker_of
from ravdess_exp.corpus.table.agreement import require_one_sex, require_spelling, without_repeats
from ravdess_exp.corpus.table.clips import manifest_of
from ravdess_exp.corpus.table.labels import LeftOutError, emotion_of
from ravdess_exp.corpus.table.place import Places, UnusableError
from ravdess_exp.corpus.table.row import Row
from ravdess_exp.errors import CorpusError

if TYPE_CHECKING:
    import pandas as pd

_FACTS = ("statement", "intensity", "language", "group")


def list_audformat(
    root: Path | None,
    *,
    name: str | None = None,
    version: str | None = None,
    tables: Sequence[str] | None = None,
    emotion: str = "emotion",
    speaker: str = "speaker",
    labels: Mapping[str, str | None] | None = None,
    selection: Selection = DEFAULT,
) -> Manifest:
    """Read a database below `root`, or one that audb fetches by name and version.

    tables, emotion, speaker: see `Annotations`. labels: as of a table, by the database's own emotions.
    Raises `CorpusError` where it cannot be read, or has no row that can be used.
    """
    database = open_database(root, name, version)
    places = Places(str(Path(database.root).absolute()), True, selection.modality)
    rows, rejected, left_out = [], [], []
    for table, frame in Annotations(database, emotion, speaker, tables).frames():
        for number, (index, values) in enumerate(_records(frame), start=1):
            origin = f"table {table}, row {number}"
            try:
                rows.append(_row(len(rows), origin, index, values, places, labels))
            except UnusableError as error:
                rejected.append((origin, str(error)))
            except LeftOutError as error:
                left_out.append((origin, str(error)))
    kept, repeats, wrong = without_repeats(rows)
    kept, other_sex = require_one_sex(kept)
    rejected += [(row.origin, reason) for row, reason in (*wrong, *other_sex)]
    if not kept:
        reasons = [*rejected, *left_out]
        first = f", such as {reasons[0][0]}: {reasons[0][1]}" if reasons else ""
        raise CorpusError(f"{database.name}: none of its {len(reasons):,} rows can be used{first}")
    require_spelling(database.name, kept)
    return manifest_of(
        kept,
        name=database.name,
        folder=Path(places.folder),
        selection=selection,
        rejected=rejected,
        copies=[(row.origin, reason) for row, reason in repeats],
        left_out=left_out,
        terms=terms_of(database),
    )


def _records(frame: "pd.DataFrame"):
    """File, start and end of each row, and its values by column."""
    columns = list(frame.columns)
    for index, *values in zip(frame.index, *(frame[c] for c in columns), strict=True):
        yield index, dict(zip(columns, values, strict=True))


def _row(
    line: int,
    origin: str,
    index: tuple,
    values: Mapping[str, object],
    places: Places,
    labels: Mapping[str, str | None] | None,
) -> Row:
    """Raises `UnusableError`, or `LeftOutError` for a label that is left out."""
    text = {name: "" if value is None else str(value).strip() for name, value in values.items()}
    if missing := [name for name in ("emotion", "speaker") if not text[name]]:
        raise UnusableError(f"no {' and no '.join(missing)}; expected a value")
    emotion = emotion_of(text["emotion"], labels)
    file, start, end = index
    segment = _segment(start, end)
    name, path = places.find(file)
    return Row(
        line=line,
        id=name if segment is None else f"{name}#{segment}",
        path=path,
        speaker=speaker_of(text["speaker"]),
        label=text["emotion"],
        emotion=emotion,
        sex=text.get("sex") or None,
        facts={fact: text.get(fact) or None for fact in _FACTS},
        of_set=text["set"] or None,
        segment=segment,
        origin=origin,
    )


def _segment(start: "pd.Timedelta", end: "pd.Timedelta") -> Segment | None:
    """None for a whole file: from 0 to an end that is not said."""
    until = None if end is None or end != end else end.total_seconds()  # NaT is not itself
    since = 0.0 if start != start else start.total_seconds()
    if since < 0 or (until is not None and until <= since):
        raise UnusableError(f"start {since:g} and end {until:g}: expected an end after the start")
    return None if since == 0 and until is None else Segment.of(since, until)
