"""The end of a multirun: all its runs as one table, in the terminal and in `sweep.csv`."""

import csv
import json
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

_SCORES = (
    ("validation UAR", "val/uar", "{:.3f}"),
    ("test UAR", "test/uar", "{:.3f}"),
    ("from", "test/uar_low", "{:.3f}"),
    ("to", "test/uar_high", "{:.3f}"),
    ("parameters", "parameters", "{:,.0f}"),
    ("training s", "seconds/train", "{:.0f}"),
)


class SweepTable(Callback):
    """Hydra's callback; it reads what the runs left, so any launcher may have run them."""

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Print the table, the best on validation first; runs that failed are named."""
        folder = Path(config.hydra.sweep.dir)
        header, rows = table(folder)
        if not rows:
            return
        with (folder / "sweep.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        print(f"\n{as_text(header, rows)}\n")
        print(
            "Sorted by validation, which is what to choose by: the best of many on test is not "
            f"what to expect of it.\nTable:   {folder / 'sweep.csv'}"
        )


def table(folder: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the runs in a multirun's folder: what they differ in, then scores.

    No row where nothing was scored, as with `task=prepare`.
    """
    runs = []
    for path in sorted(folder.glob("*/.hydra/overrides.yaml")):
        told = [override.split("=", 1) for override in OmegaConf.load(path)]
        metrics = path.parents[1] / "metrics.json"
        scores = json.loads(metrics.read_text()) if metrics.exists() else {}
        runs.append((dict(part for part in told if len(part) == 2), scores))
    keys = list(dict.fromkeys(key for told, _ in runs for key in told))
    varied = [key for key in keys if len({told.get(key) for told, _ in runs}) > 1]
    if not any(scores for _, scores in runs):
        return [], []
    runs.sort(key=lambda run: run[1].get("val/uar", -1.0), reverse=True)
    rows = [
        [told.get(key, "") for key in varied]
        + [form.format(scores[name]) if name in scores else "failed" for _, name, form in _SCORES]
        for told, scores in runs
    ]
    return [*varied, *(title for title, _, _ in _SCORES)], rows


def as_text(header: list[str], rows: list[list[str]]) -> str:
    """Columns in line: words to the left, numbers to the right."""
    cells = [header, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    words = len(header) - len(_SCORES)
    return "\n".join(
        "  "
        + "  ".join(
            cell.ljust(width) if i < words else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )
