"""A run or a study in a few lines of Markdown, for whoever opens it in MLflow's page."""

import re
from collections.abc import Sequence

import numpy as np

from ravdess_exp.corpus.split import LEAKY
from ravdess_exp.features.encoders import SAW_RAVDESS
from ravdess_exp.report.cautions import DEMO, SHUFFLED
from ravdess_exp.report.run_text import acquaintance
from ravdess_exp.report.score_text import (
    group_sentences,
    probability_lines,
    study_probability_lines,
    validation_line,
)
from ravdess_exp.scoring.intervals import scope
from ravdess_exp.scoring.run_result import RunResult
from ravdess_exp.scoring.study_result import StudyResult

_PAIRS = 3  # confusions that are named


def description(
    *,
    names: Sequence[str],
    confusion: Sequence[Sequence[int]] | np.ndarray,
    uar: float,
    low: float,
    high: float,
    validation_uar: float,
    validation_last: float | None = None,
    speakers: int,
    seeds: int = 1,
    leaky: bool = False,
    shuffled: bool = False,
    saw_ravdess: bool = False,
    demo: bool = False,
    beside: Sequence[str] = (),
) -> str:
    """The score on test with its 95% interval, chance and validation, and the worst confusions.

    names: of the classes; confusion: (classes, classes) counts, true by predicted, of every seed
    together; low, high: ends of the interval; validation_last: see `validation_line`;
    speakers: in test; leaky: they are in training too;
    shuffled: the labels were; saw_ravdess: a frozen encoder was trained on it; beside: further lines,
    on calibration, sureness and groups.
    """
    counts = np.asarray(confusion)
    clips = int(counts.sum()) // seeds
    of_seeds = f", each with {seeds} seeds" if seeds > 1 else ""
    noun = "speaker" if speakers == 1 else "speakers"
    chosen = f"- {validation_line(validation_uar, validation_last)}"
    lines = [
        f"**UAR {uar:.3f}** on test, 95% interval {low:.3f} to {high:.3f}; "
        f"chance {1 / len(names):.3f}, validation {validation_uar:.3f}.",
        "",
        f"{clips} clips of {speakers} {noun}{of_seeds}, {acquaintance(leaky=leaky)}. The interval is "
        f"{scope(speakers)}.",
        "",
        *([] if validation_last is None else [chosen, ""]),
        *(f"- {line.strip()}" for line in beside),
        *([""] if beside else []),
        *_confusions([plain(name) for name in names], counts),
    ]
    cautions = ((LEAKY, leaky), (SAW_RAVDESS, saw_ravdess), (SHUFFLED, shuffled), (DEMO, demo))
    return "\n".join([*lines, *(f"\n**{text}**" for text, holds in cautions if holds)])


def run_description(result: RunResult, *, demo: bool) -> str:
    """The description of a run that has just been scored."""
    low, high = result.interval
    beside = [*probability_lines(result), *group_sentences(result.groups)]
    return description(
        names=result.classes,
        confusion=result.confusion,
        uar=result.test.uar,
        low=low,
        high=high,
        validation_uar=result.validation.uar,
        validation_last=result.validation_last,
        speakers=len(result.actors),
        leaky=result.leaky,
        shuffled=result.labels_shuffled,
        saw_ravdess=result.saw_ravdess,
        demo=demo,
        beside=beside,
    )


def study_description(result: StudyResult, *, demo: bool) -> str:
    """The description of a study of which at least one run is finished."""
    scores = result.scores
    return description(
        names=scores.classes,
        confusion=scores.confusion,
        uar=scores.uar.value,
        low=scores.uar.low,
        high=scores.uar.high,
        validation_uar=result.val_uar,
        validation_last=result.val_uar_last,
        speakers=len(scores.actors),
        seeds=len(scores.seeds),
        leaky=result.leaky,
        shuffled=result.labels_shuffled,
        saw_ravdess=result.saw_ravdess,
        demo=demo,
        beside=[*study_probability_lines(result), *group_sentences(scores.groups)],
    )


def worst_pairs(counts: np.ndarray, most: int) -> list[tuple[int, int]]:
    """Rows and columns of the confusions that take the largest share of a true class's clips."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(shares, 0)
    order = np.argsort(-shares, axis=None, kind="stable")[:most]
    pairs = zip(*np.unravel_index(order, shares.shape), strict=True)
    return [(int(row), int(column)) for row, column in pairs if shares[row, column] > 0]


def _confusions(names: list[str], counts: np.ndarray) -> list[str]:
    pairs = worst_pairs(counts, _PAIRS)
    if not pairs:
        return ["No clip was taken for another class."]
    lines = [
        f"- {names[true]} taken for {names[predicted]}: {counts[true, predicted]} of "
        f"{counts[true].sum()}"
        for true, predicted in pairs
    ]
    return ["Most frequent confusions:", "", *lines]


def plain(name: str) -> str:
    """A name without a meaning in Markdown, on one line."""
    return re.sub(r"([\\`*_<>\[\]|#&])", r"\\\1", " ".join(name.split()))
