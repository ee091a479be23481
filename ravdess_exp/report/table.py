"""The end of a multirun: all its runs as one table, in the terminal and in `sweep.csv`."""

import csv
from collections.abc import Sequence
from pathlib import Path

from ravdess_exp.scoring.headline import CLASSES, NUMBERS

_SCORES = (  # of the score that results are told by
    ("validation {title}", "val/{measure}", "{:.3f}"),
    ("last epochs", "val/{measure}_last_epochs", "{:.3f}"),
    ("test {title}", "test/{measure}", "{:.3f}"),
    ("from", "test/{measure}_low", "{:.3f}"),
    ("to", "test/{measure}_high", "{:.3f}"),
    ("parameters", "parameters", "{:,.0f}"),
    ("training s", "seconds/train", "{:.0f}"),
)

Combination = tuple[dict[str, str], dict[str, float]]  # overrides, metrics; none where it failed


def print_table(results: Sequence[Combination], folder: Path) -> None:
    """Print the table, the best on validation first, and write sweep.csv.

    Nothing is printed of a single run, or where nothing was scored, as with `task=prepare`.
    """
    if len(results) < 2 or not any(scores for _, scores in results):
        return
    header, rows = table(results)
    with (folder / "sweep.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    print(f"\n{as_text(header, rows)}\n")
    print(
        "Sorted by validation, which is what to choose by: the best of many on test is not "
        "what to expect of it. Where\nan epoch was chosen, validation is the best of many epochs and so "
        f"too good; the last epochs are not chosen.\nTable:   {folder / 'sweep.csv'}"
    )


def table(results: Sequence[Combination]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: what the runs differ in, then their scores."""
    keys = list(dict.fromkeys(key for overrides, _ in results for key in overrides))
    varied = [key for key in keys if len({overrides.get(key) for overrides, _ in results}) > 1]
    of = NUMBERS if any(NUMBERS.validation in scores for _, scores in results) else CLASSES
    named = [(*(text.format(**vars(of)) for text in texts), form) for *texts, form in _SCORES]
    best_first = sorted(results, key=lambda result: -result[1].get(of.validation, -1.0))
    rows = [
        [overrides.get(key, "") for key in varied]
        + [_cell(scores, name, form) for _, name, form in named]
        for overrides, scores in best_first
    ]
    return [*varied, *(title for title, _, _ in named)], rows


def _cell(scores: dict[str, float], name: str, form: str) -> str:
    """A score as text; of a run that chose no epoch there is none of the last epochs."""
    if name in scores:
        return form.format(scores[name])
    return "" if scores else "failed"


def as_text(header: list[str], rows: list[list[str]], numbers: int = len(_SCORES)) -> str:
    """Columns in line: words to the left, the last `numbers` columns to the right."""
    cells = [header, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    words = len(header) - numbers
    return "\n".join(
        "  "
        + "  ".join(
            cell.ljust(width) if i < words else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )
