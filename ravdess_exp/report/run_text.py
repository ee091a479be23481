"""What a run prints at its end."""

from pathlib import Path

from ravdess_exp.corpus.split.sets import listed
from ravdess_exp.report.cautions import DEMO
from ravdess_exp.report.columns import matrix_lines
from ravdess_exp.report.other_text import other_lines
from ravdess_exp.report.score_text import (
    actor_lines,
    group_lines,
    probability_lines,
    validation_line,
)
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS, scope
from ravdess_exp.scoring.run_result import ORACLE, RunResult


def run_text(result: RunResult, *, folder: Path, page: str | None, demo: bool) -> str:
    """Scores on test, by class and by actor, the confusion matrix, and where all of it is."""
    lines = ["", *_scores(result), "", *_confusion(result), "", *actor_lines(result.actors)]
    if result.groups:
        lines += ["", *group_lines(result.groups)]
    if result.conditions:
        lines += ["", *_conditions(result)]
    if result.others:
        lines += ["", *other_lines(result.others)]
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in result.seconds.items())
    lines += ["", f"Seconds: {stages}", f"Files:   {folder}"]
    if page:
        lines.append(f"MLflow:  {page}")
    if demo:
        lines.append(DEMO)
    return "\n".join(lines)


def acquaintance(*, leaky: bool) -> str:
    """What the model knew of the speakers that it was scored on."""
    return "of whom the model was trained on other clips" if leaky else "whom the model never saw"


def _scores(result: RunResult) -> list[str]:
    clips = sum(actor.clips for actor in result.actors.values())
    actors = listed(result.actors)
    known = acquaintance(leaky=result.leaky)
    low, high = result.interval
    return [
        f"Test: {clips} clips of actors {actors}, {known}",
        f"  UAR       {result.test.uar:.3f}   95% interval {low:.3f} to {high:.3f}   "
        f"(chance {1 / len(result.classes):.3f})",
        f"            {scope(len(result.actors))}",
        *_few_speakers(len(result.actors)),
        f"  accuracy  {result.test.accuracy:.3f}",
        f"  macro F1  {result.test.macro_f1:.3f}",
        f"  {validation_line(result.validation.uar, result.validation_last)}",
        *_branches(result),
        *probability_lines(result),
        *([f"  {result.baseline.sentence()}"] if result.baseline else []),
    ]


def _branches(result: RunResult) -> list[str]:
    """What sound and picture reach alone, where the two are fused late."""
    if not result.branches:
        return []
    each = ", ".join(
        f"{what} {of.uar:.3f} (validation {of.validation_uar:.3f})"
        for what, of in result.branches.items()
    )
    return [f"  UAR of each branch alone: {each}"]


def _few_speakers(count: int) -> list[str]:
    """Of a handful of speakers nothing can show how much they differ."""
    if count >= ENOUGH_SPEAKERS:
        return []
    return ["            leave each speaker out in turn before you rely on it (experiment=loso)"]


def _confusion(result: RunResult) -> list[str]:
    recalls = [result.test.recall.get(name) for name in result.classes]
    # of a class without a clip, as shuffled labels may have it, there is none
    beside = ["" if recall is None else f"{recall:6.2f}" for recall in recalls]
    return matrix_lines(result.classes, result.confusion, beside, "recall")


def _conditions(result: RunResult) -> list[str]:
    width = max(map(len, result.conditions)) + 2
    lines = ["  UAR on the same clips, as they are and otherwise"]
    lines.append(f"  {'as they are':{width}}{result.test.uar:6.3f}")
    for name, of in result.conditions.items():
        failed = f"   {of.failed:.0f} clips could not be used: not recognised" if of.failed else ""
        lines.append(f"  {name:{width}}{of.uar:6.3f}{failed}")
    if any(name.endswith(ORACLE) for name in result.conditions):
        lines.append(
            "  oracle: damaged after trimming, face detection and the choice of frames, which no file is"
        )
    return lines
