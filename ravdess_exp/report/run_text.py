"""What a run prints at its end."""

from pathlib import Path

from ravdess_exp.report.cautions import DEMO, FAMILIAR
from ravdess_exp.scoring.evaluation import Evaluation

_ENOUGH_SPEAKERS = 6


def results_table(
    metrics: dict[str, float],
    scored: Evaluation,
    *,
    folder: Path,
    page: str | None,
    demo: bool,
    leaky: bool,
) -> str:
    """Scores on test, by class and by actor, the confusion matrix, and where all of it is.

    leaky: speakers of test are in training too.
    """
    chance = 1 / len(scored.names)
    actors = sorted(scored.per_actor())
    lines = [
        "",
        f"Test: {len(scored.samples)} clips of actors {', '.join(map(str, actors))}, "
        + (FAMILIAR if leaky else "whom the model never saw"),
        f"  UAR       {metrics['test/uar']:.3f}   95% interval {metrics['test/uar_low']:.3f} to "
        f"{metrics['test/uar_high']:.3f}   (chance {chance:.3f})",
        *_few_speakers(len(actors)),
        f"  accuracy  {metrics['test/accuracy']:.3f}",
        f"  macro F1  {metrics['test/macro_f1']:.3f}",
        f"  validation UAR {metrics['val/uar']:.3f}, by which epoch "
        f"{metrics['best_epoch']:.0f} was chosen",
        "",
        "  "
        + f"{'true / predicted':18}"
        + " ".join(f"{n[:9]:>9}" for n in scored.names)
        + "  recall",
    ]
    for name, row in zip(scored.names, scored.confusion(), strict=True):
        recall = metrics[f"test/recall/{name}"]
        lines.append(f"  {name:18}" + " ".join(f"{n:9d}" for n in row) + f"  {recall:6.2f}")
    lines += ["", "  actor  clips  accuracy    UAR"]
    for actor, of_actor in scored.per_actor().items():
        lines.append(
            f"  {actor:5d}  {of_actor['clips']:5d}  {of_actor['accuracy']:8.3f}  "
            f"{of_actor['uar']:5.3f}"
        )
    conditions = [k.split("/")[1] for k in metrics if k.count("/") == 2 and _is_condition(k)]
    if conditions:
        lines += ["", "  UAR on the same clips, as they are and otherwise"]
        lines.append(f"  {'as they are':24}{metrics['test/uar']:6.3f}")
        lines += [f"  {name:24}{metrics[f'test/{name}/uar']:6.3f}" for name in conditions]
    lines += [
        "",
        "Seconds: "
        + ", ".join(f"{k[8:]} {v:.1f}" for k, v in metrics.items() if k.startswith("seconds/")),
        f"Files:   {folder}",
    ]
    if page:
        lines.append(f"MLflow:  {page}")
    if demo:
        lines.append(DEMO)
    return "\n".join(lines)


def _is_condition(key: str) -> bool:
    """Whether a metric is the UAR under a condition of `robustness`, not of an actor."""
    return key.endswith("/uar") and not key.startswith("test/actor_")


def _few_speakers(count: int) -> list[str]:
    """The interval is drawn over speakers; of a handful it cannot show how much they differ."""
    if count >= _ENOUGH_SPEAKERS:
        return []
    noun = "speaker" if count == 1 else "speakers"
    return [f"            of {count} {noun} only: leave each one out in turn before you rely on it"]
