"""Leave one speaker out from one command: complete, resumed, in parallel, and its sanity checks."""

import copy
import gc
import json
import shutil
import signal
import time
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import psutil
import pytest
from mlflow.tracking import MlflowClient
from sklearn.metrics import recall_score

from ravdess_exp.prepare import preparation
from ravdess_exp.prepare.preparation import Preparer
from ravdess_exp.run.experiment import run
from ravdess_exp.study.sync import sync
from tests.helpers.nursery import nursery
from tests.helpers.studies import (
    arguments_of,
    command,
    fresh_command,
    overrides,
    start,
    summary,
)

pytestmark = pytest.mark.slow


def runs_of(folder: Path):
    """The parent run and its children in the MLflow store of a test."""
    client = MlflowClient(tracking_uri=f"sqlite:///{folder}/mlflow.db")
    experiment = client.get_experiment_by_name("ravdess_exp")
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if run.data.tags.get("study") == "parent"]
    children = [r for r in runs if r.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert len(runs) == len(children) + 1
    return client, parent, children


@pytest.fixture(scope="module")
def whole(corpus, store_root, tmp_path_factory):
    """A study that nothing disturbs."""
    tmp_path = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
        code, printed = fresh_command(corpus, store_root, tmp_path)
    assert code == 0, printed
    return tmp_path, printed


def test_every_speaker_is_scored_once_by_a_model_that_did_not_know_them(whole):
    folder = whole[0] / "study"
    found = summary(folder)
    assert found["complete"] and found["folds_done"] == found["folds"] == 4
    pooled = pd.read_csv(folder / "predictions.csv")
    assert len(pooled) == 32 and pooled["clip"].is_unique
    for actor in range(1, 5):
        sets = pd.read_csv(folder / f"actor_{actor:02d}-seed_0" / "split.csv")
        assert set(sets[sets["set"] == "test"]["actor"]) == {actor}
        assert actor not in set(sets[sets["set"] != "test"]["actor"])
        mine = pooled[pooled["fold"] == f"actor_{actor:02d}"]
        assert set(mine["actor"]) == {actor}


def test_the_summary_is_of_the_pooled_predictions(whole):
    folder = whole[0] / "study"
    found, pooled = summary(folder), pd.read_csv(folder / "predictions.csv")
    pair = (pooled["label"], pooled["prediction"])
    assert found["uar"] == pytest.approx(recall_score(*pair, average="macro"))
    assert found["uar_ci95"][0] <= found["uar"] <= found["uar_ci95"][1]
    assert np.array(found["confusion"]).sum() == 32
    assert set(found["per_actor"]) == {"1", "2", "3", "4"}
    assert {"accuracy", "macro_f1", "accuracy_ci95", "macro_f1_ci95"} <= found.keys()
    assert all(fold["seconds"] > 0 and fold["memory_mb"] > 0 for fold in found["per_fold"].values())
    assert all(run["peak_memory_mb"] > 0 for run in found["per_run"].values())
    assert found["spread"]["seeds"] is None, "one seed has no spread"
    for name in ("confusion_matrix.png", "actors.png"):
        assert cv2.imread(str(folder / name)).size > 100_000


def test_one_parent_run_holds_it_all(whole):
    client, parent, children = runs_of(whole[0])
    assert [run.info.status for run in (parent, *children)] == ["FINISHED"] * 5
    found = summary(whole[0] / "study")
    assert parent.data.metrics["test/uar"] == pytest.approx(found["uar"])
    assert parent.data.metrics["folds_done"] == 4
    series = client.get_metric_history(parent.info.run_id, "fold/seconds")
    assert sorted(point.step for point in series) == [1, 2, 3, 4]
    kept = {file.path for file in client.list_artifacts(parent.info.run_id)}
    assert {"summary.json", "predictions.csv", "confusion_matrix.png", "actors.png"} <= kept
    assert not any(path.startswith("actor_0") for path in kept), "the runs' files are theirs"
    names = {run.info.run_name for run in children}
    assert names == {f"loso-actor_{actor:02d}-seed_0" for actor in range(1, 5)}


def test_what_is_printed(whole):
    printed = whole[1]
    for text in ("Study: 32 clips of 4 actors", "95% interval", "standard deviation over actors"):
        assert text in printed
    assert printed.count("prepared: 32 clips in") == 5, "once before the folds, and once in each"


def test_the_same_command_does_nothing_again(whole, corpus, store_root, monkeypatch):
    tmp_path, _ = whole
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "study").glob("*/metrics.json")}
    code, printed = command(corpus, store_root, tmp_path)
    assert code == 0, printed
    assert "4 of 4 runs are there already; 0 to do" in printed
    assert before == {p: p.stat().st_mtime_ns for p in (tmp_path / "study").glob("*/metrics.json")}
    runs_of(tmp_path)  # still one parent


def test_a_refused_command_leaves_the_study_as_it_was(whole, corpus, store_root, monkeypatch):
    tmp_path, _ = whole
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    kept = [
        tmp_path / "study" / name for name in ("multirun.yaml", "summary.json", "tracking.json")
    ]
    before = [path.read_bytes() for path in kept]
    code, printed = command(corpus, store_root, tmp_path, "training.epochs=9")
    assert code == 2 and "holds a run with training.epochs=" in printed
    assert [path.read_bytes() for path in kept] == before
    assert runs_of(tmp_path)[1].info.status == "FINISHED"


def test_killed_and_started_again_gives_the_same(whole, corpus, store_root, tmp_path):
    def third() -> int:
        """Whether the third fold is about to be trained."""
        return len(list(tmp_path.glob("study/actor_03*/model.txt")))

    stopped = nursery().stop(arguments_of(corpus, store_root), tmp_path, third, after=1)
    assert stopped == -signal.SIGKILL
    done = {p: p.stat().st_mtime_ns for p in tmp_path.glob("study/*/metrics.json")}
    assert 2 <= len(done) < 4
    code, printed = command(corpus, store_root, tmp_path)
    assert code == 0, printed
    assert f"{len(done)} of 4 runs are there already" in printed
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())
    one, other = (pd.read_csv(root / "study" / "predictions.csv") for root in (whole[0], tmp_path))
    pd.testing.assert_frame_equal(one, other)
    again, first = summary(tmp_path / "study"), summary(whole[0] / "study")
    for key in ("uar", "uar_ci95", "per_actor", "confusion", "folds_done"):
        assert again[key] == first[key]
    _, parent, children = runs_of(tmp_path)
    assert parent.info.status == "FINISHED"
    ended = [run.info.status for run in children]
    assert ended.count("FINISHED") == 4 and set(ended) <= {"FINISHED", "KILLED"}


@pytest.mark.parametrize("place", [[], ["hydra.sweep.dir='it\\'s ${name}'"]])
def test_all_runs_are_below_the_study_whose_folder_has_its_name(
    corpus, store_root, tmp_path, place
):
    """The default folder, with which the README starts studies, is one; and each fold has a name."""
    told = overrides(corpus, store_root, ("folds=[1,2]", "training.epochs=1"))
    told = [o for o in told if not o.startswith("hydra.sweep.dir")]
    code, printed = nursery().run([*told, *place], tmp_path)
    assert code == 0, printed
    (root,) = tmp_path.glob("it's *" if place else "outputs/multiruns/*/*")
    assert root.name.endswith("loso") and summary(root)["folds_done"] == 2
    for label in ("actor_01-seed_0", "actor_02-seed_0"):
        assert (root / label / "metrics.json").exists()


def test_a_fold_that_fails_is_told_and_stops_no_other(corpus, store_root, tmp_path):
    """Actor 4 has no angry clip: as the scored speaker, and as the one that validates."""
    root = tmp_path / "corpus"
    shutil.copytree(corpus, root)
    (angry,) = root.glob("**/01-01-05-*-04.mp4")
    angry.unlink()
    code, printed = command(corpus, store_root, tmp_path, f"data.root={root}")
    found = summary(tmp_path / "study")
    assert code == 1 and "error: 2 of 4 runs are missing" in printed
    assert not found["complete"] and found["folds_done"] == 2
    assert "split.test has no clip of: angry" in found["missing"]["actor_04-seed_0"]
    assert sum("split.validation has no clip" in text for text in found["missing"].values()) == 1
    assert (
        "INCOMPLETE: 2 of 4 runs" in printed
        and "This command does only these: ravdess-exp --multirun " in printed
        and f"hydra.sweep.dir={tmp_path}/study" in printed
    )
    _, parent, children = runs_of(tmp_path)
    assert parent.info.status == "FAILED"
    assert sorted(r.info.status for r in children) == ["FAILED"] * 2 + ["FINISHED"] * 2
    sync(tmp_path / "study", f"sqlite:///{tmp_path}/mlflow.db")
    assert runs_of(tmp_path)[1].info.status == "FAILED", "incomplete it stays"


def test_a_split_that_no_fold_can_have_starts_nothing(corpus, store_root, tmp_path):
    code, printed = command(corpus, store_root, tmp_path, "split.validation_actors=3")
    assert code == 2 and "prepared:" not in printed
    (line,) = printed.strip().splitlines()
    assert line.startswith(
        "error: split.validation_actors=3: the corpus has 4 actors, and one must"
    )
    assert line.endswith("take at most 2")
    assert not (tmp_path / "study").exists() and not (tmp_path / "mlflow.db").exists()


@pytest.mark.parametrize(
    "launcher",
    [
        ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"],
        ["hydra/launcher=submitit_local"],
        ["hydra/launcher=ray", "+hydra.launcher.ray.init.num_cpus=2"],
    ],
    ids=["joblib", "submitit", "ray"],
)
def test_two_folds_at_once_into_one_store(launcher, whole, corpus, store_root, tmp_path):
    code, printed = fresh_command(corpus, store_root, tmp_path, *launcher)
    assert code == 0, printed
    assert "database is locked" not in printed and "does not answer" not in printed
    _, parent, children = runs_of(tmp_path)
    assert [run.info.status for run in (parent, *children)] == ["FINISHED"] * 5
    times = [(run.info.start_time, run.info.end_time) for run in children]
    pairs = combinations(times, 2)
    assert any(max(a[0], b[0]) < min(a[1], b[1]) for a, b in pairs), "two at once"
    alone, together = (
        pd.read_csv(root / "study" / "predictions.csv") for root in (whole[0], tmp_path)
    )
    pd.testing.assert_frame_equal(alone, together)


def test_a_killed_worker_costs_no_fold(whole, corpus, store_root, tmp_path):
    """joblib's executor breaks when one of its processes dies; what was unfinished is done again."""
    launcher = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    process = start(corpus, store_root, tmp_path, *launcher)
    deadline = time.monotonic() + 200
    while len(list(tmp_path.glob("study/*/history.csv"))) < 2:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    workers = psutil.Process(process.pid).children(recursive=True)
    max(workers, key=lambda worker: worker.memory_info().rss).kill()
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed
    assert "a worker process was killed" in printed
    one, other = (pd.read_csv(root / "study" / "predictions.csv") for root in (whole[0], tmp_path))
    pd.testing.assert_frame_equal(one, other)


def test_seeds_are_added_and_reported_apart_from_actors(corpus, store_root, tmp_path):
    assert command(corpus, store_root, tmp_path, "folds=[1,2]")[0] == 0
    code, printed = command(corpus, store_root, tmp_path, "folds=[1,2]", "seeds=[0,1]")
    assert code == 0, printed
    assert "2 of 4 runs are there already" in printed
    assert "did not get" not in printed, "MLflow takes the longer study too"
    client, parent, children = runs_of(tmp_path)
    assert len(children) == 4 and parent.data.metrics["folds_done"] == 2
    assert parent.data.metrics["runs_done"] == 4
    found = summary(tmp_path / "study")
    per_run = [run for run in found["per_run"].values() if run["fold"] == 1]
    last = client.get_metric_history(parent.info.run_id, "fold/test_uar")
    told = [point.value for point in last if point.step == 1][-1]
    assert told == pytest.approx(np.mean([run["test_uar"] for run in per_run]))
    assert found["folds_done"] == found["folds"] == 2 and found["runs_done"] == found["runs"] == 4
    assert list(found["per_fold"]) == ["actor_01", "actor_02"] and len(found["per_run"]) == 4
    assert found["clips"] == 16 and found["seeds"] == [0, 1]
    each = [found["per_seed"][seed]["uar"] for seed in ("0", "1")]
    assert found["uar"] == pytest.approx(np.mean(each))
    assert found["spread"]["seeds"] == pytest.approx(np.std(each, ddof=1))
    assert found["spread"]["actors"] == pytest.approx(
        np.std([of["uar"] for of in found["per_actor"].values()], ddof=1)
    )
    assert "the scores are means over seeds 0, 1" in printed


def test_studies_of_several_settings_and_their_table(corpus, store_root, tmp_path):
    sizes = "fusion.dense=4,8"
    code, printed = command(corpus, store_root, tmp_path, "-m", "folds=[1,2]", sizes)
    assert code == 0, printed
    for number in (0, 1):
        assert summary(tmp_path / "study" / str(number))["folds_done"] == 2
    table = pd.read_csv(tmp_path / "study" / "sweep.csv")
    assert set(table["fusion.dense"]) == {4, 8} and table["test UAR"].notna().all()


def test_a_study_that_a_server_missed_is_brought_up(corpus, store_root, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    code, printed = command(corpus, store_root, tmp_path, "folds=[1,2]")
    assert code == 0 and "did not get this run" in printed
    sync(tmp_path / "study", f"sqlite:///{tmp_path}/mlflow.db")
    _, parent, children = runs_of(tmp_path)
    assert [run.info.status for run in (parent, *children)] == ["FINISHED"] * 3
    assert parent.data.metrics["folds_done"] == 2


def test_shuffled_labels_are_the_same_in_every_fold(corpus, store_root, tmp_path):
    """Exchanged once over all clips: those of all folds together are the corpus's."""
    code, printed = command(corpus, store_root, tmp_path, "data.shuffle_labels=true")
    assert code == 0 and "SANITY CHECK: the labels are shuffled" in printed
    table = pd.read_csv(tmp_path / "study" / "predictions.csv")
    spoken = [int(clip.split("-")[2]) for clip in table["clip"]]
    true = ["", "neutral", "neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
    labels = [true[emotion] for emotion in spoken]
    assert sorted(labels) == sorted(table["label"]) and labels != list(table["label"])


def test_the_majority_baseline_is_chance(corpus, store_root, tmp_path):
    told = ["experiment=majority", "training.epochs=3", "training.batch_size=4", "folds=[1,2]"]
    code, printed = command(corpus, store_root, tmp_path, *told)
    assert code == 0, printed
    found = summary(tmp_path / "study")
    assert found["uar"] == pytest.approx(1 / 7) and found["accuracy"] == pytest.approx(2 / 8)
    assert found["recall"]["neutral"] == 1.0


def test_the_leaky_split_is_never_without_its_warning(corpus, store_root, tmp_path):
    told = ["split=leaky", "split.folds=4", "folds=[0,1]"]
    code, printed = command(corpus, store_root, tmp_path, "experiment=leaky", *told)
    assert code == 0, printed
    assert printed.count("data.plant_leak puts clips of the same") >= 3
    found = summary(tmp_path / "study")
    assert found["leaky"]
    sets = pd.read_csv(tmp_path / "study" / "fold_00-seed_0" / "split.csv")
    speakers = {name: set(of["actor"]) for name, of in sets.groupby("set")}
    assert speakers["train"] & speakers["test"]
    _, parent, children = runs_of(tmp_path)
    assert all("leaky" in run.data.tags["sanity"] for run in (parent, *children))
    for text in (printed, *(r.data.tags["mlflow.note.content"] for r in (parent, *children))):
        assert "other clips" in text and "never saw" not in text and "never heard" not in text


@pytest.mark.usefixtures("unrendered")
def test_memory_does_not_grow_with_the_folds(configure, tmp_path):
    """TensorFlow keeps graphs of earlier models, and generators that hold all their samples."""
    from tensorflow.python.framework.func_graph import FuncGraph

    from ravdess_exp.training.dataset import Samples

    left = []
    for number in range(3):
        folder = tmp_path / str(number)
        run(configure("modality=audio", "tracking=none", "training.clip_norm=1.0"), folder=folder)
        gc.collect()
        alive = [type(thing) for thing in gc.get_objects()]
        left.append([alive.count(kind) for kind in (FuncGraph, Samples)])
    assert left[2] == left[1] and left[2][1] == 0, left


@pytest.mark.usefixtures("unrendered")
def test_the_store_is_read_once(configure, tmp_path, monkeypatch, caplog):
    """Runs of one process share what was prepared; none reports the new clips of another."""
    calls, preparer = [], Preparer()
    real = preparation.prepare
    monkeypatch.setattr(preparation, "prepare", lambda *a, **k: calls.append(1) or real(*a, **k))
    caplog.set_level("INFO")
    store = f"data.store={tmp_path}/store"
    quick = ("modality=audio", "audio=mfcc_mean", "audio_encoder=dense", "tracking=none", store)
    for number, actor in enumerate((1, 2)):
        fold = ["split=loso", f"split.test_actor={actor}", "split.validation_actors=1"]
        folder = tmp_path / str(number)
        run(configure(*quick, *fold), folder=folder, preparer=preparer)
    assert len(calls) == 1
    assert caplog.text.count("32 of them new") == 1 and caplog.text.count(" 0 of them new") == 1
    other = configure(*quick, "audio.n_mfcc=13")
    run(other, folder=tmp_path / "3", preparer=preparer)
    assert len(calls) == 2, "another feature is read anew"
    assert copy.copy(preparer)._answer is None, "what goes to another process holds no open file"
    metrics = json.loads((tmp_path / "1" / "metrics.json").read_text())
    assert metrics["clips/used"] == 32 and metrics["memory/peak_mb"] > 100
