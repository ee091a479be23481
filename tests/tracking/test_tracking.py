"""MLflow: what arrives, and that nothing is lost when nobody answers."""

import json
import shutil
import time
from pathlib import Path

import keras
import mlflow
import numpy as np
import pytest
import sqlalchemy
from mlflow.tracking import MlflowClient

from ravdess_exp.config.schema import Mlflow, NoTracking
from ravdess_exp.corpus.manifest import Clip, expected_names
from ravdess_exp.corpus.split import FixedSplit
from ravdess_exp.errors import TrackingError
from ravdess_exp.files import LOCK
from ravdess_exp.tracking.run import fingerprints, tracked
from ravdess_exp.tracking.store import shown, tracking_uri
from ravdess_exp.tracking.sync import sync

TAGS = {"mlflow.runName": "a run", "overrides": "seed=1"}
NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once


def settings(uri: str | None) -> Mlflow:
    return Mlflow(backend="mlflow", uri=uri, experiment="tests", log_model=False, parent=None)


@pytest.fixture
def store(tmp_path) -> str:
    return f"sqlite:///{tmp_path}/store/mlflow.db"


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "run"
    made.mkdir()
    (made / "predictions.csv").write_text("clip\n")
    return made


@pytest.fixture
def model() -> keras.Model:
    inputs = [keras.Input((4,), name="audio"), keras.Input((3,), name="video")]
    return keras.Model(inputs, keras.layers.Concatenate()(inputs))


def only_run(uri: str):
    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("tests")
    (run,) = client.search_runs([experiment.experiment_id])
    return client, run


def test_everything_of_a_run_arrives(store, folder, model):
    params = {"audio.n_mfcc": 24, "split.train": [1, 2], "tracking.uri": None}
    (folder / LOCK).touch()  # as a run has it meanwhile; Windows would not let it be read
    with tracked(settings(store), folder=folder, params=params, tags=TAGS) as tracker:
        tracker.datasets("demo", "/clips", {"train": "a" * 64, "test": "b" * 64})
        for epoch in (1, 2):
            tracker.epoch(epoch, {"loss": 1.0 / epoch, "val_uar": 0.1 * epoch})
        tracker.results({"test/uar": 0.7}, model)
    client, run = only_run(store)
    assert run.info.status == "FINISHED" and run.info.run_name == "a run"
    assert run.data.params["audio.n_mfcc"] == "24" and run.data.params["split.train"] == "[1, 2]"
    assert run.data.metrics["test/uar"] == 0.7
    history = client.get_metric_history(run.info.run_id, "val_uar")
    assert [(m.step, m.value) for m in history] == [(1, 0.1), (2, 0.2)]
    assert {d.dataset.digest for d in run.inputs.dataset_inputs} == {"a" * 36, "b" * 36}
    files = {a.path for a in client.list_artifacts(run.info.run_id)}
    assert "predictions.csv" in files and LOCK not in files
    assert run.data.tags["overrides"] == "seed=1"


def test_a_run_killed_as_it_begins_knows_its_parent(store, folder, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(MlflowClient, "log_batch", kill)
    tags = TAGS | {"mlflow.parentRunId": "abc"}
    with pytest.raises(Killed), tracked(settings(store), folder=folder, params={"a": 1}, tags=tags):
        pass
    _, run = only_run(store)
    assert run.data.tags["mlflow.parentRunId"] == "abc" and run.info.run_name == "a run"


def test_an_epoch_is_one_request(store, folder, monkeypatch):
    calls = []
    real = MlflowClient.log_batch
    monkeypatch.setattr(
        MlflowClient, "log_batch", lambda *a, **k: (calls.append(k), real(*a, **k))[1]
    )
    monkeypatch.setattr(MlflowClient, "log_metric", lambda *a, **k: pytest.fail("one by one"))
    with tracked(settings(store), folder=folder, params={}, tags=TAGS) as tracker:
        calls.clear()
        tracker.epoch(1, {f"metric_{i}": 1.0 for i in range(50)})
        assert len(calls) == 1 and len(calls[0]["metrics"]) == 50


@pytest.mark.parametrize(
    ("error", "status"),
    [(ValueError("a reason"), "FAILED"), (KeyboardInterrupt(), "KILLED")],
    ids=["failed", "interrupted"],
)
def test_a_run_that_ends_early_is_marked_with_its_reason(store, folder, error, status):
    with (
        pytest.raises(type(error)),
        tracked(settings(store), folder=folder, params={}, tags=TAGS) as tracker,
    ):
        tracker.epoch(1, {"loss": 1.0})
        raise error
    _, run = only_run(store)
    assert run.info.status == status
    assert type(error).__name__ in run.data.tags["failure"]


def test_a_server_that_does_not_answer_costs_nothing(store, folder, model, caplog):
    started = time.monotonic()
    with tracked(settings(NOBODY), folder=folder, params={"seed": 1}, tags=TAGS) as tracker:
        tracker.datasets("demo", "/clips", {"train": "a" * 64})
        tracker.epoch(1, {"loss": 1.0})
        tracker.results({"test/uar": 0.7}, model)
    assert time.monotonic() - started < 30
    assert f"MLflow at {NOBODY} does not answer" in caplog.text
    assert f"python scripts/sync_mlflow.py {folder}" in caplog.text
    assert json.loads((folder / "tracking.json").read_text())["params"] == {"seed": "1"}

    (folder / "history.csv").write_text("epoch,loss,val_uar\n1,1.0,0.5\n2,0.5,0.6\n")
    (folder / "metrics.json").write_text('{"test/uar": 0.7}')
    model.save(folder / "model.keras")
    run_id = sync(folder, store, "tests")
    client, run = only_run(store)
    assert run.info.run_id == run_id and run.info.status == "FINISHED"
    assert run.data.metrics["test/uar"] == 0.7 and run.data.params["seed"] == "1"
    assert len(client.get_metric_history(run_id, "loss")) == 2
    assert len(run.inputs.dataset_inputs) == 1


def test_a_database_that_does_not_answer_costs_nothing(folder, model, caplog, monkeypatch):
    """As a PostgreSQL server that is down: an error of SQLAlchemy's, at once and only once."""
    calls = []

    def refused(*args, **kwargs):
        calls.append(args)
        raise sqlalchemy.exc.OperationalError("connect", {}, Exception("Connection refused"))

    monkeypatch.setattr(sqlalchemy, "create_engine", refused)
    uri = "postgresql://me@127.0.0.1:9/runs"
    with tracked(settings(uri), folder=folder, params={}, tags=TAGS) as tracker:
        tracker.epoch(1, {"loss": 1.0})
        tracker.results({"test/uar": 0.7}, model)
    assert len(calls) == 1
    assert "does not answer" in caplog.text and "bring it up later" in caplog.text


def test_a_database_without_its_driver_is_named(folder, monkeypatch):
    """No driver is among our dependencies; the message must not show the password."""

    def missing(*args, **kwargs):
        raise ModuleNotFoundError("No module named 'psycopg2'", name="psycopg2")

    monkeypatch.setattr(sqlalchemy, "create_engine", missing)
    uri = "postgresql://me:secret@127.0.0.1/runs"
    with (
        pytest.raises(TrackingError, match="driver is not installed .psycopg2.") as caught,
        tracked(settings(uri), folder=folder, params={}, tags=TAGS),
    ):
        pass
    assert "secret" not in str(caught.value)


def test_a_server_lost_on_the_way_costs_nothing(store, folder, model, caplog, monkeypatch):
    with tracked(settings(store), folder=folder, params={}, tags=TAGS) as tracker:

        def gone(*args, **kwargs):
            raise mlflow.exceptions.MlflowException("connection refused")

        monkeypatch.setattr(MlflowClient, "log_batch", gone)
        tracker.epoch(1, {"loss": 1.0})
        tracker.epoch(2, {"loss": 0.5})
        tracker.results({"test/uar": 0.7}, model)
    assert caplog.text.count("does not answer") == 1, "said once, not every epoch"
    assert "bring it up later" in caplog.text


def test_the_model_is_kept_with_its_signature(store, folder, model):
    keeping = Mlflow(backend="mlflow", uri=store, experiment="tests", log_model=True, parent=None)
    with tracked(keeping, folder=folder, params={}, tags=TAGS) as tracker:
        tracker.results({"test/uar": 0.7}, model)
        assert not tracker.lost
    client, run = only_run(store)
    (logged,) = client.search_logged_models([run.info.experiment_id])
    loaded = mlflow.keras.load_model(logged.model_uri)
    inputs = [np.ones((2, 4), np.float32), np.ones((2, 3), np.float32)]
    np.testing.assert_array_equal(loaded.predict(inputs, verbose=0), np.ones((2, 7)))
    signature = mlflow.models.get_model_info(logged.model_uri).signature
    assert signature.inputs.input_names() == ["audio", "video"]


def test_tracking_none_keeps_no_record(folder, model):
    with tracked(NoTracking(backend="none"), folder=folder, params={}, tags=TAGS) as tracker:
        tracker.epoch(1, {"loss": 1.0})
        tracker.results({"test/uar": 0.7}, model)
    assert not (folder / "tracking.json").exists()


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("postgresql://me:secret@host/runs", "postgresql://me:***@host/runs"),
        ("https://me:secret@host:5000", "https://me:***@host:5000"),
        ("http://host:5000", "http://host:5000"),
        ("sqlite:////a/b@c.db", "sqlite:////a/b@c.db"),
    ],
)
def test_passwords_are_not_shown(uri, expected):
    assert shown(uri) == expected


def test_the_page_is_named_where_there_is_one(folder, store, monkeypatch):
    monkeypatch.chdir(folder)
    for uri, start in ((store, None), (None, "make ui, then http://127.0.0.1:5000/#/experiments/")):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        with tracked(settings(uri), folder=folder, params={}, tags=TAGS) as tracker:
            assert tracker.page is None if start is None else tracker.page.startswith(start)


def test_where_runs_are_tracked(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracking_uri(None) == "sqlite:///outputs/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://team:5000")
    assert tracking_uri(None) == "http://team:5000"
    assert tracking_uri("http://mine:5000") == "http://mine:5000"


def test_fingerprints_are_of_content_not_of_order():
    clips = tuple(Clip.from_path(Path(f"{n}.mp4")) for n in list(expected_names())[:180])
    split = FixedSplit(train=[1], validation=[2], test=[3])
    contents = {clip.name: clip.name for clip in clips}
    one = fingerprints(split(clips), contents)
    assert one == fingerprints(split(clips[::-1]), contents)
    other = fingerprints(split(clips), contents | {clips[0].name: "changed"})
    assert other["train"] != one["train"] and other["test"] == one["test"]


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    shutil.rmtree(tmp_path / "x", ignore_errors=True)
    with pytest.raises(TrackingError, match=r"no tracking\.json"):
        sync(tmp_path, "sqlite:///unused.db")
