"""What a study prints in which corpora train in turn."""

from pathlib import Path

from ravdess_exp.folder import CROSSED
from ravdess_exp.scoring.crossed_result import CrossedResult
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS
from ravdess_exp.scoring.other import OtherScores

_LONGEST = 100  # characters of a reason; failure.txt of the run has all


def crossed_text(result: CrossedResult, folder: Path, page: str | None) -> str:
    """A line for each pair of corpora, why others are missing, and where all of it is."""
    if not result.cells:
        return "No run is finished, so there is nothing to summarise."
    lines = [
        "",
        "UAR of a model of one corpus on another one's clips, over the classes that both have",
    ]
    if not result.complete:
        lines.append(f"  INCOMPLETE: {result.runs - len(result.missing)} of {result.runs} runs")
    width = max(7, *map(len, result.corpora))
    lines.append(f"  {'trained':{width}}  {'scored':{width}}  UAR    95% interval      chance")
    for trained in result.corpora:
        for scored in result.corpora:
            of = result.cells.get(trained, {}).get(scored)
            cell = _cell(of) if of else f"-      {result.why_empty(trained, scored)[:_LONGEST]}"
            lines.append(f"  {trained:{width}}  {scored:{width}}  {cell}")
    lines.append("  a corpus with itself: the test speakers of its split, whom the model never saw")
    lines += ["", f"Runs:    {result.seconds:.0f} s in all; heat map: {CROSSED}"]
    lines.append(f"Files:   {folder}")
    return "\n".join([*lines, f"MLflow:  {page}"] if page else lines)


def _cell(of: OtherScores) -> str:
    over = "" if of.speakers >= ENOUGH_SPEAKERS else ", over clips"
    return (
        f"{of.uar.value:.3f}  {of.uar.low:.3f} to {of.uar.high:.3f}    {of.chance:.3f}   "
        f"{len(of.classes)} classes, {of.clips} clips, {of.speakers} speakers{over}"
    )


def crossed_description(result: CrossedResult) -> str:
    """The description of such a study in MLflow, in Markdown."""
    names = result.corpora
    head = f"| trained \\ scored | {' | '.join(names)} |"
    rows = [
        f"| {trained} | {' | '.join(_short(result, trained, scored) for scored in names)} |"
        for trained in names
    ]
    note = "UAR over the classes that both corpora have; a corpus with itself: the test set of its split."
    return "\n".join([note, "", head, "|---" * (len(names) + 1) + "|", *rows])


def _short(result: CrossedResult, trained: str, scored: str) -> str:
    of = result.cells.get(trained, {}).get(scored)
    if of is None:
        return "-"
    return f"{of.uar.value:.3f} [{of.uar.low:.3f}, {of.uar.high:.3f}], chance {of.chance:.3f}"
