"""Late fusion as a whole run: what it leaves, and that a missing input is no catastrophe."""

import json

import numpy as np
import pandas as pd
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.folder import BRANCH_PREDICTIONS
from ravdess_exp.models.late import branch_models
from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.predict.clip import Predictor
from ravdess_exp.run.experiment import run
from ravdess_exp.scoring.run_result import RunResult
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
    quick = [o for o in quick_overrides(corpus, store_root) if not o.startswith("fusion.")]
    folder = tmp_path_factory.mktemp("late") / "run"
    run(validate(compose_config([*quick, *LATE])), folder=folder)
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
