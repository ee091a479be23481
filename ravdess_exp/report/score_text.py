"""Calibration, sureness and groups as lines of text, for a run and for a study."""

from collections.abc import Mapping
from itertools import islice

from ravdess_exp.scoring.calibration import Calibration
from ravdess_exp.scoring.groups import Groups, each_group
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS
from ravdess_exp.scoring.metrics import ActorScores
from ravdess_exp.scoring.run_result import RunResult
from ravdess_exp.scoring.study_result import StudyResult
from ravdess_exp.scoring.study_scores import ActorScore, Score, StudyScores
from ravdess_exp.scoring.sureness import FEWEST, Kept, Threshold

_SHOWN = 100  # actors
_TITLES = (("uar", "UAR"), ("accuracy", "accuracy"), ("macro_f1", "macro F1"))


def validation_line(uar: float, last: float | None) -> str:
    """What a model gets on the clips that it was chosen by.

    last: mean over the last epochs of each training; None where no epoch was chosen.
    """
    if last is None:
        return f"validation UAR {uar:.3f}"
    return (
        f"validation UAR {uar:.3f} with the epoch that it chose, the best of many and so too good; "
        f"{last:.3f} over the last epochs, none chosen"
    )


def probability_lines(result: RunResult) -> list[str]:
    """What a run's probabilities are worth, and what a threshold on them keeps."""
    lines = []
    if result.calibration:
        lines.append(calibration_line(result.calibration, result.validation_calibration))
    if result.sureness:
        lines.append(f"  {_threshold_line(result.sureness.threshold)}")
        if result.sureness.threshold.value is not None:
            lines.append(f"  {_kept_line(result.sureness.test, len(result.classes))}")
    return lines


def study_probability_lines(result: StudyResult) -> list[str]:
    """The same of a study, in which each run is sure by its own threshold."""
    scores, wanted = result.scores, result.members[0].sure_accuracy
    lines = [calibration_line(scores.calibration)] if scores.calibration else []
    if scores.kept and wanted is not None:
        lines.append(
            f"  {_kept_line(scores.kept, len(scores.classes))}; each run by its own threshold, chosen "
            f"on its validation clips for accuracy {wanted:g}"
        )
    return lines


def overall_lines(scores: StudyScores) -> list[str]:
    """UAR, accuracy and macro F1 with their intervals."""
    lines = []
    for name, title in _TITLES:
        score: Score = getattr(scores, name)
        chance = f"   (chance {1 / len(scores.classes):.3f})" if name == "uar" else ""
        lines.append(
            f"  {title:9} {score.value:.3f}   95% interval {score.low:.3f} to {score.high:.3f}{chance}"
        )
    return lines


def actor_lines(actors: Mapping[int | str, ActorScores | ActorScore]) -> list[str]:
    """A table: clips, accuracy and UAR of every actor; of very many the first ones."""
    shown = dict(islice(actors.items(), _SHOWN))
    width = max([5, *(len(str(actor)) for actor in shown)])
    lines = [f"  {'actor':<{width}}  clips  accuracy    UAR"]
    lines += [
        f"  {actor:>{width}}  {of.clips:5d}  {of.accuracy:8.3f}  {of.uar:5.3f}"
        for actor, of in shown.items()
    ]
    more = len(actors) - len(shown)
    return lines + ([f"  ... and {more:,} more actors"] if more else [])


def group_lines(groups: Groups) -> list[str]:
    """A table: UAR of every group with its interval, and what to know of it."""
    if not groups:
        return []
    width = max(len(f"{division} {group}") for division, group, _ in each_group(groups))
    lines = [f"  {'group':{width}}  clips  speakers    UAR   95% interval"]
    for division, group, of in each_group(groups):
        notes = [] if of.over_speakers else ["over clips"]
        notes += [f"no clip of: {', '.join(of.missing)}"] if of.missing else []
        lines.append(
            f"  {f'{division} {group}':{width}}  {of.clips:5d}  {of.speakers:8d}  {of.uar:5.3f}"
            f"   {of.low:.3f} to {of.high:.3f}   {'; '.join(notes)}".rstrip()
        )
    if any(not of.over_speakers for _, _, of in each_group(groups)):
        lines.append(
            f"  over clips: with fewer than {ENOUGH_SPEAKERS} speakers it says nothing of others"
        )
    return lines


def group_sentences(groups: Groups) -> list[str]:
    """The same in a line for each division."""
    return [
        f"UAR by {division}: "
        + ", ".join(
            f"{group} {of.uar:.3f} ({of.low:.3f} to {of.high:.3f}"
            f"{'' if of.over_speakers else ', over clips'})"
            for group, of in of_division.items()
        )
        for division, of_division in groups.items()
    ]


def calibration_line(test: Calibration, validation: Calibration | None = None) -> str:
    """How far the probabilities are from what happened."""
    beside = f" (validation {validation.ece:.3f})" if validation else ""
    return (
        f"  calibration error {test.ece:.3f}{beside}, log loss {test.log_loss:.3f}: how far "
        "probabilities are from what happened"
    )


def _kept_line(kept: Kept, classes: int) -> str:
    """What a model is sure of among the test clips. classes: how many there are."""
    if not kept.share:
        return "sure of no test clip"
    return (
        f"sure of {kept.share:.0%} of the test clips: accuracy {kept.accuracy:.3f}, "
        f"UAR {kept.uar:.3f} over {kept.classes:.0f} of {classes} classes"
    )


def _threshold_line(threshold: Threshold) -> str:
    """Where the threshold lies, and why there."""
    if threshold.value is None:
        return (
            f"never sure: no threshold gave accuracy {threshold.wanted:g} on {FEWEST} validation "
            "clips or more"
        )
    if threshold.value == 0:
        return f"sure of every prediction: all validation clips have accuracy {threshold.wanted:g} or more"
    return (
        f"sure from probability {threshold.value:.3f} on, chosen on validation for accuracy "
        f"{threshold.wanted:g}"
    )
