"""The description that MLflow's page shows of a run: what it says, and what it never says."""

import numpy as np
import pytest

from ravdess_exp.report.description import (
    description,
    run_description,
    study_description,
    worst_pairs,
)
from ravdess_exp.scoring.metrics import Scores
from ravdess_exp.scoring.predictions import ActorScores
from ravdess_exp.scoring.run_result import RunResult
from tests.scoring.test_pooled import table
from tests.scoring.test_study_result import member, study

NAMES = ("neutral", "happy", "sad")
COUNTS = [[10, 2, 0], [1, 20, 3], [9, 0, 15]]
SCORES = {"uar": 0.7144, "low": 0.651, "high": 0.779, "validation_uar": 0.8, "speakers": 2}


def text(**changes) -> str:
    return description(**{"names": NAMES, "confusion": COUNTS, **SCORES, **changes})


def test_it_says_the_score_and_the_worst_pairs():
    assert text().split("\n") == [
        "**UAR 0.714** on test, 95% interval 0.651 to 0.779; chance 0.333, validation 0.800.",
        "",
        "60 clips of 2 speakers, whom the model never saw. The interval is over clips of these 2 "
        "actors, not over speakers.",
        "",
        "Most frequent confusions:",
        "",
        "- sad taken for neutral: 9 of 24",
        "- neutral taken for happy: 2 of 12",
        "- happy taken for sad: 3 of 24",
    ]


def test_pairs_are_ranked_by_the_share_of_their_class_not_by_count():
    counts = np.array([[90, 10, 0], [3, 3, 0], [0, 0, 5]])
    assert worst_pairs(counts, 3) == [(1, 0), (0, 1)]
    assert "No clip was taken for another class." in text(confusion=np.eye(3, dtype=int))
    assert worst_pairs(np.zeros((3, 3), int), 3) == [], "a class without clips"


def test_the_counts_are_not_changed():
    counts = np.array(COUNTS)
    text(confusion=counts)
    assert counts.tolist() == COUNTS


def test_a_leaky_split_is_never_speakers_that_the_model_never_saw():
    assert "never saw" not in text(leaky=True)
    assert "of whom the model was trained on other clips" in text(leaky=True)
    assert "WARNING: split=leaky" in text(leaky=True)


@pytest.mark.parametrize(
    ("flag", "words"), [("shuffled", "the labels were shuffled"), ("demo", "nothing about people")]
)
def test_a_score_that_means_nothing_is_marked(flag, words):
    assert words not in text() and words in text(**{flag: True}).splitlines()[-1]


def test_of_several_seeds_clips_are_counted_once():
    assert "20 clips of 1 speaker, each with 3 seeds, whom" in text(seeds=3, speakers=1)


def test_names_have_no_meaning_in_markdown():
    assert r"- \*sad\* taken for \_x" in text(names=("_x", "happy", "*sad*"))


def test_of_a_run():
    scores = Scores(accuracy=0.5, uar=0.714, macro_f1=0.5, recall={})
    result = RunResult(
        validation=scores, test=scores, interval=(0.6, 0.8), actors={1: ActorScores(60, 0.5, 0.7)},
        best_epoch=1, parameters=1, clips_used=60, clips_failed=0, seconds={}, memory_mb=1.0,
        peak_memory_mb=1.0, classes=NAMES, confusion=tuple(map(tuple, COUNTS)), leaky=True,
    )  # fmt: skip
    written = run_description(result, demo=True)
    assert written.startswith("**UAR 0.714** on test, 95% interval 0.600 to 0.800; chance 0.333")
    assert "60 clips of 1 speaker, of whom the model was trained on other clips." in written
    assert written.endswith("its scores say nothing about people.**")


@pytest.mark.parametrize("leaky", [False, True])
def test_of_a_study(rng, leaky):
    members = [member(fold, seed) for seed in (0, 1) for fold in (1, 2, 3)]
    result = study(members, table(rng, actors=3, seeds=2), leaky=leaky)
    written = study_description(result, demo=False)
    assert written.startswith(f"**UAR {result.scores.uar.value:.3f}** on test, 95% interval")
    assert f"{result.scores.clips} clips of 3 speakers, each with 2 seeds, " in written
    assert ("never saw" in written) != leaky
    assert ("WARNING: split=leaky" in written) == leaky
