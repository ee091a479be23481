"""What a run or a study that tells numbers prints at its end."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from ravdess_exp.corpus.split import LEAKY
from ravdess_exp.corpus.split.sets import listed
from ravdess_exp.features.encoders import SAW_RAVDESS
from ravdess_exp.report.cautions import DEMO, SHUFFLED
from ravdess_exp.report.numbers.findings import Findings
from ravdess_exp.report.run_text import acquaintance
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS, scope
from ravdess_exp.scoring.numbers.measures import MEASURES, TITLES
from ravdess_exp.scoring.numbers.parts import Groups, Speakers, each_group
from ravdess_exp.scoring.numbers.run_result import Condition, NumbersResult
from ravdess_exp.scoring.numbers.study_result import NumbersStudy
from ravdess_exp.scoring.run_result import ORACLE
from ravdess_exp.scoring.study_scores import Score

_SHOWN = 100  # actors


def run_text(result: NumbersResult, *, folder: Path, page: str | None, demo: bool) -> str:
    """Scores on test by number, by actor and by group, and where all of it is."""
    found = Findings.of_run(result)
    known = acquaintance(leaky=result.leaky)
    lines = ["", f"Test: {found.clips} clips of actors {listed(result.speakers)}, {known}"]
    lines += [*_scores(found), "", *_by_speaker(found.speakers)]
    if found.groups:
        lines += ["", *_by_group(found.groups)]
    if result.conditions:
        lines += ["", *_conditions(result.conditions, found.scores.ccc)]
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in result.seconds.items())
    lines += ["", f"Seconds: {stages}", f"Files:   {folder}"]
    if page:
        lines.append(f"MLflow:  {page}")
    if demo:
        lines.append(DEMO)
    return "\n".join(lines)


def study_text(result: NumbersStudy, folder: Path, page: str | None) -> str:
    """Pooled scores with intervals, by actor and by group, and where all of it is."""
    if result.scores is None:
        return "No run is finished, so there is nothing to summarise."
    found, done = Findings.of_study(result), len(result.members)
    known = (
        "were trained on other clips of the same actors"
        if result.leaky
        else "never heard or saw them"
    )
    lines = [
        "",
        f"Study: {found.clips} clips of {len(found.speakers)} actors, each told by models that {known}",
    ]
    if not result.complete:
        lines.append(f"  INCOMPLETE: {done} of {result.runs} runs")
    lines += _scores(found)
    if found.seeds:
        each = ", ".join(f"{of:.3f}" for of in found.seeds.values())
        lines.append(
            f"  the scores are means over seeds {', '.join(map(str, found.seeds))}: CCC {each}, standard "
            f"deviation {result.scores.seed_spread:.3f}"
        )
    lines += ["", *_by_speaker(found.speakers), ""]
    if found.groups:
        lines += [*_by_group(found.groups), ""]
    lines += [
        f"Runs:    {done}, {result.seconds / done:.1f} s each, {result.seconds:.0f} s in all",
        f"Files:   {folder}",
    ]
    if page:
        lines.append(f"MLflow:  {page}")
    told = (
        (SHUFFLED, result.labels_shuffled),
        (SAW_RAVDESS, result.saw_ravdess),
        (LEAKY, result.leaky),
    )
    return "\n".join([*lines, *(text for text, holds in told if holds)])


def validation_line(found: Findings) -> str:
    """What the model gets on the clips that it was chosen by."""
    if found.validation_last is None:
        return f"validation CCC {found.validation:.3f}"
    return (
        f"validation CCC {found.validation:.3f} with the epoch that it chose, the best of many and so too "
        f"good; {found.validation_last:.3f} over the last epochs, none chosen"
    )


def _scores(found: Findings) -> list[str]:
    """A line a number and measure, those of all together first."""
    width = max(len(name) for name in ("mean of all", *found.names))
    lines = []
    if len(found.names) > 1:
        lines.append(
            f"  {'mean of all':{width}}  {_line('ccc', found.scores.ccc)}   (a constant: 0)"
        )
    for name, target in found.scores.targets.items():
        for measure in MEASURES:
            shown = name if measure == "ccc" else ""
            lines.append(f"  {shown:{width}}  {_line(measure, getattr(target, measure))}")
    lines.append(f"  intervals {scope(len(found.speakers))}")
    if len(found.speakers) < ENOUGH_SPEAKERS:
        lines.append("  leave each speaker out in turn before you rely on it (experiment=loso)")
    lines.append(f"  {validation_line(found)}")
    lines += [
        f"  {what} alone: CCC {of.ccc:.3f}, 95% interval {of.ccc_low:.3f} to {of.ccc_high:.3f}; validation "
        f"{of.validation:.3f}"
        for what, of in found.branches.items()
    ]
    return lines + ([f"  {found.baseline_sentence}"] if found.baseline_sentence else [])


def _line(measure: str, of: Score) -> str:
    return f"{TITLES[measure]:11} {of.value:6.3f}   95% interval {of.low:.3f} to {of.high:.3f}"


def _by_speaker(speakers: Speakers) -> list[str]:
    shown = dict(islice(speakers.items(), _SHOWN))
    width = max([5, *(len(str(actor)) for actor in shown)])
    lines = [f"  {'actor':<{width}}  clips    CCC    RMSE"]
    lines += [
        f"  {actor:>{width}}  {of.clips:5d} {of.ccc:6.3f}  {of.rmse:6.3f}"
        for actor, of in shown.items()
    ]
    more = len(speakers) - len(shown)
    return lines + ([f"  ... and {more:,} more actors"] if more else [])


def _by_group(groups: Groups) -> list[str]:
    width = max(len(f"{division} {group}") for division, group, _ in each_group(groups))
    lines = [f"  {'group':{width}}  clips  speakers    CCC   95% interval"]
    for division, group, of in each_group(groups):
        note = "" if of.over_speakers else "   over clips"
        lines.append(
            f"  {f'{division} {group}':{width}}  {of.clips:5d}  {of.speakers:8d} {of.ccc:6.3f}   "
            f"{of.ccc_low:.3f} to {of.ccc_high:.3f}{note}"
        )
    return lines


def _conditions(conditions: Mapping[str, Condition], clean: Score) -> list[str]:
    width = max(map(len, conditions)) + 2
    lines = [
        "  CCC on the same clips, as they are and otherwise",
        f"  {'as they are':{width}}{clean.value:6.3f}",
    ]
    for name, of in conditions.items():
        failed = f"   {of.failed} clips could not be used: the others' mean" if of.failed else ""
        lines.append(f"  {name:{width}}{of.ccc:6.3f}{failed}")
    if any(name.endswith(ORACLE) for name in conditions):
        lines.append(
            "  oracle: damaged after trimming, face detection and the choice of frames, which no file is"
        )
    return lines
