"""MLflow: what arrives, and that nothing is lost when nobody answers."""

import json
import shlex
import shutil
import time
from pathlib import Path

import mlflow
import pytest
import sqlalchemy
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient

from ravdess_exp.corpus.manifest import Clip, expected_names
from ravdess_exp.corpus.split import FixedSplit
from ravdess_exp.errors import TrackingError
from ravdess_exp.files import LOCK
from ravdess_exp.study.sync import sync
from ravdess_exp.tracking.backend import tracking_uri, without_password
from ravdess_exp.tracking.datasets import fingerprints
from ravdess_exp.tracking.run import tracked

TAGS = {"mlflow.runName": "a run", "overrides": "seed=1"}
NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once


def settings(uri: str | None) -> dict:
    return {"uri": uri, "experiment": "tests", "log_model": False}


@pytest.fixture
def store(tmp_path) -> str:
    return f"sqlite:///{tmp_path}/store/mlflow.db"


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "run"
    made.mkdir()
    (made / "predictions.csv").write_text("clip\n")
    return made


def only_run(uri: str):
    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("tests")
    (run,) = client.search_runs([experiment.experiment_id])
    return client, run


def test_everything_of_a_run_arrives(store, folder):
    params = {"audio.n_mfcc": 24, "split.train": [1, 2], "tracking.uri": None}
    (folder / LOCK).touch()  # as a run has it meanwhile; Windows would not let it be read
    with tracked(settings(store), folder=folder, params=params, tags=TAGS) as tracker:
        tracker.datasets("demo", "/clips", {"train": "a" * 64, "test": "b" * 64})
        for epoch in (1, 2):
            tracker.epoch(epoch, {"loss": 1.0 / epoch, "val_uar": 0.1 * epoch})
        tracker.results({"test/uar": 0.7})
    client, run = only_run(store)
    assert run.info.status == "FINISHED" and run.info.run_name == "a run"
    assert run.data.params["audio.n_mfcc"] == "24" and run.data.params["split.train"] == "[1, 2]"
    assert run.data.metrics["test/uar"] == 0.7
    history = client.get_metric_history(run.info.run_id, "train/val_uar")
    assert [(m.step, m.value) for m in history] == [(1, 0.1), (2, 0.2)]
    assert {d.dataset.digest for d in run.inputs.dataset_inputs} == {"a" * 36, "b" * 36}
    files = {a.path for a in client.list_artifacts(run.info.run_id)}
    assert "predictions.csv" in files and LOCK not in files
    assert run.data.tags["overrides"] == "seed=1"


def test_metrics_by_epoch_cannot_be_taken_for_results(store, folder):
    """A finished run's `uar` was the last epoch's on training clips, beside `test/uar`."""
    with tracked(settings(store), folder=folder, params={}, tags=TAGS) as tracker:
        tracker.epoch(1, {"loss": 1.0, "uar": 0.9, "val_uar": 0.4})
        tracker.results({"val/uar": 0.5, "test/uar": 0.3})
    _, run = only_run(store)
    by_epoch = {"train/loss", "train/uar", "train/val_uar"}
    assert set(run.data.metrics) == by_epoch | {"val/uar", "test/uar"}


def test_a_run_that_an_older_version_began_is_continued(store, folder):
    """Its metrics by epoch have other names; those of all epochs arrive under the new ones."""
    with tracked(settings(store), folder=folder, params={"a": 1}, tags=TAGS) as tracker:
        old = {"loss": 1.0, "val_uar": 0.4}
        tracker._client.log_batch(
            tracker.run_id, metrics=[Metric(name, value, 0, 1) for name, value in old.items()]
        )
        begun = tracker.run_id
    with tracked(
        settings(store), folder=folder, params={"a": 1}, tags=TAGS, resume=True
    ) as tracker:
        for number in (1, 2):
            tracker.epoch(number, old)
        tracker.results({"val/uar": 0.4})
        assert not tracker.lost
    client, run = only_run(store)
    assert run.info.run_id == begun and run.info.status == "FINISHED"
    history = client.get_metric_history(begun, "train/val_uar")
    assert [point.step for point in history] == [1, 2]


def test_the_description_arrives_also_when_it_is_sent_later(store, folder, caplog):
    with tracked(settings(NOBODY), folder=folder, params={}, tags=TAGS) as tracker:
        tracker.describe("**UAR 0.7**")
        tracker.results({"test/uar": 0.7})
    (folder / "metrics.json").write_text('{"test/uar": 0.7}')
    sync(folder, store, "tests")
    _, run = only_run(store)
    assert run.data.tags["mlflow.note.content"] == "**UAR 0.7**"


def test_the_printed_command_names_any_folder_server_and_experiment(tmp_path, caplog):
    """What is copied from the message into a shell are these very words."""
    folder = tmp_path / "josé & co's"
    folder.mkdir()
    with tracked(settings(NOBODY), folder=folder, params={}, tags=TAGS) as tracker:
        tracker.results({"test/uar": 0.7})
    (line,) = [line for line in caplog.text.splitlines() if "ravdess-exp sync" in line]
    expected = ["ravdess-exp", "sync", str(folder), "--uri", NOBODY, "--experiment", "tests"]
    assert shlex.split(line) == expected


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


def test_a_server_that_does_not_answer_costs_nothing(store, folder, caplog):
    started = time.monotonic()
    with tracked(settings(NOBODY), folder=folder, params={"seed": 1}, tags=TAGS) as tracker:
        tracker.datasets("demo", "/clips", {"train": "a" * 64})
        tracker.epoch(1, {"loss": 1.0})
        tracker.results({"test/uar": 0.7})
    assert time.monotonic() - started < 30
    assert f"MLflow at {NOBODY} does not answer" in caplog.text
    assert f"ravdess-exp sync {folder}" in caplog.text
    assert json.loads((folder / "tracking.json").read_text())["params"] == {"seed": "1"}

    (folder / "history.csv").write_text("epoch,loss,val_uar\n1,1.0,0.5\n2,0.5,0.6\n")
    (folder / "metrics.json").write_text('{"test/uar": 0.7}')
    run_id = sync(folder, store, "tests")
    client, run = only_run(store)
    assert run.info.run_id == run_id and run.info.status == "FINISHED"
    assert run.data.metrics["test/uar"] == 0.7 and run.data.params["seed"] == "1"
    assert len(client.get_metric_history(run_id, "train/loss")) == 2
    assert len(run.inputs.dataset_inputs) == 1


def test_a_database_that_does_not_answer_costs_nothing(folder, caplog, monkeypatch):
    """As a PostgreSQL server that is down: an error of SQLAlchemy's, at once and only once."""
    calls = []

    def refused(*args, **kwargs):
        calls.append(args)
        raise sqlalchemy.exc.OperationalError("connect", {}, Exception("Connection refused"))

    monkeypatch.setattr(sqlalchemy, "create_engine", refused)
    uri = "postgresql://me@127.0.0.1:9/runs"
    with tracked(settings(uri), folder=folder, params={}, tags=TAGS) as tracker:
        tracker.epoch(1, {"loss": 1.0})
        tracker.results({"test/uar": 0.7})
    assert len(calls) == 1
    assert "does not answer" in caplog.text and "send it later" in caplog.text


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


def test_a_server_lost_on_the_way_costs_nothing(store, folder, caplog, monkeypatch):
    with tracked(settings(store), folder=folder, params={}, tags=TAGS) as tracker:

        def gone(*args, **kwargs):
            raise mlflow.exceptions.MlflowException("connection refused")

        monkeypatch.setattr(MlflowClient, "log_batch", gone)
        tracker.epoch(1, {"loss": 1.0})
        tracker.epoch(2, {"loss": 0.5})
        tracker.results({"test/uar": 0.7})
    assert caplog.text.count("does not answer") == 1, "said once, not every epoch"
    assert "send it later" in caplog.text


def test_tracking_none_keeps_no_record(folder):
    with tracked(None, folder=folder, params={}, tags=TAGS) as tracker:
        tracker.epoch(1, {"loss": 1.0})
        tracker.results({"test/uar": 0.7})
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
    assert without_password(uri) == expected


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
