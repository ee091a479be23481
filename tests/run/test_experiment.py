"""Whole runs on generated clips: what they leave, that they repeat, and how they end when they must."""

import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from mlflow.tracking import MlflowClient
from omegaconf import OmegaConf

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.demo.writer import trials, write_clip
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.errors import CorpusError, OutputError, PreparationError, SplitError
from ravdess_exp.files import LOCK
from ravdess_exp.models.fusion import load_model
from ravdess_exp.prepare.preparation import Preparer
from ravdess_exp.run.build import build
from ravdess_exp.run.experiment import run
from ravdess_exp.run.inputs import make_inputs
from ravdess_exp.run.provenance import run_name
from ravdess_exp.training.dataset import Batches
from tests.conftest import quick_overrides
from tests.helpers.nursery import nursery

FILES = {
    "metrics.json", "predictions.csv", "history.csv", "failures.csv", "confusion_matrix.png",
    "curves.png", "samples.png", "model.keras", "model.txt", "model.png", "tracking.json",
}  # fmt: skip


def scores(folder: Path) -> dict:
    return json.loads((folder / "metrics.json").read_text())


def command(corpus, store, tmp_path, *arguments: str) -> subprocess.CompletedProcess:
    """The program as a user starts it."""
    return subprocess.run(
        [sys.executable, "-m", "ravdess_exp", *quick_overrides(corpus, store, *arguments)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def finished(corpus, store_root, tmp_path_factory):
    """One run from the command line."""
    tmp_path = tmp_path_factory.mktemp("finished")
    tracking = f"tracking.uri=sqlite:///{tmp_path}/mlflow.db"
    recurrent = ("audio_encoder=blstm", "audio_encoder.units=4", "audio_encoder.dense=8")
    done = command(corpus, store_root, tmp_path, "hydra.run.dir=run", tracking, *recurrent)
    assert done.returncode == 0, done.stderr
    return tmp_path, done


def test_a_run_leaves_every_file_of_the_contract(finished):
    tmp_path, _ = finished
    assert {path.name for path in (tmp_path / "run").iterdir()} >= FILES | {".hydra"}
    config = OmegaConf.load(tmp_path / "run" / ".hydra" / "config.yaml")
    assert config.audio.n_mfcc == 24


def test_metrics_are_flat_and_named_by_the_contract(finished):
    metrics = scores(finished[0] / "run")
    for key in ("test/uar", "test/accuracy", "test/macro_f1", "val/uar", "test/uar_low",
                "test/recall/happy", "test/actor_04/accuracy", "seconds/prepare",
                "seconds/train", "faces/found", "clips/failed", "best_epoch"):  # fmt: skip
        assert isinstance(metrics[key], int | float), key
    assert metrics["test/uar_low"] <= metrics["test/uar"] <= metrics["test/uar_high"]
    assert metrics["faces/found"] >= 0.95


def test_predictions_are_of_the_test_actor_and_agree_with_the_metrics(finished):
    table = pd.read_csv(finished[0] / "run" / "predictions.csv")
    names = list(Classes().names)
    assert list(table.columns) == ["clip", "actor", "label", "prediction", *names]
    assert set(table.actor) == {4} and len(table) == 8
    assert np.allclose(table[names].sum(axis=1), 1, atol=1e-4)
    of_predicted = [row[row["prediction"]] for _, row in table.iterrows()]
    np.testing.assert_allclose(of_predicted, table[names].max(axis=1), atol=2e-6)
    accuracy = (table.label == table.prediction).mean()
    assert accuracy == pytest.approx(scores(finished[0] / "run")["test/accuracy"])
    emotions = {int(clip.split("-")[2]): label for clip, label in table[["clip", "label"]].values}
    assert emotions[1] == "neutral" and emotions[3] == "happy" and emotions[8] == "surprised"


def test_what_is_printed_tells_the_sizes_and_the_result(finished):
    _, done = finished
    for text in ("actor  neutral", "train       ", "validation  ", "epoch   1/1", "Test: 8 clips",
                 "UAR", "95% interval", "true / predicted", "Files:   "):  # fmt: skip
        assert text in done.stdout, text


def test_runs_are_named_by_what_differs():
    assert run_name("mine", ["seed=1"]) == "mine"
    assert run_name("default", []) == "default"
    overrides = ["data=ravdess", "data.root=/a", "split.train=[1,2]", "seed=1", "modality=audio"]
    assert run_name("default", overrides) == "data=ravdess seed=1 modality=audio"


def test_the_run_is_in_mlflow(finished):
    tmp_path, _ = finished
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    found = client.get_experiment_by_name("ravdess_exp")
    (tracked,) = client.search_runs([found.experiment_id])
    assert tracked.info.status == "FINISHED"
    assert tracked.data.params["visual.filters"] == "[4, 8]"
    assert tracked.data.metrics["test/uar"] == scores(tmp_path / "run")["test/uar"]
    uar = tracked.data.metrics["test/uar"]
    assert tracked.data.tags["mlflow.note.content"].startswith(f"**UAR {uar:.3f}** on test")
    contexts = {i.tags[0].value for i in tracked.inputs.dataset_inputs}
    assert contexts == {"training", "validation", "testing"}
    kept = {artifact.path for artifact in client.list_artifacts(tracked.info.run_id)}
    assert {"confusion_matrix.png", "predictions.csv", "samples.png"} <= kept


def test_the_saved_model_gives_the_saved_predictions(finished, configure, tmp_path):
    folder = finished[0] / "run"
    model = load_model(folder / "model.keras")
    config = configure()
    built = build(config)
    manifest = built.corpus.find()
    split = built.corpus.split(manifest)
    prepared = Preparer()(built.preparation, split.clips())
    _, (_, _, test) = make_inputs(built, split, prepared)
    ((inputs, _),) = Batches(test, batch_size=8)
    saved = pd.read_csv(folder / "predictions.csv")[list(Classes().names)].to_numpy()
    np.testing.assert_allclose(model.predict(inputs, verbose=0), saved, atol=1e-5)


def test_a_kept_model_is_without_the_optimisers_state(finished):
    kept = list(finished[0].rglob("model.keras"))
    assert len(kept) == 4  # the run's and its bundle's, MLflow's copy of each
    for path in kept:
        with zipfile.ZipFile(path) as archive, archive.open("model.weights.h5") as file:
            weights = h5py.File(io.BytesIO(file.read()))
            assert len(weights["layers"]) and "optimizer" not in weights, path


@pytest.mark.usefixtures("unrendered")
def test_the_same_seed_gives_the_same_predictions(configure, tmp_path):
    tables = []
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        run(configure(f"seed={seed}", "tracking=none", "training.epochs=2"), folder=tmp_path / name)
        tables.append((tmp_path / name / "predictions.csv").read_text())
    assert tables[0] == tables[1] != tables[2]


@pytest.mark.parametrize("modality", ["audio", "video"])
@pytest.mark.usefixtures("unrendered")
def test_one_modality(configure, tmp_path, modality):
    run(configure(f"modality={modality}", "tracking=none"), folder=tmp_path / "run")
    model = load_model(tmp_path / "run" / "model.keras")
    assert [i.name for i in model.inputs] == [modality]
    assert ("faces/found" in scores(tmp_path / "run")) == (modality == "video")


@pytest.mark.parametrize(
    "overrides",
    [
        [
            "audio=logmel",
            "audio.deltas=true",
            "audio_encoder=conv1d_lstm",
            "audio.standardise=train",
        ],
        ["audio=mfcc_mean", "audio_encoder=dense", "visual=conv3d", "pooling=gru"],
        ["audio=egemaps", "audio_encoder=dense", "modality=audio"],
        ["audio=functionals", "audio_encoder=linear", "modality=audio"],
        ["audio.over_time=statistics", "audio_encoder=dense", "modality=audio"],
        ["audio.frames=max", "audio.cut=start", "audio_encoder=statistics", "modality=audio"],
        ["frames.colour=gray", "frames.chosen=loudest", "face=yunet", "modality=video"],
        ["face=none", "visual=inception", "visual.cells=[2,2]", "pooling=attention"],
    ],
    ids=lambda overrides: overrides[0],
)
@pytest.mark.usefixtures("unrendered")
def test_other_choices_go_from_clips_to_scores(configure, tmp_path, overrides):
    run(configure("tracking=none", *overrides), folder=tmp_path / "run")
    assert {path.name for path in (tmp_path / "run").iterdir()} >= FILES - {"tracking.json"}
    assert "parameters" in scores(tmp_path / "run")
    assert "Total params" in (tmp_path / "run" / "model.txt").read_text()


@pytest.mark.usefixtures("unrendered")
def test_scores_with_an_input_missing_or_noisy(configure, tmp_path):
    overrides = ["augment=modality_dropout", "evaluation=robust", "fusion=gated"]
    run(configure("tracking=none", *overrides), folder=tmp_path / "run")
    found = scores(tmp_path / "run")
    for name in ("without_sound", "without_picture", "sound_0dB", "picture_noise_0.1"):
        assert 0 <= found[f"test/{name}/uar"] <= 1


@pytest.mark.usefixtures("unrendered")
def test_emotions_left_out(configure, tmp_path):
    overrides = ["data.without_emotions=[disgust,calm]", "data.without_actors=[2]"]
    run(configure("tracking=none", *overrides), folder=tmp_path / "run")
    table = pd.read_csv(tmp_path / "run" / "predictions.csv")
    assert "disgust" not in table.columns and "disgust" not in set(table.label)
    assert len(table) == 6
    assert scores(tmp_path / "run")["clips/used"] == 3 * 6


def test_a_split_by_statement_scores_the_other_sentence(configure, tmp_path, corpus):
    both = shutil.copytree(corpus, tmp_path / "both")
    for trial in trials(60):
        if trial.actor in (1, 3, 4) and trial.repetition == 1 and trial.intensity == 1:
            write_clip(trial, both, seed=0)
    lists = ["split.train=[1]", "split.validation=[3]", "split.test=[4]"]
    config = configure("tracking=none", "modality=audio", f"data.root={both}")
    text = validate(compose_config(["split=statement", *lists])).split
    split = text.build()(build(config).corpus.find().clips)
    assert {clip.statement for clip in (*split.train, *split.validation)} == {"1"}
    assert {clip.statement for clip in split.test} == {"2"}
    assert {clip.actor for clip in split.test} == {4}


@pytest.mark.usefixtures("unrendered")
def test_bad_clips_are_listed_in_the_run(configure, tmp_path, corpus):
    spoiled = shutil.copytree(corpus, tmp_path / "spoiled")
    bad = spoiled / "Actor_01" / "01-01-03-01-01-01-01.mp4"
    bad.write_bytes(b"")
    run(
        configure("tracking=none", f"data.root={spoiled}", "data.max_failed=0.1"),
        folder=tmp_path / "run",
    )
    with (tmp_path / "run" / "failures.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["file"] == str(bad) and "not a readable media file" in row["reason"]
    assert scores(tmp_path / "run")["clips/failed"] == 1
    assert scores(tmp_path / "run")["clips/used"] == 31


def test_files_that_the_summary_speaks_of_are_there_whatever_comes_next(
    configure, tmp_path, corpus, caplog
):
    """The split cannot be drawn, so nothing is prepared."""
    other = shutil.copytree(corpus, tmp_path / "other")
    (other / "holiday.mp4").touch()
    shutil.copytree(other / "Actor_01", other / "Actor_01 (1)")
    caplog.set_level("INFO")
    with pytest.raises(SplitError):
        run(
            configure("tracking=none", f"data.root={other}", "split.test=[9]"),
            folder=tmp_path / "r",
        )
    assert "rejected: 1 files (listed in failures.csv)" in caplog.text
    assert "holiday.mp4" in (tmp_path / "r" / "failures.csv").read_text()
    assert "used once: 8 further files of the same trials (listed in copies.csv)" in caplog.text
    assert len((tmp_path / "r" / "copies.csv").read_text().splitlines()) == 1 + 8


@pytest.mark.usefixtures("unrendered")
def test_identical_sound_across_the_split_is_left_out(configure, tmp_path, corpus, caplog):
    copied = shutil.copytree(corpus, tmp_path / "copied")
    source = copied / "Actor_04" / "01-01-05-01-01-01-04.mp4"
    shutil.copy(source, copied / "Actor_01" / "01-01-05-01-01-01-01.mp4")
    caplog.set_level("INFO")
    run(configure("tracking=none", f"data.root={copied}"), folder=tmp_path / "run")
    assert "identical sound: 01-01-05-01-01-01-01, 01-01-05-01-01-01-04" in caplog.text
    assert "01-01-05-01-01-01-01 left out of train: the same sound as" in caplog.text


def test_task_prepare_only_fills_the_store(configure, tmp_path):
    assert run(configure("task=prepare"), folder=tmp_path / "run") is None
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"failures.csv", LOCK}


@pytest.mark.parametrize(
    ("overrides", "error", "message"),
    [
        (["data.root=/nowhere/at/all"], CorpusError, "no such folder"),
        (["split.test=[9]"], SplitError, "split.test: no clip of actors 9"),
    ],
    ids=str,
)
def test_mistakes_about_the_corpus(configure, tmp_path, overrides, error, message):
    with pytest.raises(error, match=message):
        run(configure(*overrides), folder=tmp_path / "run")


def test_a_class_left_with_no_clip(configure, tmp_path, corpus):
    some = shutil.copytree(corpus, tmp_path / "some")
    for path in (some / "Actor_04").glob("01-01-06-*"):
        path.unlink()
    with pytest.raises(SplitError, match="split.test has no clip of: fearful"):
        run(configure(f"data.root={some}", "tracking=none"), folder=tmp_path / "run")


def test_an_unwritable_store(configure, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"data\.store"):
        run(configure(f"data.store={tmp_path}/file/store"), folder=tmp_path / "run")


def test_too_many_bad_clips_mark_the_run_as_failed(configure, tmp_path, corpus):
    spoiled = shutil.copytree(corpus, tmp_path / "spoiled")
    (spoiled / "Actor_01" / "01-01-03-01-01-01-01.mp4").write_bytes(b"")
    (spoiled / "Actor_02" / "holiday.mp4").touch()
    table = tmp_path / "run" / "failures.csv"
    with pytest.raises(PreparationError, match="2 of 33 clips failed") as caught:
        run(configure(f"data.root={spoiled}"), folder=tmp_path / "run")
    assert f"all of them are listed in {table}" in str(caught.value)
    with table.open() as file:
        listed = [Path(row["file"]).name for row in csv.DictReader(file)]
    assert sorted(listed) == ["01-01-03-01-01-01-01.mp4", "holiday.mp4"]
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    found = client.get_experiment_by_name("ravdess_exp")
    (tracked,) = client.search_runs([found.experiment_id])
    assert tracked.info.status == "FAILED"
    assert "2 of 33 clips failed" in tracked.data.tags["failure"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data.root=/nowhere"], "error: data.root=/nowhere: no such folder"),
        (["split.test=[9]"], "error: split.test: no clip of actors 9"),
        (["hydra.run.dir=/dev/null/run"], "error: /dev/null"),
        (["tracking.uri=nonsense://x"], "error: tracking.uri=nonsense://x: expected"),
    ],
    ids=["no folder", "no clips of an actor", "unwritable output", "no such tracking store"],
)
def test_mistakes_exit_with_2(corpus, store_root, tmp_path, arguments, message):
    code, printed = nursery().run(quick_overrides(corpus, store_root, *arguments), tmp_path)
    assert code == 2, printed
    assert message in printed and "Traceback" not in printed


@pytest.mark.slow
def test_a_tracking_server_that_does_not_answer(corpus, store_root, tmp_path):
    told = quick_overrides(corpus, store_root, "tracking.uri=http://127.0.0.1:9")
    code, printed = nursery().run([*told, "hydra.run.dir=run"], tmp_path)
    assert code == 0, printed
    assert "does not answer" in printed
    assert f"ravdess-exp sync {tmp_path / 'run'}" in printed
    assert {path.name for path in (tmp_path / "run").iterdir()} >= FILES


@pytest.mark.slow
def test_a_multirun_is_one_run_each(corpus, store_root, tmp_path):
    told = quick_overrides(corpus, store_root, "seed=0,1", "hydra.sweep.dir=sweep", "-m")
    code, printed = nursery().run(told, tmp_path)
    assert code == 0, printed
    found = [scores(tmp_path / "sweep" / str(number)) for number in (0, 1)]
    assert found[0]["val/uar"] is not None and len(found) == 2
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    experiment_ = client.get_experiment_by_name("ravdess_exp")
    assert len(client.search_runs([experiment_.experiment_id])) == 2


@pytest.mark.slow
def test_the_demo_is_made_on_first_use(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    arguments = ["data.clips_per_actor=8", "training=smoke", "face=haar", "hydra.run.dir=run"]
    done = subprocess.run(
        [sys.executable, "-m", "ravdess_exp", *arguments],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "outputs" / "mlflow.db").exists()
    assert scores(tmp_path / "run")["clips/used"] == 24 * 8
    assert "say nothing about people" in done.stdout
    ui = f"ravdess-exp ui --uri sqlite:///{tmp_path}/outputs/mlflow.db"
    assert f"{ui}, then http://127.0.0.1:5000/#/experiments/1/runs/" in done.stdout
