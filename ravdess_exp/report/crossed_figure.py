"""A heat map of corpora: which one's models are any good on which."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ravdess_exp.report.figure_file import save_figure
from ravdess_exp.scoring.crossed_result import CrossedResult
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS
from ravdess_exp.scoring.other import OtherScores

_DPI = 120
_DARK = 0.55  # share of the way to 1 from which the text is white
_LONGEST = 16  # characters of a corpus's name on a line


def crossed(result: CrossedResult, path: Path) -> None:
    """Rows train, columns are scored; UAR with its interval, coloured by how far it is above chance.

    Two corpora have more or fewer classes in common, so chance differs from cell to cell.
    """
    names, count = result.corpora, len(result.corpora)
    above = np.full((count, count), np.nan)
    figure = Figure(figsize=(3.2 + 1.65 * count, 2.4 + 1.3 * count), layout="constrained")
    axes = figure.subplots()
    for row, trained in enumerate(names):
        for column, scored in enumerate(names):
            of = result.cells.get(trained, {}).get(scored)
            share = above[row, column] = np.nan if of is None else _above_chance(of)
            colour = "white" if share > _DARK else "black"
            text = "not scored" if of is None else _text(of)
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    axes.set_facecolor("lightgray")
    image = axes.imshow(above, cmap="Blues", vmin=0, vmax=1)
    for i in range(count):
        axes.add_patch(
            Rectangle((i - 0.49, i - 0.49), 0.98, 0.98, fill=False, ec="tab:orange", lw=2)
        )
    labels = [_broken(name) for name in names]
    axes.set_xticks(range(count), labels)
    axes.set_yticks(range(count), labels)
    axes.set_xlabel("scored on")
    axes.set_ylabel("trained on")
    axes.set_title("UAR and its 95% interval over speakers", fontsize=10)
    figure.colorbar(image, label="share of the way from chance to 1", shrink=0.8)
    note = "framed: the test speakers of the corpus's own split"
    if any(of.speakers < ENOUGH_SPEAKERS for row in result.cells.values() for of in row.values()):
        note += f"\n*: fewer than {ENOUGH_SPEAKERS} speakers, interval over their clips"
    figure.supxlabel(note, fontsize=8)
    save_figure(figure, path, dpi=_DPI)


def _above_chance(of: OtherScores) -> float:
    """0 at chance or below, 1 where all is right."""
    return max(0.0, (of.uar.value - of.chance) / (1 - of.chance))


def _text(of: OtherScores) -> str:
    star = "*" if of.speakers < ENOUGH_SPEAKERS else ""
    return (
        f"{of.uar.value:.2f}\n[{of.uar.low:.2f}, {of.uar.high:.2f}]{star}\n"
        f"{len(of.classes)} classes, {of.speakers} spk."
    )


def _broken(name: str) -> str:
    """A long name on several lines."""
    lines = [name[i : i + _LONGEST] for i in range(0, len(name), _LONGEST)]
    return "\n".join(lines)
