"""Names of classes as heads of columns, however many they are and however long."""

from collections.abc import Sequence

from ravdess_exp.terminal import COLUMN, short_names

MOST = 8  # columns with names; of more each has a number, which the rows say too
_NARROW = 5
_LONGEST = 28  # characters of a name at the start of a row


def matrix_lines(
    names: Sequence[str], counts: Sequence[Sequence[int]], beside: Sequence[str], title: str
) -> list[str]:
    """A table of counts, classes by classes, with a text at the end of each row.

    beside: those texts. title: of them.
    """
    numbered = len(names) > MOST
    rows = [_shortened(name) for name in names]
    heads, width = short_names(names), COLUMN
    if numbered:
        heads, width = [str(number) for number, _ in enumerate(names, 1)], _NARROW
        rows = [f"{number:2d} {name}" for number, name in enumerate(rows, 1)]
    first = max(18, *map(len, rows))
    lines = [
        f"  {'true / predicted':{first}}" + " ".join(f"{h:>{width}}" for h in heads) + f"  {title}"
    ]
    for name, row, end in zip(rows, counts, beside, strict=True):
        cells = " ".join(f"{count:{width}d}" for count in row)
        lines.append(f"  {name:{first}}{cells}  {end}".rstrip())
    return lines


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 3]}..."
