"""Bring up what a server did not get."""

import json
from pathlib import Path

import pandas as pd

from ravdess_exp.config.schema import Mlflow
from ravdess_exp.errors import TrackingError
from ravdess_exp.run.results import METRICS
from ravdess_exp.study.runner import log_summary
from ravdess_exp.tracking.run import RECORD, MlflowTracker
from ravdess_exp.tracking.store import FAILURES, connect, run_status, shown, tracking_uri


def sync(
    folder: Path,
    uri: str | None = None,
    experiment: str = "ravdess_exp",
    parent: str | None = None,
) -> str:
    """Bring up the folder of a run, or of a study with all its runs.

    A run of which the store has a part is gone on with; one that it has to its end is left alone.
    parent: id of the run that it belongs under. Returns the run's id. Raises `TrackingError` where
    the folder is no run's or the store does not answer.
    """
    uri = tracking_uri(uri)
    record = _record(folder / RECORD)
    summary_path = folder / "summary.json"
    summary = json.loads(summary_path.read_text()) if summary_path.exists() else None
    run_id = record.get("run_id")
    if not _arrived(uri, run_id, finished=(folder / METRICS).exists()):
        run_id = _send(folder, record, summary, uri, experiment, parent)
    if summary is not None:
        for path in sorted(folder.glob(f"*/{RECORD}")):
            sync(path.parent, uri, experiment, run_id)
    return run_id


def _record(path: Path) -> dict:
    if not path.exists():
        raise TrackingError(f"{path.parent}: no {RECORD} in it, so it is not the folder of a run")
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise TrackingError(f"{path}: damaged ({error}), so the run's settings are lost") from error


def _arrived(uri: str, run_id: str | None, *, finished: bool) -> bool:
    """Whether the store has the run with its end; one that failed may have been finished later."""
    try:
        status = run_status(connect(uri), run_id) if run_id else None
    except FAILURES as error:
        reason = str(error).splitlines()[0][:300]
        raise TrackingError(f"MLflow at {shown(uri)} does not answer: {reason}") from error
    return status == "FINISHED" or (status in ("FAILED", "KILLED") and not finished)


def _send(
    folder: Path, record: dict, summary: dict | None, uri: str, experiment: str, parent: str | None
) -> str:
    """All that the store lacks of one run; returns the run's id there."""
    tags = record["tags"] | ({"mlflow.parentRunId": parent} if parent else {})
    settings = Mlflow(
        backend="mlflow", uri=uri, experiment=experiment, log_model=True, parent=parent
    )
    tracker = MlflowTracker(
        settings, folder=folder, params=record["params"], tags=tags, resume=True
    )
    if "datasets" in record:
        known = record["datasets"]
        tracker.datasets(known["name"], known["source"], known["digests"])
    history, metrics = (folder / n for n in ("history.csv", METRICS))
    for row in pd.read_csv(history).to_dict("records") if history.exists() else []:
        tracker.epoch(int(row.pop("epoch")), row)
    if summary is not None:
        log_summary(tracker, summary)
    if metrics.exists():
        tracker.results(json.loads(metrics.read_text()))
    else:
        tracker.failed(TrackingError("the run did not end"))
    if tracker.lost:
        raise TrackingError(f"MLflow at {shown(tracker.uri)} does not answer: {tracker.lost}")
    return tracker.run_id
