"""A study's result: folds are counted as folds, and what is written is what is read."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ravdess_exp.errors import OutputError
from ravdess_exp.report.study_text import study_text
from ravdess_exp.scoring.pooled import Pooled
from ravdess_exp.scoring.study_json import as_json, from_json, load
from ravdess_exp.scoring.study_result import MemberResult, StudyResult
from ravdess_exp.scoring.study_scores import StudyScores
from tests.scoring.test_pooled import table


def member(fold: int | None, seed: int, **changes: float) -> MemberResult:
    values = {
        "test_uar": 0.5,
        "val_uar": 0.6,
        "best_epoch": 3,
        "train_seconds": 1.0,
        "seconds": 2.0,
        "memory_mb": 900.0,
        "peak_memory_mb": 950.0,
        "parameters": 1234,
    }
    label = f"seed_{seed}" if fold is None else f"actor_{fold:02d}-seed_{seed}"
    return MemberResult(label=label, fold=fold, seed=seed, **{**values, **changes})


def study(members: list[MemberResult], predictions: pd.DataFrame, **changes) -> StudyResult:
    values = {
        "command": "ravdess-exp experiment=loso",
        "runs": len(members),
        "folds": len({m.fold for m in members}),
        "members": tuple(members),
        "missing": {},
        "scores": StudyScores.of(Pooled.of(predictions)) if members else None,
    }
    return StudyResult(**{**values, **changes})


@pytest.fixture
def two_seeds(rng) -> StudyResult:
    """Three actors, each scored with two seeds, but for the last one's second."""
    members = [
        member(fold, seed, test_uar=fold / 10 + seed) for seed in (0, 1) for fold in (1, 2, 3)
    ]
    missing = {members[-1].label: "OutputError: disk full"}
    return study(members[:-1], table(rng, actors=3, seeds=2), runs=6, folds=3, missing=missing)


def test_a_fold_is_done_when_all_its_seeds_are(two_seeds):
    content = as_json(two_seeds)
    assert (content["folds_done"], content["folds"]) == (2, 3)
    assert (content["runs_done"], content["runs"]) == (5, 6)
    assert not content["complete"]
    metrics = two_seeds.metrics()
    names = ("folds_done", "folds", "runs_done", "runs")
    assert [metrics[name] for name in names] == [2, 3, 5, 6]


def test_a_fold_is_one_entry_with_the_means_of_its_seeds(two_seeds):
    content = as_json(two_seeds)
    assert list(content["per_fold"]) == ["actor_01", "actor_02", "actor_03"]
    assert content["per_fold"]["actor_01"]["test_uar"] == pytest.approx(0.6)
    assert content["per_fold"]["actor_01"]["seeds"] == (0, 1)
    assert content["per_fold"]["actor_03"]["seeds"] == (0,)
    assert len(content["per_run"]) == 5
    assert content["per_run"]["actor_02-seed_1"]["test_uar"] == pytest.approx(1.2)
    assert two_seeds.series()["fold/test_uar"] == pytest.approx({1: 0.6, 2: 0.7, 3: 0.3})


def test_seeds_on_one_split_are_one_fold(rng):
    result = study([member(None, 0), member(None, 7)], table(rng, seeds=2))
    assert (result.folds, result.folds_done, result.runs) == (1, 1, 2)
    assert list(result.fold_results) == ["split"] and list(result.series()["fold/seconds"]) == [0]


def test_what_is_written_is_what_is_read(two_seeds, tmp_path):
    (tmp_path / "summary.json").write_text(json.dumps(as_json(two_seeds)))
    assert load(tmp_path) == two_seeds
    nothing = study([], pd.DataFrame(), runs=6, folds=3, missing={"actor_01-seed_0": "killed"})
    assert from_json(json.loads(json.dumps(as_json(nothing)))) == nothing


def test_a_summary_of_an_earlier_version_is_read(two_seeds):
    """Its `folds` counted runs, and its `per_fold` held them."""
    content = json.loads(json.dumps(as_json(two_seeds)))
    for name in ("runs", "runs_done", "given_up"):
        del content[name]
    content |= {"folds": 6, "folds_done": 5, "per_fold": content.pop("per_run")}
    assert from_json(content) == two_seeds


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"runs": 1}'])
def test_a_damaged_summary(tmp_path, content):
    if content is not None:
        (tmp_path / "summary.json").write_text(content)
    with pytest.raises(
        OutputError, match=r"summary.json: cannot be read .* hydra.sweep.dir=FOLDER"
    ):
        load(tmp_path)


def test_the_text_of_a_study_says_whom_the_models_knew(two_seeds):
    folder = Path("outputs/study")
    text = study_text(two_seeds, folder, None)
    assert "27 clips of 3 actors, each scored by models that never heard or saw them" in text
    assert "INCOMPLETE: 5 of 6 runs" in text and "SANITY CHECK" not in text
    both = StudyResult(**{**vars(two_seeds), "leaky": True, "labels_shuffled": True})
    text = study_text(both, folder, None)
    assert "models that were trained on other clips of the same actors" in text
    assert "never" not in text.split("SANITY CHECK")[0]
    assert "SANITY CHECK: the labels were shuffled" in text and "WARNING: split=leaky" in text


def test_calibration_sureness_and_groups_of_a_study(rng):
    """They are in summary.json and come back; one of version 0.2 is read without them."""
    predictions = table(rng, actors=6, seeds=2).assign(neutral=0.5, happy=0.3, sad=0.2, sure=True)
    predictions.loc[predictions["clip"].str.endswith("-0"), "sure"] = False
    groups = {clip: {"half": "low" if clip < "4" else "high"} for clip in predictions["clip"]}
    scores = StudyScores.of(Pooled.of(predictions), groups)
    members = [member(fold, 0, val_ece=0.1, sure_accuracy=0.8) for fold in range(1, 7)]
    result = study(members, predictions, scores=scores)
    assert scores.kept.share == pytest.approx(8 / 9) and scores.kept.classes == 3
    assert scores.groups["half"]["low"].speakers == 3
    assert scores.reliability.counts[7] == len(predictions), "0.5 lies in (7/15, 8/15]"
    metrics = result.metrics()
    assert metrics["test/ece"] == pytest.approx(scores.calibration.ece)
    assert metrics["val/ece"] == pytest.approx(0.1) and metrics["sure/wanted"] == 0.8
    assert metrics["test/half/low/uar"] == scores.groups["half"]["low"].uar
    content = json.loads(json.dumps(as_json(result)))
    assert from_json(content) == result
    text = study_text(result, Path("outputs/study"), None)
    assert "sure of 89% of the test clips" in text and "half high" in text
    for name in ("calibration", "reliability", "kept", "per_group"):
        del content[name]
    for of_run in content["per_run"].values():
        del of_run["val_ece"], of_run["sure_accuracy"]
    older = from_json(content)
    assert older.scores.calibration is None and older.scores.groups == {}


def test_a_study_says_what_its_intervals_are_about_and_how_validation_chose(two_seeds):
    text = study_text(two_seeds, Path("study"), None)
    assert "intervals over clips of these 3 actors, not over speakers" in text
    assert "validation UAR 0.600; mean over the runs" in text, "older runs do not say"
    assert as_json(two_seeds)["intervals_over"] == "clips"
    members = tuple(replace(of, val_uar_last=0.5) for of in two_seeds.members)
    chosen = replace(two_seeds, members=members)
    assert "0.500 over the last epochs" in study_text(chosen, Path("study"), None)
    assert from_json(json.loads(json.dumps(as_json(chosen)))).val_uar_last == 0.5
    assert chosen.metrics()["val/uar_last_epochs"] == 0.5
    assert "val/uar_last_epochs" not in two_seeds.metrics()
