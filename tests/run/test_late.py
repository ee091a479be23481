"""Late fusion as a whole run: what it leaves, and that a missing input is no catastrophe."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.errors import ComparisonError
from ravdess_exp.folder import BRANCH_PREDICTIONS
from ravdess_exp.models.late import branch_models
from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.predict.clip import Predictor
from ravdess_exp.run.experiment import run
from ravdess_exp.scoring.comparison import Result
from ravdess_exp.scoring.run_result import RunResult
from ravdess_exp.scoring.study_json import as_json, load
from tests.conftest import quick_overrides
from tests.helpers.media_files import tone, write_media

LATE = (
    "tracking=none",
    "fusion=late",
    "fusion.weights=validation",
    "training.epochs=2",
    "training.choose=last",
    "training.refit=true",
    "training.members=2",
)


@pytest.fixture(scope="module")
def finished(corpus, store_root, tmp_path_factory):
    """Two members, fitted again on training and validation clips."""
    folder = tmp_path_factory.mktemp("late") / "run"
    run(validate(compose_config(quick_overrides(corpus, store_root, *LATE))), folder=folder)
    return folder


def test_each_branch_is_scored_beside_the_whole(finished):
    metrics = json.loads((finished / "metrics.json").read_text())
    whole = pd.read_csv(finished / "predictions.csv")
    for what, name in BRANCH_PREDICTIONS.items():
        table = pd.read_csv(finished / name)
        assert list(table["clip"]) == list(whole["clip"])
        right = table["label"] == table["prediction"]
        assert metrics[f"test/{what}/accuracy"] == pytest.approx(right.mean())
        recall = right.groupby(table["label"]).mean().mean()
        assert metrics[f"test/{what}/uar"] == pytest.approx(recall)
    result = RunResult.from_metrics(metrics)
    assert set(result.branches) == {"audio", "video"} and not result.conditions
    assert result.metrics() == metrics


def test_history_has_every_training(finished):
    history = pd.read_csv(finished / "history.csv")
    assert len(history) == 2
    assert {"loss", "val_uar", "val_audio_uar", "member_1/val_uar", "refit_1/loss"} <= set(history)
    assert not any("refit" in name and "val_" in name for name in history)


def test_the_bundle_knows_who_it_learned_from(finished):
    bundle = Bundle.load(finished / "bundle")
    assert bundle.facts.speakers["train"] == ("01", "02", "03")
    assert not bundle.facts.validation
    assert bundle.facts.missing_inputs


def test_a_file_without_sound_is_predicted_by_its_picture(finished):
    """As the picture's branch says alone, made as unsure as the whole is."""
    bundle = Bundle.load(finished / "bundle")
    (model,) = (member.model for member in bundle.members)
    seen = np.random.default_rng(0).random((3, *model.inputs[1].shape[1:]), dtype=np.float32)
    nothing = np.zeros((3, *model.inputs[0].shape[1:]), np.float32)
    alone = branch_models(model)["video"].predict([nothing, seen], verbose=0)
    whole = model.predict([nothing, seen], verbose=0)
    np.testing.assert_array_equal(whole.argmax(axis=1), alone.argmax(axis=1))
    temperature = float(model.get_layer("emotion").temperature)
    expected = alone ** (1 / temperature)
    np.testing.assert_allclose(whole, expected / expected.sum(axis=1, keepdims=True), atol=1e-5)


def test_a_file_without_picture_is_predicted_by_its_sound(finished, tmp_path):
    path = write_media(tmp_path / "sound.mp4", sound=tone())
    prediction = Predictor(Bundle.load(finished / "bundle")).predict(path)
    assert prediction.reason is None, prediction.reason
    assert "no picture in the file" in prediction.remarks[0]
    assert sum(prediction.probabilities) == pytest.approx(1, abs=1e-4)


@pytest.mark.slow
def test_a_study_pools_the_branches_and_compares_them(corpus, store_root, tmp_path):
    """As a user does it: two seeds, then the whole model against what each branch says alone."""
    settings = ["tracking=none", "fusion=late", "seeds=[0,1]", "hydra.sweep.dir=study"]
    done = _program(tmp_path, *quick_overrides(corpus, store_root, *settings))
    assert done.returncode == 0, done.stderr
    result = load(tmp_path / "study")
    written = json.loads((tmp_path / "study" / "summary.json").read_text())
    assert json.loads(json.dumps(as_json(result))) == written
    metrics = json.loads((tmp_path / "study" / "metrics.json").read_text())
    for what, name in BRANCH_PREDICTIONS.items():
        table = pd.read_csv(tmp_path / "study" / name)
        assert set(table["seed"]) == {0, 1}
        right = table.assign(right=table["label"] == table["prediction"])
        recalls = right.groupby(["seed", "label"])["right"].mean()
        assert metrics[f"test/{what}/uar"] == pytest.approx(recalls.mean())
        assert result.branches[what].uar == metrics[f"test/{what}/uar"]
        assert f"{what} alone: UAR {metrics[f'test/{what}/uar']:.3f}" in done.stdout
    compared = _program(tmp_path, "compare", "study", "--branches", "--out", "compared")
    assert compared.returncode == 0, compared.stderr
    rows = json.loads((tmp_path / "compared" / "comparison.json").read_text())
    assert [row["second"] for row in rows] == ["study audio", "study video"]
    assert rows[0]["uar"][0] == pytest.approx(metrics["test/uar"])
    assert "after Holm's correction for 2 comparisons" in compared.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compare", "a", "b", "--branches"), "--branches: expected one folder, found 2"),
        (("compare", ".", "--branches"), "no predictions.csv in it"),
    ],
)
def test_what_has_no_branches_to_compare(arguments, message, tmp_path):
    done = _program(tmp_path, *arguments)
    assert done.returncode == 2 and message in done.stderr


def test_a_run_without_late_fusion_says_what_would_have_branches(tmp_path):
    (tmp_path / "predictions.csv").write_text("clip,actor,label,prediction\n")
    with pytest.raises(ComparisonError, match="only runs with fusion=late and modality=both"):
        Result.load(tmp_path, "audio")


def _program(cwd, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "ravdess_exp", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
