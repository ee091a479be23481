"""Pictures of a run, each written to a file."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ravdess_exp.report.figure_file import save_figure
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS
from ravdess_exp.scoring.study_result import StudyResult

_DPI = 120
_SIDE, _CELL = 6.0, 0.65  # inches: of a confusion matrix at least, and of a class in it
_WRAPPED = 20  # characters of a class's name in a line
_SCORES = {
    "uar": "cross entropy",
    "ccc": "loss of the standardised numbers",
}  # with the loss beside it
_NAMED = 100  # actors that a figure has a line of text for


def confusion_matrix(counts: np.ndarray, names: Sequence[str], title: str, path: Path) -> None:
    """True classes as rows: share of the class in colour and number, clips in brackets."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(_SIDE, _CELL * len(names))
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    names = [textwrap.fill(name, _WRAPPED) for name in names]
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        colour = "white" if share > 0.6 else "black"
        text = f"{share:.0%}\n({counts[row, column]})"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    turned = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if len(names) > 3 else {}
    axes.set_xticks(range(len(names)), names, fontsize=9, **turned)
    axes.set_yticks(range(len(names)), names, fontsize=9)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(title, fontsize=10)
    figure.colorbar(image, label="share of the true class's clips", shrink=0.8)
    save_figure(figure, path, dpi=_DPI)


def pooled_confusion(result: StudyResult, path: Path) -> None:
    """The confusion matrix of a study with finished runs: all folds and seeds together."""
    scores = result.scores
    confusion_matrix(np.array(scores.confusion), scores.classes, study_title(result), path)


def study_title(result: StudyResult) -> str:
    """What stands over a figure of a study with finished runs."""
    scores = result.scores
    warning = "LEAKY SPLIT  ·  " if result.leaky else ""
    warning += "ENCODER SAW RAVDESS  ·  " if result.saw_ravdess else ""
    return (
        f"{warning}{len(result.members)} runs: UAR {scores.uar.value:.3f} "
        f"[{scores.uar.low:.3f}, {scores.uar.high:.3f}] on {scores.clips} clips of "
        f"{len(scores.actors)} actors{_over(len(scores.actors))}"
    )


def _over(speakers: int) -> str:
    """What is said of an interval where it is not over speakers."""
    return "" if speakers >= ENOUGH_SPEAKERS else " (over clips)"


def actors(result: StudyResult, path: Path) -> None:
    """UAR of each actor, the worst first, with the pooled UAR, its interval and chance."""
    scores = result.scores
    of = sorted(scores.actors.items(), key=lambda item: item[1].uar)
    figure = Figure(figsize=(7, 1.5 + 0.25 * min(len(of), _NAMED)), layout="constrained")
    axes = figure.subplots()
    axes.axvspan(
        *(scores.uar.low, scores.uar.high),
        color="tab:blue",
        alpha=0.15,
        label=f"95% interval{_over(len(of))}",
    )
    axes.axvline(scores.uar.value, color="tab:blue", label=f"all actors: {scores.uar.value:.3f}")
    axes.axvline(1 / len(scores.classes), color="gray", ls="--", label="chance")
    axes.plot([of_actor.uar for _, of_actor in of], range(len(of)), "o", color="black")
    _name_actors(axes, [actor for actor, _ in of])
    axes.set_xlim(0, 1)
    axes.set_xlabel("UAR" + (" with a LEAKY split" if result.leaky else ", speaker unknown"))
    axes.grid(alpha=0.3)
    figure.legend(loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    save_figure(figure, path, dpi=_DPI)


def _name_actors(axes: Axes, actors: Sequence[int | str], **how: int) -> None:
    """A name at each row, where there are not too many to be read."""
    if len(actors) > _NAMED:
        axes.set_ylabel(f"{len(actors)} actors")
        axes.set_yticks([])
        return
    names = [f"actor {actor}" for actor in actors]
    axes.set_yticks(range(len(actors)), names, **how)


def paired_actors(differences: Sequence, path: Path) -> None:
    """A row a comparison: UAR of each actor under both results, joined; and the differences."""
    figure = Figure(figsize=(9, 4.2 * len(differences)), layout="constrained")
    rows = figure.subplots(len(differences), 2, squeeze=False, width_ratios=[1, 1.3])
    for (left, right), comparison in zip(rows, differences, strict=True):
        pair = (comparison.first, comparison.second)
        of = [result.pooled.each_actor() for result in pair]
        title = comparison.first.pooled.title
        for actor, change in comparison.by_actor.items():
            colour = "tab:green" if change > 0 else "tab:red" if change < 0 else "gray"
            values = [of[0][actor], of[1][actor]]
            left.plot([0, 1], values, "o-", color=colour, ms=4, lw=1, alpha=0.7)
        left.plot([0, 1], comparison.uar, "D-", color="black", ms=7, lw=2.5, label="all actors")
        left.set_xticks([0, 1], [result.name for result in pair])
        left.set_xlim(-0.3, 1.3)
        left.set_ylabel(f"{title} of an actor")
        left.legend(fontsize=8)
        left.grid(axis="y", alpha=0.3)
        order = sorted(comparison.by_actor, key=comparison.by_actor.get)
        low, high = comparison.interval
        right.axvspan(
            low, high, color="tab:blue", alpha=0.15, label=f"95% interval of all{_over(len(order))}"
        )
        right.axvline(
            comparison.difference, color="tab:blue", label=f"all: {comparison.difference:+.3f}"
        )
        right.axvline(0, color="gray", ls="--")
        right.plot(
            [comparison.by_actor[a] for a in order], range(len(order)), "o", color="black", ms=4
        )
        _name_actors(right, order, fontsize=8)
        right.set_xlabel(f"{title} of {pair[1].name} less {pair[0].name}")
        right.legend(fontsize=8, loc="lower right")
        right.grid(alpha=0.3)
    save_figure(figure, path, dpi=_DPI)


def curves(epochs: Sequence[dict[str, float]], best_epoch: int, path: Path) -> None:
    """Loss and UAR, or CCC, by epoch, on training and validation clips, with the epoch that was kept."""
    score, of_loss = next(of for of in _SCORES.items() if of[0] in epochs[0])
    figure = Figure(figsize=(10, 4), layout="constrained")
    numbers = range(1, len(epochs) + 1)
    for axes, metric, label in zip(
        figure.subplots(1, 2), ("loss", score), (of_loss, score.upper()), strict=True
    ):
        axes.plot(numbers, [e[metric] for e in epochs], "o-", ms=3, label="training")
        axes.plot(numbers, [e[f"val_{metric}"] for e in epochs], "o-", ms=3, label="validation")
        axes.axvline(best_epoch, color="gray", ls="--", label=f"kept: epoch {best_epoch}")
        axes.set_xlabel("epoch")
        axes.set_ylabel(label)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    save_figure(figure, path, dpi=_DPI)
