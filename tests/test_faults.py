"""Killed, interrupted, out of disk, without its server: nothing is lost and nothing is doubled."""

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from mlflow.tracking import MlflowClient

from ravdess_exp.errors import OutputError, TrackingError
from ravdess_exp.folder import RunFolder
from ravdess_exp.run.class_task import ClassTask
from ravdess_exp.run.experiment import run
from ravdess_exp.run.output import finish, write_result
from ravdess_exp.run.task import Scored
from ravdess_exp.scoring.cost import RunCost
from ravdess_exp.scoring.other import Others
from ravdess_exp.scoring.predictions import predict
from ravdess_exp.study.sync import sync
from ravdess_exp.tracking.run import MlflowTracker
from ravdess_exp.training.fit import History
from tests.helpers import nursery as helper
from tests.helpers.nursery import Nursery, printed
from tests.helpers.studies import overrides
from tests.training.test_fit import easy, small_model

KILLS = 4
STUDY_EPOCHS = 25  # of each of its four runs
EPOCHS = 100  # more than the stops can use up, however fast the machine is
ONE_RUN = (
    "modality=audio",
    "audio=mfcc_mean",
    "audio_encoder=dense",
    "split=fixed",
    "split.train=[1,2]",
    "split.validation=[3]",
    "split.test=[4]",
    "training=default",
    f"training.epochs={EPOCHS}",
    f"training.patience={EPOCHS}",
    "hydra.run.dir=run",
)
slow = pytest.mark.slow


@pytest.fixture(scope="module")
def nursery() -> Nursery:
    return helper.nursery()


def tracking(store: Path | None) -> list[str]:
    """Arguments that track in a database in this folder, or nowhere."""
    if store is None:
        return ["tracking=none"]
    return ["tracking.log_model=false", f"tracking.uri=sqlite:///{store}/mlflow.db"]


def one_run(corpus: Path, store: Path, *told: str, tracked: Path | None = None) -> list[str]:
    """Arguments of a single small run."""
    replaced = ("experiment=", "modality=", "audio", "split", "training", "tracking", "hydra.")
    small = [o for o in overrides(corpus, store, ()) if not o.startswith(replaced)]
    return [*small, *ONE_RUN, *tracking(tracked), *told]


def study(corpus: Path, store: Path, *, tracked: Path | None = None) -> list[str]:
    """Arguments of a small study of four speakers."""
    small = overrides(corpus, store, ())
    small = [o for o in small if not o.startswith(("training", "tracking"))]
    epochs = [f"training.epochs={STUDY_EPOCHS}", f"training.patience={STUDY_EPOCHS}"]
    return [*small, *epochs, *tracking(tracked)]


@pytest.fixture(scope="module")
def undisturbed(nursery, corpus, store_root, tmp_path_factory):
    """Folder of a single run that nothing happened to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    code, said = nursery.run(one_run(corpus, store_root), folder)
    assert code == 0, said
    return folder / "run"


def assert_same_results(one: Path, other: Path) -> None:
    """Byte for byte what was predicted, and the same history."""
    for name in ("predictions.csv", "history.csv", "split.csv"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def epochs_done(folder: Path) -> int:
    """Of a run, by its newest checkpoint; all of them where it is finished."""
    if (folder / "metrics.json").exists():
        return EPOCHS
    return max((int(p.stem[-5:]) for p in folder.glob("checkpoint/epoch_*.npz")), default=0)


def runs_of(folder: Path):
    """Client and runs of the MLflow store in this folder."""
    client = MlflowClient(tracking_uri=f"sqlite:///{folder}/mlflow.db")
    experiment = client.get_experiment_by_name("ravdess_exp")
    return client, client.search_runs([experiment.experiment_id])


@slow
def test_training_killed_at_several_moments_predicts_the_same(
    nursery, undisturbed, corpus, store_root, tmp_path, rng
):
    arguments = one_run(corpus, store_root, tracked=tmp_path)
    folder = tmp_path / "run"
    for _ in range(KILLS):
        code = nursery.stop(
            arguments,
            tmp_path,
            lambda: epochs_done(folder),
            after=rng.integers(1, 10),
            then=rng.uniform(0, 0.05),
        )
        assert code == -signal.SIGKILL, printed(tmp_path)
        assert not (folder / "metrics.json").exists()
    code, said = nursery.run(arguments, tmp_path)
    assert code == 0, said
    assert re.search(r"training goes on after epoch \d+, from its checkpoint", said)
    assert_same_results(folder, undisturbed)
    assert not (folder / "checkpoint").exists() and not list(folder.glob("unfinished.*"))
    client, runs = runs_of(tmp_path)
    (whole,) = [found for found in runs if found.info.status == "FINISHED"]
    steps = [point.step for point in client.get_metric_history(whole.info.run_id, "train/val_loss")]
    assert sorted(steps) == list(range(1, EPOCHS + 1)), "each epoch once"


@slow
def test_preparation_killed_at_several_moments_predicts_the_same(
    nursery, undisturbed, corpus, tmp_path, rng
):
    store = tmp_path / "store"
    prepare = one_run(corpus, store, "task=prepare")

    def entries() -> int:
        return sum(1 for _ in store.rglob("*.npz"))

    for _ in range(KILLS):
        code = nursery.stop(  # the store gets 64 of them
            prepare, tmp_path, entries, after=rng.integers(1, 8), then=rng.uniform(0, 0.02)
        )
        assert code == -signal.SIGKILL, printed(tmp_path)
    code, said = nursery.run(one_run(corpus, store), tmp_path)
    assert code == 0 and "0 failed" in said, said
    assert_same_results(tmp_path / "run", undisturbed)


@slow
def test_a_study_killed_at_several_moments_predicts_the_same(
    nursery, corpus, store_root, tmp_path, rng
):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    code, said = nursery.run(study(corpus, store_root), whole)
    assert code == 0, said
    arguments = study(corpus, store_root, tracked=killed)

    def done() -> int:
        runs = (killed / "study").glob("actor_*")
        return sum(min(STUDY_EPOCHS, epochs_done(folder)) for folder in runs)

    for _ in range(KILLS):
        code = nursery.stop(  # there are 100 epochs in all
            arguments, killed, done, after=rng.integers(4, 12), then=rng.uniform(0, 0.1)
        )
        assert code == -signal.SIGKILL, printed(killed)
    code, said = nursery.run(arguments, killed)
    assert code == 0, said
    for place in ("study", *(f"study/actor_{actor:02d}-seed_0" for actor in range(1, 5))):
        name = f"{place}/predictions.csv"
        assert (whole / name).read_bytes() == (killed / name).read_bytes(), name
    _, runs = runs_of(killed)
    (parent,) = [found for found in runs if found.data.tags.get("study") == "parent"]
    states = [found.info.status for found in runs if found is not parent]
    assert parent.info.status == "FINISHED" and states.count("FINISHED") == 4
    assert set(states) <= {"FINISHED", "KILLED"}


@slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_names_the_command_that_goes_on(
    sent, nursery, undisturbed, corpus, store_root, tmp_path
):
    """Ctrl-C, and what a cluster sends: marked, a usable checkpoint, exit code 130."""
    folder = tmp_path / "run"
    arguments = one_run(corpus, store_root, tracked=tmp_path)
    code = nursery.stop(arguments, tmp_path, lambda: epochs_done(folder), after=3, by=sent)
    assert code == 130
    _, (interrupted,) = runs_of(tmp_path)
    assert interrupted.info.status == "KILLED"
    *_, told, command = printed(tmp_path).strip().splitlines()
    assert told == "interrupted: what was prepared and trained is kept; this command continues:"
    program, *again = shlex.split(command)
    assert program == "ravdess-exp" and f"hydra.run.dir={folder}" in again
    code, said = nursery.run(again, tmp_path)
    assert code == 0, said
    assert_same_results(folder, undisturbed)
    _, (finished,) = runs_of(tmp_path)
    assert finished.info.run_id == interrupted.info.run_id, "the same run goes on"
    assert finished.info.status == "FINISHED" and "failure" not in finished.data.tags


@slow
def test_other_settings_or_clips_are_not_mixed_in(nursery, corpus, store_root, tmp_path):
    folder = tmp_path / "run"
    arguments = one_run(corpus, store_root)
    nursery.stop(arguments, tmp_path, lambda: epochs_done(folder), after=2)
    code, said = nursery.run([*arguments, "augment=none"], tmp_path)
    assert code == 2 and re.search(
        r"error: .*/run holds a training with augment\.\w+=.*, and now augment\.\w+=.* is asked "
        r"for; choose another folder .*training\.resume=false",
        said,
    ), said
    code, said = nursery.run([*arguments, "data.without_actors=[2]", "split.train=[1]"], tmp_path)
    assert code == 2 and "holds a training with data.without_actors=[]" in said, said
    code, said = nursery.run([*arguments, "augment=none", "training.resume=false"], tmp_path)
    assert code == 0 and "training goes on" not in said, said


@slow
@pytest.mark.parametrize(
    ("full", "then"),
    [("checkpoint/unfinished.epoch_00002.npz", 1), ("unfinished.model.keras", EPOCHS)],
    ids=["checkpoint", "model"],
)
def test_a_disk_that_is_full_is_told_and_the_next_start_goes_on(
    full, then, nursery, undisturbed, corpus, store_root, tmp_path
):
    """What is written under this name finds no space; see `ravdess_exp.files`."""
    folder = tmp_path / "run"
    (folder / full).parent.mkdir(parents=True)
    (folder / full).symlink_to("/dev/full")
    arguments = one_run(corpus, store_root)
    code, said = nursery.run(arguments, tmp_path)
    name = (folder / full).name.removeprefix("unfinished.")
    assert code == 2, said
    assert re.search(
        rf"error: .*/{name}: cannot be written \(No space left on device\); make", said
    )
    assert "Traceback" not in said and not (folder / "metrics.json").exists()
    code, said = nursery.run(arguments, tmp_path)
    assert code == 0 and f"training goes on after epoch {then}, from" in said, said
    assert_same_results(folder, undisturbed)


@pytest.fixture
def scored(rng):
    """A model, what it said, and the result, as at the end of a run."""
    model = small_model()
    model.compile()
    predictions = predict(model, easy(rng), batch_size=16)
    said = Scored(
        chosen_by=predictions,
        test=predictions,
        branches={},
        baseline=None,
        conditions={},
        others=Others(),
        history=History([{"loss": 1.0, "uar": 0.1, "val_loss": 1.0, "val_uar": 0.2}], 1),
        cost=RunCost(
            best_epoch=1,
            parameters=model.count_params(),
            clips_used=len(predictions),
            clips_failed=0,
            seconds={"total": 1.0},
            memory_mb=1.0,
            peak_memory_mb=1.0,
        ),
        leaky=False,
        labels_shuffled=False,
        saw_ravdess=False,
        epoch_chosen=True,
        sure_accuracy=None,
    )
    return model, said, ClassTask().result(said)


@pytest.mark.parametrize(
    "name",
    [
        "history.csv",
        "predictions.csv",
        "predictions_validation.csv",
        "curves.png",
        "reliability.png",
        "confusion_matrix.png",
        "model.keras",
        "metrics.json",
    ],
)
def test_metrics_come_last_and_only_with_all_the_rest(name, scored, tmp_path):
    """A study takes a folder with metrics.json for a finished run."""
    folder, (model, said, result) = RunFolder(tmp_path), scored

    def write():
        write_result(folder, model, said)
        ClassTask().draw(folder, said, result)
        finish(folder, result)

    (tmp_path / f"unfinished.{name}").symlink_to("/dev/full")
    with pytest.raises(OutputError, match=rf"{name}: cannot be written .No space left on device"):
        write()
    assert not folder.finished and not (tmp_path / name).exists()
    write()
    assert folder.finished and folder.metrics() == result.metrics()
    assert not list(tmp_path.glob("unfinished.*"))
    folder.clear()
    assert not list(tmp_path.iterdir())


@contextlib.contextmanager
def server(folder: Path, port: int):
    """A real MLflow server on the loopback address, with its store in this folder."""
    store = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    kept = ["--artifacts-destination", str(folder / "artifacts")]
    where = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", *store, *kept, *where],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},  # seven processes
    )
    try:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
                break
            time.sleep(0.2)
        yield lambda: end(process)
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    """Kill a server and its workers, which are the session that we opened."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


@slow
def test_a_server_gone_in_mid_run_and_back_later_gets_the_rest_once(
    configure, tmp_path, monkeypatch, caplog
):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    uri, folder = f"http://127.0.0.1:{port}", tmp_path / "run"
    small = ("modality=audio", "audio=mfcc_mean", "audio_encoder=dense", "training.epochs=6")
    real = MlflowTracker.epoch
    with server(tmp_path, port) as stop:

        def epoch(self, number, metrics):
            if number == 4:
                stop()
            real(self, number, metrics)

        monkeypatch.setattr(MlflowTracker, "epoch", epoch)
        run(configure(*small, f"tracking.uri={uri}"), folder=folder)
    assert (folder / "metrics.json").exists()
    assert f"MLflow at {uri} does not answer" in caplog.text
    assert f"ravdess-exp sync {folder}" in caplog.text
    with pytest.raises(TrackingError, match=f"MLflow at {uri} does not answer"):
        sync(folder, uri)
    begun = json.loads((folder / "tracking.json").read_text())["run_id"]
    monkeypatch.setattr(MlflowTracker, "epoch", real)
    with server(tmp_path, port):
        client = MlflowClient(tracking_uri=uri)
        states = []
        for _ in range(2):
            assert sync(folder, uri) == begun
            (found,) = client.search_runs(
                [client.get_experiment_by_name("ravdess_exp").experiment_id]
            )
            points = client.get_metric_history(begun, "train/loss")
            states.append((found.to_dictionary(), len(client.list_artifacts(begun))))
        assert states[0] == states[1], "a second time changes nothing"
        assert found.info.run_id == begun and found.info.status == "FINISHED"
        assert sorted(point.step for point in points) == [1, 2, 3, 4, 5, 6]
        assert len(found.inputs.dataset_inputs) == 3
        metrics = json.loads((folder / "metrics.json").read_text())
        assert found.data.metrics["test/uar"] == metrics["test/uar"]


@slow
def test_two_processes_write_to_one_new_store_at_once(nursery, corpus, store_root, tmp_path):
    """Neither waits for the other in vain, and neither loses an epoch."""
    places = [tmp_path / "one", tmp_path / "two"]
    for place in places:
        place.mkdir()
    arguments = one_run(corpus, store_root, tracked=tmp_path)
    started = [nursery.start(arguments, place) for place in places]
    codes = [nursery.wait(pid) for pid in started]
    assert codes == [0, 0], [printed(place) for place in places]
    for place in places:
        assert "does not answer" not in printed(place), printed(place)
    client, runs = runs_of(tmp_path)
    assert [found.info.status for found in runs] == ["FINISHED"] * 2
    for found in runs:
        points = client.get_metric_history(found.info.run_id, "train/loss")
        assert np.unique([point.step for point in points]).size == len(points) == EPOCHS
