"""The clips that a table lists, in an order that their names do not change."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.classes import ListedClasses
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.numbers import Numbers
from ravdess_exp.corpus.selection import DEFAULT, Selection, override
from ravdess_exp.corpus.speaker import in_order
from ravdess_exp.corpus.table.agreement import (
    require_one_sex,
    require_speakers,
    require_spelling,
    without_repeats,
)
from ravdess_exp.corpus.table.columns import REQUIRED, Columns
from ravdess_exp.corpus.table.file import Rows, read_rows
from ravdess_exp.corpus.table.numbers import NumberColumns
from ravdess_exp.corpus.table.place import Places, UnusableError
from ravdess_exp.corpus.table.row import LeftOutError, Row, RowReader
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
) -> Manifest:
    """Read a table of clips: `path,speaker,emotion` and what else is known (`columns.OPTIONAL`).

    root: where relative paths begin; None: in the table's folder. columns: the table's names for ours.
    labels: the emotion of each label, None to leave it out; a label that is not among them is left out
    too. targets: columns of numbers that are learned in the place of emotions. Raises
    `CorpusError` for a table that cannot be read or has no row that can be used.
    """
    rows = read_rows(table, encoding)
    folder = root or table.parent
    places = Places(str(folder.absolute()), root is not None, selection.modality)
    numbers = NumberColumns.of(rows, targets)
    spared = {"emotion"} if targets and labels is None else set()
    required = tuple(name for name in REQUIRED if name not in spared)
    reader = RowReader(Columns.of(rows, columns or {}, required), places, labels, numbers)
    good, rejected, left_out = _read(rows, reader)
    kept, repeats, wrong = without_repeats(good)
    kept, other_sex = require_one_sex(kept)
    rejected += [(_place(rows, row.line), reason) for row, reason in (*wrong, *other_sex)]
    _require_rows(rows, kept, rejected, left_out)
    require_speakers(table.name, kept)
    if targets:
        numbers.require_spread(table.name, kept)
    else:
        require_spelling(table.name, kept)
    everything = _in_order(kept)
    emotions = ListedClasses.of({clip.emotion for clip in everything} - {""}).names
    classes = ListedClasses.of(emotions, selection.without_emotions)
    clips = tuple(clip for clip in everything if clip in selection)
    if not clips:
        raise CorpusError(f"{table}: {len(everything)} clips in it, but none with {selection}")
    if len(classes.names) < 2 and not targets:
        raise CorpusError(
            f"{table}: the emotion of every clip is {', '.join(classes.names)}, expected at least two"
        )
    return Manifest(
        Path(places.folder),
        clips,
        everything,
        rejected=tuple(rejected),
        copies=tuple((_place(rows, row.line), reason) for row, reason in repeats),
        left_out=tuple(left_out),
        selection=selection,
        classes=Numbers(numbers.names) if targets else classes,
        vocabulary=emotions,
        remarks=tuple(numbers.ranges(kept) if targets else _lonely_classes(clips, selection)),
    )


def _place(rows: Rows, line: int) -> str:
    return f"{rows.path.name}, {rows.unit} {line}"


def _read(rows: Rows, reader: RowReader) -> tuple[list[Row], Reasons, Reasons]:
    """Rows that can be used; why others cannot; and which ones `data.labels` leaves out."""
    good, rejected, left_out = [], [], []
    for line, fields in rows.rows:
        try:
            good.append(reader(line, fields))
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


def _in_order(rows: Sequence[Row]) -> tuple[Clip, ...]:
    """Clips in turns: emotion by emotion, in it the first clip of every speaker, then the second.

    What is the first is as the table has it, so neither the names of files nor where the rows of one
    speaker stand among those of others changes anything. A corpus that lists the same recordings of each
    speaker, in RAVDESS's order or speaker after speaker, is in RAVDESS's order then.
    """
    order = ListedClasses.of({row.label for row in rows}).names
    emotion_of = {label: number for number, label in enumerate(order)}
    speaker_of = {name: n for n, name in enumerate(in_order(row.speaker for row in rows))}
    takes: Counter = Counter()
    clips = []
    for row in rows:
        takes[row.speaker, row.label] += 1
        place = (emotion_of[row.label], takes[row.speaker, row.label], speaker_of[row.speaker])
        speaker = str(row.speaker)
        clips.append(
            Clip(
                place,
                row.id,
                row.path,
                speaker,
                row.emotion,
                row.sex,
                of_set=row.of_set,
                numbers=row.numbers,
                **row.facts,
            )
        )
    return tuple(sorted(clips))


def _lonely_classes(clips: Sequence[Clip], selection: Selection) -> list[str]:
    """A sentence on each class that fewer than three speakers show, which no split can have in all sets."""
    speakers: dict[str, set] = defaultdict(set)
    for clip in clips:
        speakers[clip.emotion].add(clip.actor)
    told = []
    for emotion, who in sorted(speakers.items()):
        if len(who) < 3:
            names = ", ".join(map(str, in_order(who)))
            without = override("data.without_emotions", [*selection.without_emotions, emotion])
            told.append(
                f"{emotion}: only speaker{'s' if len(who) > 1 else ''} {names} show it, expected at least "
                f"three, one for each set; {without} goes on without"
            )
    return told
