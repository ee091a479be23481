"""The description that MLflow's page shows of a run: what it says, and what it never says."""

import numpy as np
import pytest

from ravdess_exp.report.description import description, worst_pairs
from ravdess_exp.report.study_text import study_description, study_report

NAMES = ("neutral", "happy", "sad")
COUNTS = [[10, 2, 0], [1, 20, 3], [9, 0, 15]]
SCORES = {"uar": 0.7144, "low": 0.651, "high": 0.779, "validation_uar": 0.8, "speakers": 2}


def text(**changes) -> str:
    return description(**{"names": NAMES, "confusion": COUNTS, **SCORES, **changes})


def test_it_says_the_score_and_the_worst_pairs():
    assert text().split("\n") == [
        "**UAR 0.714** on test, 95% interval 0.651 to 0.779; chance 0.333, validation 0.800.",
        "",
        "60 clips of 2 speakers, whom the model never saw.",
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
    assert "NOT A RESULT: the model learned from other clips of these speakers" in text(leaky=True)


@pytest.mark.parametrize(
    ("flag", "words"), [("shuffled", "the labels were shuffled"), ("demo", "nothing about people")]
)
def test_a_score_that_means_nothing_is_marked(flag, words):
    assert words not in text() and words in text(**{flag: True}).splitlines()[-1]


def test_of_several_seeds_clips_are_counted_once():
    assert "20 clips of 1 speaker, each with 3 seeds, whom" in text(seeds=3, speakers=1)


def test_names_have_no_meaning_in_markdown():
    assert r"- \*sad\* taken for \_x" in text(names=("_x", "happy", "*sad*"))


@pytest.mark.parametrize("leaky", [False, True])
def test_of_a_study(tmp_path, leaky):
    summary = {
        "classes": NAMES, "confusion": COUNTS, "uar": 0.7, "uar_ci95": (0.6, 0.8), "val_uar": 0.75,
        "per_actor": {1: {"clips": 30, "accuracy": 0.7, "uar": 0.7}}, "seeds": [0],
        "leaky": leaky, "labels_shuffled": True, "clips": 60, "complete": True, "folds": 1,
        "accuracy": 0.7, "accuracy_ci95": (0.6, 0.8), "macro_f1": 0.7, "macro_f1_ci95": (0.6, 0.8),
        "spread": {"actors": None}, "recall": {"happy": 0.5}, "seconds": 1.0,
        "per_fold": {"fold_00": {"memory_mb": 1.0}},
    }  # fmt: skip
    for written in (
        study_description(summary, demo=False),
        study_report(summary, tmp_path, page=None),
    ):
        assert ("NOT A RESULT" in written) == leaky
        assert "NOT SO HERE" not in written and "the labels were shuffled" in written
        assert ("never" in written) != leaky
