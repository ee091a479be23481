"""What a study prints at its end."""

from pathlib import Path

from ravdess_exp.corpus.split import LEAKY
from ravdess_exp.features.encoders import SAW_RAVDESS
from ravdess_exp.report.cautions import SHUFFLED
from ravdess_exp.report.other_text import other_lines
from ravdess_exp.report.score_text import (
    actor_lines,
    group_lines,
    overall_lines,
    study_probability_lines,
    validation_line,
)
from ravdess_exp.scoring.intervals import scope
from ravdess_exp.scoring.study_result import StudyResult
from ravdess_exp.scoring.study_scores import StudyScores


def study_text(result: StudyResult, folder: Path, page: str | None) -> str:
    """Pooled scores with intervals, the table by actor, both spreads, and where all of it is."""
    scores, done = result.scores, len(result.members)
    if scores is None:
        return "No run is finished, so there is nothing to summarise."
    known = (
        "were trained on other clips of the same actors"
        if result.leaky
        else "never heard or saw them"
    )
    lines = [
        "",
        f"Study: {scores.clips} clips of {len(scores.actors)} actors, each scored by models that {known}",
    ]
    if not result.complete:
        lines.append(f"  INCOMPLETE: {done} of {result.runs} runs")
    lines += overall_lines(scores)
    lines += [
        f"  intervals {scope(len(scores.actors))}",
        f"  {validation_line(result.val_uar, result.val_uar_last)}; mean over the runs",
    ]
    lines += [
        f"  {what} alone: UAR {of.uar:.3f}, 95% interval {of.low:.3f} to {of.high:.3f}; "
        f"validation {of.val_uar:.3f}"
        for what, of in result.branches.items()
    ]
    if result.baseline:
        lines.append(f"  {result.baseline.sentence()}")
    lines += [*study_probability_lines(result), ""]
    lines += [*_seeds(scores), *_actors(scores), ""]
    if scores.groups:
        lines += [*group_lines(scores.groups), ""]
    if result.others:
        lines += [*other_lines(result.others), ""]
    lines.append("Recall:  " + "  ".join(f"{name} {v:.2f}" for name, v in scores.recall.items()))
    memory = [member.memory_mb for member in result.members]
    lines += [
        f"Runs:    {done}, {result.seconds / done:.1f} s each, {result.seconds:.0f} s in all; "
        f"memory {memory[0]:.0f} MB after the first one, {memory[-1]:.0f} MB after the last one",
        f"Files:   {folder}",
    ]
    if page:
        lines.append(f"MLflow:  {page}")
    if result.labels_shuffled:
        lines.append(SHUFFLED)
    if result.saw_ravdess:
        lines.append(SAW_RAVDESS)
    if result.leaky:
        lines.append(LEAKY)
    return "\n".join(lines)


def _seeds(scores: StudyScores) -> list[str]:
    if len(scores.seeds) < 2:
        return []
    each = ", ".join(f"{of.uar:.3f}" for of in scores.seeds.values())
    return [
        f"  the scores are means over seeds {', '.join(map(str, scores.seeds))}: UAR {each}, "
        f"standard deviation {scores.seed_spread:.3f}",
        "",
    ]


def _actors(scores: StudyScores) -> list[str]:
    lines = actor_lines(scores.actors)
    if scores.actor_spread is not None:
        lines.append(f"  standard deviation over actors {scores.actor_spread:.3f}")
    return lines
