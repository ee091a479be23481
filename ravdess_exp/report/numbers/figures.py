"""Pictures of numbers that were told: over the true ones, and how groups differ."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ravdess_exp.report.figure_file import save_figure
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS
from ravdess_exp.scoring.numbers.measures import NumberScores
from ravdess_exp.scoring.numbers.parts import Groups, Speakers, each_group
from ravdess_exp.scoring.numbers.predictions import NumberPredictions
from ravdess_exp.scoring.study_scores import Score

_DPI = 120
_ACROSS = 3  # plots side by side
_NAMED = 100  # actors that a figure has a line of text for


def title(scores: NumberScores, *, clips: int, leaky: bool = False, runs: int = 1) -> str:
    """What stands over a figure."""
    of = scores.ccc
    what = "test" if runs == 1 else f"{runs} runs"
    warning = "LEAKY SPLIT  ·  " if leaky else ""
    return f"{warning}{what}: CCC {of.value:.3f} [{of.low:.3f}, {of.high:.3f}] on {clips} clips"


def scatter(said: NumberPredictions, scores: NumberScores, over: str, path: Path) -> None:
    """One plot a number, see `scatter_figure`, as a file."""
    save_figure(scatter_figure(said, scores, over), path, dpi=_DPI)


def scatter_figure(said: NumberPredictions, scores: NumberScores, over: str) -> Figure:
    """One plot a number: what is told over what is true, with the line that all should lie on.

    All seeds are drawn; over: the title.
    """
    count = len(said.names)
    across = min(_ACROSS, count)
    down = -(-count // across)
    figure = Figure(figsize=(4.6 * across, 4.9 * down + 0.4), layout="constrained")
    plots = figure.subplots(down, across, squeeze=False).ravel()
    for t, (name, axes) in enumerate(zip(said.names, plots, strict=False)):
        true, told = said.labels[..., t].ravel(), said.predicted[..., t].ravel()
        ends = float(min(true.min(), told.min())), float(max(true.max(), told.max()))
        room = 0.04 * (ends[1] - ends[0] or 1.0)
        limits = ends[0] - room, ends[1] + room
        axes.plot(limits, limits, color="gray", ls="--", lw=1, label="told as it is")
        size = float(np.clip(4000 / len(true), 4, 30))
        axes.scatter(true, told, s=size, alpha=0.5, color="tab:blue", lw=0)
        if np.ptp(true) > 0:
            slope, start = np.polyfit(true, told, 1)
            reach = np.array([true.min(), true.max()])
            axes.plot(reach, start + slope * reach, color="tab:orange", label="best line")
        of = scores.targets[name]
        axes.set_title(
            f"{name}\nCCC {of.ccc.value:.3f} [{of.ccc.low:.3f}, {of.ccc.high:.3f}]   RMSE "
            f"{of.rmse.value:.3g}   r {of.pearson.value:.3f}",
            fontsize=9,
        )
        axes.set(xlim=limits, ylim=limits, xlabel=f"true {name}", ylabel=f"told {name}")
        axes.set_aspect("equal")
        axes.grid(alpha=0.3)
    for axes in plots[count:]:
        axes.set_axis_off()
    figure.suptitle(over, fontsize=10)
    handles, names = plots[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    return figure


def groups(found: Groups, overall: Score, over: str, path: Path) -> None:
    """CCC of each group with its interval, beside that of all clips."""
    rows = list(each_group(found))[::-1]  # the first one on top
    figure = Figure(figsize=(7.5, 1.9 + 0.45 * len(rows)), layout="constrained")
    axes = figure.subplots()
    _beside(axes, overall, "all clips")
    for place, (_, _, of) in enumerate(rows):
        axes.plot([of.ccc_low, of.ccc_high], [place] * 2, color="black", lw=1.5)
        axes.plot(of.ccc, place, "o", color="black" if of.over_speakers else "white", mec="k")
    labels = [
        f"{division}: {group}\n{of.clips} clips, {of.speakers} speaker{'s' * (of.speakers > 1)}"
        for division, group, of in rows
    ]
    axes.set_yticks(range(len(rows)), labels, fontsize=8)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    few = any(not of.over_speakers for _, _, of in rows)
    note = (
        f"\nhollow: fewer than {ENOUGH_SPEAKERS} speakers, interval over clips alone" if few else ""
    )
    axes.set_xlabel(f"CCC of the group's clips{note}")
    axes.set_title(over, fontsize=10)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    save_figure(figure, path, dpi=_DPI)


def actors(speakers: Speakers, overall: Score, path: Path) -> None:
    """CCC of each actor, the worst first, with that of all clips."""
    of = sorted(speakers.items(), key=lambda item: item[1].ccc)
    figure = Figure(figsize=(7, 1.5 + 0.25 * min(len(of), _NAMED)), layout="constrained")
    axes = figure.subplots()
    _beside(axes, overall, "all actors")
    axes.plot([one.ccc for _, one in of], range(len(of)), "o", color="black")
    if len(of) > _NAMED:
        axes.set_ylabel(f"{len(of)} actors")
        axes.set_yticks([])
    else:
        names = [f"actor {actor}" for actor, _ in of]
        axes.set_yticks(range(len(of)), names)
    axes.set_xlabel("CCC, mean over the numbers")
    axes.grid(alpha=0.3)
    figure.legend(loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    save_figure(figure, path, dpi=_DPI)


def _beside(axes, overall: Score, of: str) -> None:
    """The score of everything, its interval, and what a constant gets."""
    axes.axvspan(
        overall.low, overall.high, color="tab:blue", alpha=0.15, label="95% interval of all"
    )
    axes.axvline(overall.value, color="tab:blue", label=f"{of}: {overall.value:.3f}")
    axes.axvline(0, color="gray", ls="--", label="a constant")
