"""What the rows of a table say together: no file of two emotions, no speaker in two sets."""

from collections import defaultdict
from collections.abc import Sequence

from ravdess_exp.corpus.table.row import Row
from ravdess_exp.errors import CorpusError


def without_repeats(
    rows: Sequence[Row],
) -> tuple[list[Row], list[tuple[Row, str]], list[tuple[Row, str]]]:
    """Rows of different recordings; further rows that repeat one; rows that contradict another.

    A recording is a file, or a part of it. Where rows of one name two emotions or speakers, none of them
    can be trusted.
    """
    of_recording: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        of_recording[str(row.path), row.segment].append(row)
    kept, repeats, wrong = [], [], []
    for first, *others in of_recording.values():
        differing = next((o for o in others if _said(o) != _said(first)), None)
        if differing is None:
            kept.append(first)
            repeats += [
                (row, f"the same {_kind(first)} as in line {first.line}, used once")
                for row in others
            ]
            continue
        for row in (first, *others):
            other = differing if row is first else first
            wrong.append((row, _contradiction(row, other)))
    return kept, repeats, wrong


def _said(row: Row) -> tuple:
    return row.emotion, row.speaker, row.numbers


def _contradiction(row: Row, other: Row) -> str:
    what, mine, theirs = "emotion", row.emotion, other.emotion
    if mine == theirs:
        what, mine, theirs = "speaker", str(row.speaker), str(other.speaker)
    if mine == theirs:
        what, mine, theirs = "numbers", row.numbers, other.numbers
    return (
        f"path {row.id!r}: {what} {mine!r} here and {theirs!r} in line {other.line}; expected one "
        f"row a {_kind(row)}"
    )


def _kind(row: Row) -> str:
    return "file" if row.segment is None else "segment"


def require_one_sex(rows: Sequence[Row]) -> tuple[list[Row], list[tuple[Row, str]]]:
    """Rows that agree with the first one on their speaker's sex, and those that do not."""
    first: dict[int | str, Row] = {}
    kept, wrong = [], []
    for row in rows:
        known = first.setdefault(row.speaker, row) if row.sex else row
        if known.sex == row.sex:
            kept.append(row)
        else:
            wrong.append(
                (
                    row,
                    f"sex {row.sex!r}: speaker {row.speaker} is {known.sex!r} in line {known.line}",
                )
            )
    return kept, wrong


def require_speakers(name: str, rows: Sequence[Row], fewest: int, unused: str = "") -> None:
    """Raise `CorpusError` where there are too few speakers, or one is in two sets of the column split.

    unused: what the message says of rows that are not among these.
    """
    speakers = {row.speaker for row in rows}
    if len(speakers) < fewest:
        told = ", ".join(sorted(map(str, speakers)))
        raise CorpusError(
            f"{name}: {len(speakers)} speaker{'s' if len(speakers) > 1 else ''} in all ({told}, first in "
            f"line {rows[0].line}), expected at least {fewest}: one each to train, to validate "
            f"and to test{unused}"
        )
    placed: dict[int | str, Row] = {}
    for row in rows:
        first = placed.setdefault(row.speaker, row) if row.of_set else row
        if first.of_set != row.of_set:
            raise CorpusError(
                f"{name}: speaker {row.speaker!r} is in {first.of_set} in line {first.line} and in "
                f"{row.of_set} in line {row.line}; a speaker may be in one set only"
            )


def require_spelling(name: str, rows: Sequence[Row]) -> None:
    """Raise `CorpusError` for two emotions that differ in nothing but capital letters or spaces."""
    seen: dict[str, Row] = {}
    for row in rows:
        first = seen.setdefault("".join(row.emotion.casefold().split()), row)
        if first.emotion != row.emotion:
            raise CorpusError(
                f"{name}: emotion {first.emotion!r} in line {first.line} and {row.emotion!r} in line "
                f"{row.line} differ in capital letters or spaces alone; expected one spelling"
            )


def similar_speakers(rows: Sequence[Row]) -> list[str]:
    """A sentence on speakers whose names differ in capital letters or spaces alone: one person?"""
    spellings: dict[str, dict[int | str, Row]] = defaultdict(dict)
    for row in rows:
        spellings["".join(str(row.speaker).casefold().split())].setdefault(row.speaker, row)
    told = []
    for same in spellings.values():
        if len(same) > 1:
            names = " and ".join(
                f"{speaker!r} ({row.origin})" if row.origin else repr(speaker)
                for speaker, row in same.items()
            )
            told.append(
                f"speakers {names} differ in capital letters or spaces alone and are taken for "
                "different people; where they are one, give them one spelling"
            )
    return told
