"""Bring up what a server did not get."""

import json
from pathlib import Path

import pandas as pd

from ravdess_exp.config.schema import Mlflow
from ravdess_exp.errors import RavdessError, StudyError, TrackingError
from ravdess_exp.folder import HISTORY, MODEL, SUMMARY, RunFolder
from ravdess_exp.models.fusion import load_model
from ravdess_exp.scoring.study_json import load
from ravdess_exp.scoring.study_result import StudyResult
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
    study = load(folder) if (folder / SUMMARY).exists() else None
    run_id = record.get("run_id")
    if not _arrived(uri, run_id, finished=_failure(folder, study) is None):
        run_id = _send(folder, record, study, uri, experiment, parent)
    if study is not None:
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


def _failure(folder: Path, study: StudyResult | None) -> RavdessError | None:
    """Why the run or the study in this folder did not end as it was to; None where it did."""
    if study is not None:
        ended = study.complete or study.given_up
        return None if ended else StudyError(study.why_incomplete())
    run = RunFolder(folder)
    return None if run.finished else TrackingError(f"the run did not end: {run.failure()}")


def _send(
    folder: Path,
    record: dict,
    study: StudyResult | None,
    uri: str,
    experiment: str,
    parent: str | None,
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
    history, model = folder / HISTORY, folder / MODEL
    for row in pd.read_csv(history).to_dict("records") if history.exists() else []:
        tracker.epoch(int(row.pop("epoch")), row)
    for name, values in study.series().items() if study is not None else ():
        tracker.series(name, values)
    if failure := _failure(folder, study):
        tracker.failed(failure)
    else:
        metrics = RunFolder(folder).metrics()
        tracker.results(metrics, load_model(model) if model.exists() else None)
    if tracker.lost:
        raise TrackingError(f"MLflow at {shown(tracker.uri)} does not answer: {tracker.lost}")
    return tracker.run_id
