"""What `ravdess-exp score` prints of predictions that any model made."""

from ravdess_exp.report.score_text import actor_lines, calibration_line, overall_lines
from ravdess_exp.scoring.intervals import scope
from ravdess_exp.scoring.study_scores import StudyScores

UNSEEN = (
    "What the model was trained on cannot be seen in its predictions: of speakers that it knew, or an epoch\n"
    "that was chosen on these clips, these scores say nothing."
)


def listed_text(name: str, scores: StudyScores) -> str:
    """Scores with intervals over speakers, by class and by actor."""
    lines = [
        f"{name}: {scores.clips} clips of {len(scores.actors)} actors, {len(scores.classes)} classes",
        *overall_lines(scores),
        f"  intervals {scope(len(scores.actors))}",
    ]
    if scores.calibration:
        lines.append(calibration_line(scores.calibration))
    recall = "  ".join(f"{name} {value:.2f}" for name, value in scores.recall.items())
    return "\n".join([*lines, "", *actor_lines(scores.actors), "", f"Recall:  {recall}"])
