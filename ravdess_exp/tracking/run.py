"""One run of ours as one run in MLflow. What is tracked is always on disk first.

A server that does not answer costs no result: the run goes on, says so, and
`scripts/sync_mlflow.py FOLDER` brings the folder up later.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import keras
import mlflow
import numpy as np
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, Run, RunTag
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec

from ravdess_exp import __version__
from ravdess_exp.config.schema import Mlflow, NoTracking
from ravdess_exp.corpus.split import SETS, Split
from ravdess_exp.files import LOCK, whole
from ravdess_exp.tracking.store import (
    DEFAULT_URI,
    FAILURES,
    connect,
    experiment_id,
    run_status,
    shown,
    tracking_uri,
)

log = logging.getLogger(__name__)

RECORD = "tracking.json"  # in a run's folder: what a later synchronisation needs
_STATUS = {KeyboardInterrupt: "KILLED"}
_CONTEXTS = dict(zip(SETS, ("training", "validation", "testing"), strict=True))


class Tracker:
    """What a run reports. This one reports nowhere (`tracking=none`)."""

    page: str | None = None  # where a person finds the run
    run_id: str | None = None

    def epoch(self, number: int, metrics: Mapping[str, float]) -> None:
        """Metrics of one epoch, counted from 1."""

    def datasets(self, name: str, source: str, fingerprints: Mapping[str, str]) -> None:
        """Fingerprint by set: the clips that were trained on, chosen by and scored."""

    def series(self, name: str, values: Mapping[int, float]) -> None:
        """One metric of a study by step: by the number of the actor or of the fold."""

    def results(self, metrics: Mapping[str, float], model: keras.Model | None = None) -> None:
        """Final metrics, every file of the run's folder, and the model where there is one."""

    def failed(self, error: BaseException) -> None:
        """The run ended early, by an error or by the user."""


class MlflowTracker(Tracker):
    """Reports to one run of an MLflow server; after its first failure only says where it stands."""

    def __init__(
        self,
        settings: Mlflow,
        *,
        folder: Path,
        params: Mapping,
        tags: Mapping[str, str],
        resume: bool = False,
    ) -> None:
        """resume: go on with the run that the folder tells of; else that one is closed."""
        self._settings = settings
        self._folder = folder
        self.uri = tracking_uri(settings.uri)
        self.lost: str | None = None  # why the server could not be reached
        self._earlier: str | None = _earlier_run(folder / RECORD)
        self._resume = resume
        self._there: Run | None = None  # the run as it was when this process went on with it
        self._histories: dict[str, dict[int, float]] = {}
        self._record: dict = {"params": {k: str(v) for k, v in params.items()}, "tags": dict(tags)}
        if resume and self._earlier:  # a server that is away now may still have it
            self._record["run_id"] = self._earlier
        self._save_record()
        self._attempt(self._start)

    def epoch(self, number: int, metrics: Mapping[str, float]) -> None:
        """See `Tracker`; one request for all metrics, and none for what has arrived before."""

        def send() -> None:
            if number not in self._points(next(iter(metrics))):
                self._log_metrics(metrics, step=number)

        self._attempt(send)

    def datasets(self, name: str, source: str, fingerprints: Mapping[str, str]) -> None:
        """See `Tracker`."""
        self._record["datasets"] = {"name": name, "source": source, "digests": dict(fingerprints)}
        self._save_record()
        self._attempt(self._log_datasets)

    def series(self, name: str, values: Mapping[int, float]) -> None:
        """See `Tracker`."""
        now = int(time.time() * 1000)

        def send() -> None:
            there = self._points(name)
            new = {step: value for step, value in values.items() if there.get(step) != value}
            batch = [Metric(name, value, now, step) for step, value in new.items()]
            self._client.log_batch(self.run_id, metrics=batch)

        self._attempt(send)

    def results(self, metrics: Mapping[str, float], model: keras.Model | None = None) -> None:
        """See `Tracker`."""
        self._attempt(lambda: self._log_results(metrics, model))
        if self.lost:
            log.warning(
                "MLflow at %s has not got this run (%s).\nAll of it is in %s; bring it up later "
                "with: python scripts/sync_mlflow.py %s",
                *(shown(self.uri), self.lost, self._folder, self._folder),
            )

    def failed(self, error: BaseException) -> None:
        """See `Tracker`; the reason becomes a tag, and what the folder holds is kept."""
        status = _STATUS.get(type(error), "FAILED")
        reason = RunTag("failure", f"{type(error).__name__}: {error}"[:5000])

        def mark() -> None:
            self._client.log_batch(self.run_id, tags=[reason])
            self._log_files()
            self._client.set_terminated(self.run_id, status)

        self._attempt(mark)

    def _attempt(self, act: Callable[[], None]) -> None:
        if self.lost:
            return
        try:
            act()
        except FAILURES as error:
            self.lost = str(error).splitlines()[0][:300]
            log.warning(
                "MLflow at %s does not answer (%s); the run goes on, with its results on disk",
                *(shown(self.uri), self.lost),
            )

    def _start(self) -> None:
        self._client = connect(self.uri)
        experiment = experiment_id(self._client, self.uri, self._settings.experiment)
        tags = self._record["tags"]
        self.run_id = self._begin(experiment, tags)
        self._record["run_id"] = self.run_id
        self._save_record()
        place = f"/#/experiments/{experiment}/runs/{self.run_id}"
        if self.uri.startswith("http"):
            self.page = shown(self.uri).rstrip("/") + place
        elif self.uri == DEFAULT_URI:
            self.page = "make ui, then http://127.0.0.1:5000" + place
        known = self._there.data.params if self._there else {}  # MLflow lets none be changed
        params = [
            Param(key, value[:6000])
            for key, value in self._record["params"].items()
            if key not in known
        ]
        self._client.log_batch(
            self.run_id, params=params, tags=[RunTag(*item) for item in tags.items()]
        )

    def _begin(self, experiment: str, tags: Mapping[str, str]) -> str:
        """A new run, or the folder's earlier one; an earlier one that a kill left open is closed.

        A new one is made with its tags, so that a kill never leaves it without its parent.
        """
        status = run_status(self._client, self._earlier) if self._earlier else None
        if self._resume and status is not None:
            self._client.update_run(self._earlier, status="RUNNING")
            self._there = self._client.get_run(self._earlier)
            if "failure" in self._there.data.tags:  # of the attempt that is gone on with
                self._client.delete_tag(self._earlier, "failure")
            return self._earlier
        if status == "RUNNING":
            self._client.set_terminated(self._earlier, "KILLED")
        name = tags["mlflow.runName"]
        return self._client.create_run(experiment, run_name=name, tags=dict(tags)).info.run_id

    def _points(self, name: str) -> dict[int, float]:
        """What an earlier process has told of a metric, by step."""
        if self._there is None or name not in self._there.data.metrics:
            return {}
        if name not in self._histories:
            history = self._client.get_metric_history(self.run_id, name)
            self._histories[name] = {point.step: point.value for point in history}
        return self._histories[name]

    def _log_files(self) -> None:
        """The files of the folder; those of a study's runs, in folders below it, are theirs."""
        for path in sorted(self._folder.iterdir()):
            if path.is_file() and path.name != LOCK:
                self._client.log_artifact(self.run_id, str(path))
            elif path.name == ".hydra":
                self._client.log_artifacts(self.run_id, str(path), path.name)

    def _log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        now = int(time.time() * 1000)
        batch = [Metric(name, value, now, step) for name, value in metrics.items()]
        self._client.log_batch(self.run_id, metrics=batch)

    def _log_datasets(self) -> None:
        known = self._record["datasets"]
        inputs = [
            DatasetInput(
                Dataset(known["name"], digest[:36], "local", json.dumps({"uri": known["source"]})),
                [InputTag("mlflow.data.context", _CONTEXTS[name])],
            )
            for name, digest in known["digests"].items()
        ]
        self._client.log_inputs(self.run_id, inputs)

    def _log_results(self, metrics: Mapping[str, float], model: keras.Model | None) -> None:
        there = self._there.data.metrics if self._there else {}
        self._log_metrics({k: v for k, v in metrics.items() if there.get(k) != v})
        self._log_files()
        if model is not None and self._settings.log_model:
            log_model(self.run_id, self.uri, model)
        self._client.set_terminated(self.run_id, "FINISHED")

    def _save_record(self) -> None:
        with whole(self._folder / RECORD) as path:
            path.write_text(json.dumps(self._record, indent=1))


def _earlier_run(path: Path) -> str | None:
    """Id of the run that the folder told of before."""
    try:
        return json.loads(path.read_text()).get("run_id")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("WARNING: %s is damaged (%s); this is tracked as a new run", path, error)
        return None


@contextmanager
def tracked(
    settings: Mlflow | NoTracking,
    *,
    folder: Path,
    params: Mapping,
    tags: Mapping[str, str],
    resume: bool = False,
) -> Iterator[Tracker]:
    """A tracker for one run, which learns how the run ended; see `MlflowTracker`."""
    if isinstance(settings, NoTracking):
        yield Tracker()
        return
    tracker = MlflowTracker(settings, folder=folder, params=params, tags=tags, resume=resume)
    try:
        yield tracker
    except BaseException as error:
        tracker.failed(error)
        raise


def log_model(run_id: str, uri: str, model: keras.Model) -> None:
    """The model as Keras saves it, with a signature of its named inputs."""
    inputs = [TensorSpec(np.dtype(t.dtype), (-1, *t.shape[1:]), t.name) for t in model.inputs]
    outputs = [TensorSpec(np.dtype(t.dtype), (-1, *t.shape[1:])) for t in model.outputs]
    mlflow.set_tracking_uri(uri)
    with mlflow.start_run(run_id=run_id):
        mlflow.keras.log_model(
            model,
            name="model",
            signature=ModelSignature(Schema(inputs), Schema(outputs)),
            pip_requirements=[f"ravdess_exp=={__version__}"],
        )


def fingerprints(split: Split, contents: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 by set over the names and the bytes of its clips, whatever their order."""
    return {
        name: hashlib.sha256(
            "\n".join(sorted(f"{c.name} {contents[c.name]}" for c in getattr(split, name))).encode()
        ).hexdigest()
        for name in SETS
    }
