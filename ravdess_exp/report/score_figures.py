"""Pictures of what the scores hide: whether probabilities hold, and how groups differ."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from scipy.stats import binomtest

from ravdess_exp.report.figure_file import save_figure
from ravdess_exp.scoring.calibration import BINS, Reliability
from ravdess_exp.scoring.groups import Groups, each_group
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS

_DPI = 120
_NAMED, _WIDEST = 3, 40  # classes and characters that are named beside a group


def reliability(
    found: Reliability, title: str, path: Path, *, threshold: float | None = None
) -> None:
    """Accuracy over confidence, with the diagonal that it should lie on; below, how many clips.

    threshold: of what is called sure; None or 0, where all is: it is not drawn.
    """
    figure = Figure(figsize=(6, 7.4), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    top.plot([0, 1], [0, 1], color="gray", ls="--", label="right as often as it says")
    filled = [i for i, count in enumerate(found.counts) if count]
    confidence, accuracy = ([of[i] for i in filled] for of in (found.confidence, found.accuracy))
    reach = [_reach(found.accuracy[i], found.counts[i]) for i in filled]
    top.errorbar(
        confidence, accuracy, yerr=list(zip(*reach, strict=True)), fmt="o", color="tab:blue",
        ecolor="lightsteelblue", capsize=2, clip_on=False,
        label="clips of the bar below, 95% interval",
    )  # fmt: skip
    edges = [i / BINS for i in range(BINS)]
    bottom.bar(edges, found.counts, width=1 / BINS, align="edge", color="tab:blue", ec="white")
    for axes in (top, bottom) if threshold else ():  # 0: all are sure
        axes.axvline(threshold, color="tab:orange", label=f"sure from {threshold:.2f} on")
    top.text(
        0.98, 0.03, "below the dashed line: it promises too much\n"
        f"expected calibration error {found.error:.3f}",
        transform=top.transAxes, ha="right", va="bottom", fontsize=8,
    )  # fmt: skip
    top.set(ylim=(0, 1), xlim=(0, 1), ylabel="share that is right")
    top.yaxis.set_major_formatter(PercentFormatter(1))
    top.set_title(title, fontsize=10)
    bottom.set(xlabel="probability of the class that is named", ylabel="clips")
    handles, names = top.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    for axes in (top, bottom):
        axes.grid(alpha=0.3)
    save_figure(figure, path, dpi=_DPI)


def groups(
    found: Groups, overall: tuple[float, float, float], classes: int, title: str, path: Path
) -> None:
    """UAR of each group with its interval, beside that of all clips and chance.

    overall: UAR of all test clips, and the ends of its 95% interval; classes: how many there are.
    """
    rows = list(each_group(found))[::-1]  # the first one on top
    figure = Figure(figsize=(7.5, 1.9 + 0.45 * len(rows)), layout="constrained")
    axes = figure.subplots()
    uar, low, high = overall
    axes.axvspan(low, high, color="tab:blue", alpha=0.15, label="95% interval of all")
    axes.axvline(uar, color="tab:blue", label=f"all clips: {uar:.3f}")
    axes.axvline(1 / classes, color="gray", ls="--", label="chance")
    for place, (_, _, score) in enumerate(rows):
        axes.plot([score.low, score.high], [place] * 2, color="black", lw=1.5)
        axes.plot(score.uar, place, "o", color="black" if score.over_speakers else "white", mec="k")
    labels = [
        f"{division}: {group}\n{score.clips} clips, {score.speakers} speaker{'s' * (score.speakers > 1)}"
        + (f"\n{_without(score.missing)}" if score.missing else "")
        for division, group, score in rows
    ]
    axes.set_yticks(range(len(rows)), labels, fontsize=8)
    axes.set(xlim=(0, 1), ylim=(-0.6, len(rows) - 0.4))
    few = any(not score.over_speakers for _, _, score in rows)
    note = (
        f"\nhollow: fewer than {ENOUGH_SPEAKERS} speakers, interval over clips alone" if few else ""
    )
    axes.set_xlabel(f"UAR of the group's clips{note}")
    axes.set_title(title, fontsize=10)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    save_figure(figure, path, dpi=_DPI)


def _without(missing: Sequence[str]) -> str:
    """The classes that a group lacks; of many how many."""
    named = f"without {', '.join(missing)}"
    if len(missing) > _NAMED or len(named) > _WIDEST:
        return f"without {len(missing)} of the classes"
    return named


def _reach(share: float, count: int) -> tuple[float, float]:
    """How far Wilson's 95% interval reaches under and over a share of `count` clips."""
    ends = binomtest(round(share * count), count).proportion_ci(method="wilson")
    return max(0.0, share - ends.low), max(0.0, ends.high - share)
