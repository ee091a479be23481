"""Runs with `model=logistic`, `ridge` and `svm`, and the baseline of a network, as a user has them."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from ravdess_exp.config.compose import check
from ravdess_exp.errors import ConfigError
from ravdess_exp.models.fusion import load_model
from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.predict.clip import Predictor
from ravdess_exp.run.experiment import run
from tests.conftest import quick_overrides
from tests.helpers.runs import of_run

LINEAR = ("audio=mfcc_mean", "audio_encoder=linear", "visual=pixels", "tracking=none")


def metrics(folder) -> dict:
    return json.loads((folder / "metrics.json").read_text())


@pytest.mark.parametrize("kind", ["logistic", "ridge", "svm"])
def test_a_run_leaves_one_row_and_a_bundle_that_predicts_the_same(
    configure, tmp_path, clip_path, kind
):
    run(
        configure(f"model={kind}", "fusion=late", "audio=mfcc", *LINEAR[1:]),
        folder=tmp_path / "run",
    )
    history = pd.read_csv(tmp_path / "run" / "history.csv")
    assert len(history) == 1 and {"c_audio", "c_video", "val_uar"} <= set(history.columns)
    assert (tmp_path / "run" / "predictions_audio.csv").exists()
    test_clip = clip_path.parents[1] / "Actor_04" / "01-01-03-01-01-01-04.mp4"
    said = Predictor(Bundle.load(tmp_path / "run" / "bundle")).predict(test_clip)
    expected = of_run(tmp_path / "run").loc[test_clip.stem, list(said.classes)].to_numpy(float)
    np.testing.assert_allclose(said.probabilities, expected, atol=1e-5)
    assert not [path for path in (tmp_path / "run").rglob("*") if path.suffix == ".pkl"]


def test_the_picture_may_have_a_model_of_its_own(configure, tmp_path):
    """Each input by itself, so it says what it says in a run where both have that model."""
    own = "model.video={kind: logistic, c: 0.01, class_weights: true, projection: null}"
    settings = ("fusion=late", *LINEAR, "training.calibrate=false", "model.c=0.01")
    said = {}
    for name, words in (
        ("mixed", ("model=ridge", own)),
        ("ridge", ("model=ridge",)),
        ("logistic", ("model=logistic",)),
    ):
        run(configure(*words, *settings), folder=tmp_path / name)
        said[name] = {
            of: pd.read_csv(tmp_path / name / f"predictions_{of}.csv")["happy"].to_numpy()
            for of in ("audio", "video")
        }
    np.testing.assert_allclose(said["mixed"]["audio"], said["ridge"]["audio"], atol=1e-6)
    np.testing.assert_allclose(said["mixed"]["video"], said["logistic"]["video"], atol=1e-6)
    assert not np.allclose(said["ridge"]["video"], said["logistic"]["video"], atol=1e-3)
    for modality in ("audio", "video"):
        check(["model=ridge", own, "fusion=late", f"modality={modality}"])


def test_nothing_but_training_clips_reaches_a_linear_model(configure, tmp_path, corpus):
    """Neither C nor a mean, a component or a weight; what is fitted on validation is a temperature."""
    settings = ("model=logistic", *LINEAR, "training.calibrate=false")
    run(configure(*settings), folder=tmp_path / "one")
    fewer = shutil.copytree(corpus, tmp_path / "fewer")
    for actor in (3, 4):
        for path in sorted((fewer / f"Actor_{actor:02d}").glob(f"*-02-01-{actor:02d}.mp4")):
            path.unlink()
    run(configure(*settings, f"data.root={fewer}"), folder=tmp_path / "two")
    one, two = (load_model(tmp_path / n / "model.keras").get_weights() for n in ("one", "two"))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
    chosen = [pd.read_csv(tmp_path / n / "history.csv")["c_joint"][0] for n in ("one", "two")]
    assert chosen[0] == chosen[1]


def test_a_refit_keeps_c_and_temperatures(configure, tmp_path):
    run(configure("model=logistic", *LINEAR, "training.refit=true"), folder=tmp_path / "run")
    bundle = Bundle.load(tmp_path / "run" / "bundle")
    assert bundle.facts.speakers["train"] == ("01", "02", "03")
    assert len(pd.read_csv(tmp_path / "run" / "history.csv")) == 1


def test_a_network_stands_beside_its_baseline(configure, tmp_path, caplog):
    caplog.set_level("INFO")
    run(configure("evaluation.baseline=true", "tracking=none"), folder=tmp_path / "run")
    found = metrics(tmp_path / "run")
    table = pd.read_csv(tmp_path / "run" / "baseline.csv")
    assert found["baseline/accuracy"] == pytest.approx((table.label == table.prediction).mean())
    assert found["baseline/uar_low"] <= found["baseline/uar"] <= found["baseline/uar_high"]
    assert f"a linear model on the same inputs: UAR {found['baseline/uar']:.3f}" in caplog.text
    assert list(table["clip"]) == list(of_run(tmp_path / "run").index)


def test_a_run_is_its_own_baseline(configure, tmp_path):
    """Logistic regression on all inputs together is what the baseline is, fitted a second time."""
    overrides = ("model=logistic", "model.c=null", *LINEAR, "evaluation.baseline=true")
    run(configure(*overrides, "training.calibrate=false", "pooling=mean"), folder=tmp_path / "run")
    one = of_run(tmp_path / "run")
    other = pd.read_csv(tmp_path / "run" / "baseline.csv").set_index("clip")
    np.testing.assert_allclose(one["happy"], other["happy"], atol=1e-6)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["pooling=gru"], "pooling=gru: has weights to be trained, and model=logistic trains none"),
        (["visual=vgg"], "visual=vgg: has weights"),
        (["audio_encoder=blstm"], "audio_encoder=blstm: has weights"),
        (["fusion=gated"], r"fusion=gated: expected concat .* or late"),
        (["training.members=2"], "training.members=2: expected 1"),
        (["augment=modality_dropout"], r"augment\.modality_dropout=.*: expected 0"),
        (["model.c=0"], r"model\.c=0: expected"),
        (
            ["model.video={kind: ridge, c: 1.0, class_weights: true, projection: null}"]
            + ["fusion=concat"],
            "model.video: the picture has a model of its own with fusion=late alone",
        ),
        (["model.gamma=1"], r"model\.gamma: unknown key|gamma"),
    ],
)
def test_what_only_a_network_can_have_is_refused(overrides, message):
    with pytest.raises(ConfigError, match=message):
        check(["model=logistic", *overrides])


def test_parts_that_are_not_built_may_be_anything():
    check(["model=logistic", "modality=audio", "visual=vgg", "pooling=gru"])
    check(["model=svm", "modality=video", "audio_encoder=blstm"])


@pytest.mark.slow
def test_predict_says_the_same_from_the_command_line(corpus, store_root, tmp_path, clip_path):
    parts = ["visual=pixels", "audio_encoder=linear", "pooling=mean"]
    own = [*parts, "model=svm", "tracking=none", "hydra.run.dir=run"]
    arguments = quick_overrides(corpus, store_root, *own)
    command = [sys.executable, "-m", "ravdess_exp"]
    run_ = {"cwd": tmp_path, "capture_output": True, "text": True, "check": False}
    done = subprocess.run([*command, *arguments], **run_)
    assert done.returncode == 0, done.stderr
    path = corpus / "Actor_04" / "01-01-03-01-01-01-04.mp4"
    done = subprocess.run([*command, "predict", "run", str(path), "--output", "said.csv"], **run_)
    assert done.returncode == 0, done.stderr
    said = pd.read_csv(tmp_path / "said.csv").iloc[0]
    own = of_run(tmp_path / "run").loc[path.stem]
    assert said["happy"] == pytest.approx(own["happy"], abs=1e-4)
