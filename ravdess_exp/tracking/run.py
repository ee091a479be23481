"""One run of ours as one run in MLflow. What is tracked is always on disk first.

A server that does not answer costs no result: the run goes on, says so, and
`ravdess-exp sync FOLDER` sends the folder later.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlflow.entities import Metric, Param, Run, RunTag

from ravdess_exp.files import LOCK
from ravdess_exp.folder import BUNDLE
from ravdess_exp.tracking.backend import (
    STORE_ERRORS,
    connect,
    experiment_id,
    run_status,
    tracking_uri,
    without_password,
)
from ravdess_exp.tracking.datasets import dataset_inputs
from ravdess_exp.tracking.model import log_bundle
from ravdess_exp.tracking.page import store_command, way_to_run
from ravdess_exp.tracking.record import earlier_run, new_record
from ravdess_exp.tracking.tracker import Tracker

log = logging.getLogger(__name__)

NOTE = "mlflow.note.content"  # the tag that MLflow's page shows as the run's description
_STATUS = {KeyboardInterrupt: "KILLED"}


class MlflowTracker(Tracker):
    """Reports to one run of an MLflow server; after its first failure only says where it stands."""

    def __init__(
        self,
        *,
        uri: str | None,
        experiment: str,
        log_model: bool,
        folder: Path,
        params: Mapping,
        tags: Mapping[str, str],
        resume: bool = False,
    ) -> None:
        """resume: continue the run that the folder's record names; else that run is closed."""
        self._experiment = experiment
        self._log_model = log_model
        self._folder = folder
        self.uri = tracking_uri(uri)
        self.lost: str | None = None  # why the server could not be reached
        self._earlier = earlier_run(folder)
        self._resume = resume
        self._continued: Run | None = None  # as it was when this process continued it
        self._histories: dict[str, dict[int, float]] = {}
        # a server that is away now may still have the earlier run
        self._record = new_record(params, tags, self._earlier if resume else None)
        self._record.save(folder)
        self._attempt(self._start)

    def epoch(self, number: int, metrics: Mapping[str, float]) -> None:
        """See `Tracker`; one request for all metrics, and none for what has arrived before.

        In MLflow they are `train/uar`, `train/val_uar`: no name of theirs can be taken for a result.
        """
        named = {f"train/{name}": value for name, value in metrics.items()}

        def send() -> None:
            if number not in self._points(next(iter(named))):
                self._log_metrics(named, step=number)

        self._attempt(send)

    def datasets(self, name: str, source: str, fingerprints: Mapping[str, str]) -> None:
        """See `Tracker`."""
        self._record.datasets = {"name": name, "source": source, "digests": dict(fingerprints)}
        self._record.save(self._folder)

        def send() -> None:
            self._client.log_inputs(self.run_id, dataset_inputs(**self._record.datasets))

        self._attempt(send)

    def series(self, name: str, values: Mapping[int, float]) -> None:
        """See `Tracker`."""
        now = int(time.time() * 1000)

        def send() -> None:
            known = self._points(name)
            new = {step: value for step, value in values.items() if known.get(step) != value}
            batch = [Metric(name, value, now, step) for step, value in new.items()]
            self._client.log_batch(self.run_id, metrics=batch)

        self._attempt(send)

    def describe(self, text: str) -> None:
        """See `Tracker`; kept in the record, so that a later synchronisation sends it too."""
        self._record.tags[NOTE] = text
        self._record.save(self._folder)
        self._attempt(lambda: self._client.set_tag(self.run_id, NOTE, text))

    def results(self, metrics: Mapping[str, float]) -> None:
        """See `Tracker`."""
        self._attempt(lambda: self._log_results(metrics))
        if self.lost:
            log.warning(
                "MLflow at %s did not get this run (%s).\nAll of it is in %s; send it later with:\n  %s",
                *(without_password(self.uri), self.lost, self._folder, self._later()),
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
        except STORE_ERRORS as error:
            self.lost = str(error).splitlines()[0][:300]
            log.warning(
                "MLflow at %s does not answer (%s); the run goes on, with its results on disk",
                *(without_password(self.uri), self.lost),
            )

    def _start(self) -> None:
        self._client = connect(self.uri)
        experiment = experiment_id(self._client, self.uri, self._experiment)
        tags = self._record.tags
        self.run_id = self._begin(experiment, tags)
        self._record.run_id = self.run_id
        self._record.save(self._folder)
        self.page = way_to_run(self.uri, self._experiment, experiment, self.run_id)
        # MLflow lets no parameter be changed
        known = self._continued.data.params if self._continued else {}
        params = [
            Param(key, value[:6000])
            for key, value in self._record.params.items()
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
            self._continued = self._client.get_run(self._earlier)
            if "failure" in self._continued.data.tags:  # of the attempt that this one continues
                self._client.delete_tag(self._earlier, "failure")
            return self._earlier
        if status == "RUNNING":
            self._client.set_terminated(self._earlier, "KILLED")
        name = tags["mlflow.runName"]
        return self._client.create_run(experiment, run_name=name, tags=dict(tags)).info.run_id

    def _points(self, name: str) -> dict[int, float]:
        """What an earlier process sent of a metric, by step."""
        if self._continued is None or name not in self._continued.data.metrics:
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

    def _log_results(self, metrics: Mapping[str, float]) -> None:
        known = self._continued.data.metrics if self._continued else {}
        self._log_metrics({k: v for k, v in metrics.items() if known.get(k) != v})
        self._log_files()
        bundle = self._folder / BUNDLE
        if bundle.is_dir() and self._log_model:
            log_bundle(self.run_id, self.uri, bundle)
        self._client.set_terminated(self.run_id, "FINISHED")

    def _later(self) -> str:
        """The command that sends the folder to the same place, experiment included."""
        folder = str(self._folder.absolute())
        return store_command("sync", folder, uri=self.uri, experiment=self._experiment)


@contextmanager
def tracked(
    settings: Mapping[str, Any] | None,
    *,
    folder: Path,
    params: Mapping,
    tags: Mapping[str, str],
    resume: bool = False,
) -> Iterator[Tracker]:
    """A tracker for one run, which learns how the run ended.

    settings: `uri`, `experiment` and `log_model` of `MlflowTracker`; None: nothing is tracked.
    """
    if settings is None:
        yield Tracker()
        return
    tracker = MlflowTracker(**settings, folder=folder, params=params, tags=tags, resume=resume)
    try:
        yield tracker
    except BaseException as error:
        tracker.failed(error)
        raise
