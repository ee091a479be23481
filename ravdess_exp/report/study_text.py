"""What a study prints at its end."""

from pathlib import Path

from ravdess_exp.corpus.split import LEAKY

_TITLES = (("uar", "UAR"), ("accuracy", "accuracy"), ("macro_f1", "macro F1"))


def study_report(summary: dict, folder: Path, page: str | None) -> str:
    """Pooled scores with intervals, the table by actor, both spreads, and where all of it is."""
    if "uar" not in summary:
        return "No run is finished, so there is nothing to summarise."
    runs, count = len(summary["per_fold"]), summary["folds"]
    lines = [
        "",
        f"Study: {summary['clips']} clips of {len(summary['per_actor'])} actors, each scored by "
        f"models that never {'' if not summary['leaky'] else '(NOT SO HERE) '}heard or saw them",
    ]
    if not summary["complete"]:
        lines.append(f"  INCOMPLETE: {runs} of {count} runs")
    for name, title in _TITLES:
        low, high = summary[f"{name}_ci95"]
        chance = f"   (chance {1 / len(summary['classes']):.3f})" if name == "uar" else ""
        lines.append(
            f"  {title:9} {summary[name]:.3f}   95% interval {low:.3f} to {high:.3f}{chance}"
        )
    lines += [f"  validation UAR {summary['val_uar']:.3f}, mean over the runs", ""]
    lines += _seeds(summary)
    lines.append("  actor  clips  accuracy    UAR")
    for actor, of_actor in summary["per_actor"].items():
        lines.append(
            f"  {actor:5d}  {of_actor['clips']:5d}  {of_actor['accuracy']:8.3f}  {of_actor['uar']:5.3f}"
        )
    if summary["spread"]["actors"] is not None:
        lines.append(f"  standard deviation over actors {summary['spread']['actors']:.3f}")
    recalls = "  ".join(f"{name} {value:.2f}" for name, value in summary["recall"].items())
    memory = [run["memory_mb"] for run in summary["per_fold"].values()]
    lines += [
        "",
        f"Recall:  {recalls}",
        f"Runs:    {runs}, {summary['seconds'] / runs:.1f} s each, {summary['seconds']:.0f} s in all; "
        f"memory {memory[0]:.0f} MB after the first one, {memory[-1]:.0f} MB after the last one",
        f"Files:   {folder}",
    ]
    if page:
        lines.append(f"MLflow:  {page}")
    if summary["labels_shuffled"]:
        lines.append(
            "SANITY CHECK: the labels were shuffled; anything but chance would be leakage."
        )
    if summary["leaky"]:
        lines.append(LEAKY)
    return "\n".join(lines)


def _seeds(summary: dict) -> list[str]:
    if len(summary["seeds"]) < 2:
        return []
    each = ", ".join(f"{of['uar']:.3f}" for of in summary["per_seed"].values())
    return [
        f"  the scores are means over seeds {', '.join(map(str, summary['seeds']))}: UAR {each}, "
        f"standard deviation {summary['spread']['seeds']:.3f}",
        "",
    ]
