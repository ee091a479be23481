"""Send what a server did not get."""

import json
from pathlib import Path

import pandas as pd

from ravdess_exp.errors import TrackingError
from ravdess_exp.folder import HISTORY, METRICS, SUMMARY, RunFolder
from ravdess_exp.study.runner import log_summary
from ravdess_exp.tracking.record import RECORD, Record
from ravdess_exp.tracking.run import MlflowTracker
from ravdess_exp.tracking.store import (
    STORE_ERRORS,
    connect,
    run_status,
    tracking_uri,
    without_password,
)


def sync(
    folder: Path,
    uri: str | None = None,
    experiment: str = "ravdess_exp",
    parent: str | None = None,
) -> str:
    """Send the folder of a run, or of a study with all its runs.

    A run of which the store has a part is continued; one that it has to its end is left alone.
    parent: id of the run that it belongs under. Returns the run's id. Raises `TrackingError` where
    the folder is no run's or the store does not answer.
    """
    uri = tracking_uri(uri)
    record = Record.read(folder)
    summary_path = folder / SUMMARY
    summary = json.loads(summary_path.read_text()) if summary_path.exists() else None
    run_id = record.run_id
    if not _arrived(uri, run_id, finished=(folder / METRICS).exists()):
        run_id = _send(folder, record, summary, uri, experiment, parent)
    if summary is not None:
        for path in sorted(folder.glob(f"*/{RECORD}")):
            sync(path.parent, uri, experiment, run_id)
    return run_id


def _arrived(uri: str, run_id: str | None, *, finished: bool) -> bool:
    """Whether the store has the run with its end; one that failed may have been finished later."""
    try:
        status = run_status(connect(uri), run_id) if run_id else None
    except STORE_ERRORS as error:
        reason = str(error).splitlines()[0][:300]
        raise TrackingError(
            f"MLflow at {without_password(uri)} does not answer: {reason}"
        ) from error
    return status == "FINISHED" or (status in ("FAILED", "KILLED") and not finished)


def _send(
    folder: Path,
    record: Record,
    summary: dict | None,
    uri: str,
    experiment: str,
    parent: str | None,
) -> str:
    """All that the store lacks of one run; returns the run's id there."""
    tags = record.tags | ({"mlflow.parentRunId": parent} if parent else {})
    tracker = MlflowTracker(
        uri=uri,
        experiment=experiment,
        log_model=True,
        folder=folder,
        params=record.params,
        tags=tags,
        resume=True,
    )
    if record.datasets:
        tracker.datasets(*(record.datasets[key] for key in ("name", "source", "digests")))
    history, metrics = folder / HISTORY, folder / METRICS
    for row in pd.read_csv(history).to_dict("records") if history.exists() else []:
        tracker.epoch(int(row.pop("epoch")), row)
    if summary is not None:
        log_summary(tracker, summary)
    if metrics.exists():
        tracker.results(RunFolder(folder).metrics())
    else:
        tracker.failed(TrackingError("the run did not end"))
    if tracker.lost:
        raise TrackingError(
            f"MLflow at {without_password(tracker.uri)} does not answer: {tracker.lost}"
        )
    return tracker.run_id
