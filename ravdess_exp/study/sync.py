"""Send what a server did not get."""

from pathlib import Path

import pandas as pd

from ravdess_exp.errors import RavdessError, StudyError, TrackingError
from ravdess_exp.folder import HISTORY, SUMMARY, RunFolder
from ravdess_exp.scoring.study_json import load
from ravdess_exp.scoring.study_result import StudyResult
from ravdess_exp.tracking.backend import (
    STORE_ERRORS,
    connect,
    run_status,
    tracking_uri,
    without_password,
)
from ravdess_exp.tracking.defaults import DEFAULT_EXPERIMENT
from ravdess_exp.tracking.record import RECORD, Record
from ravdess_exp.tracking.run import MlflowTracker


def sync(
    folder: Path,
    uri: str | None = None,
    experiment: str = DEFAULT_EXPERIMENT,
    parent: str | None = None,
) -> str:
    """Send the folder of a run, or of a study with all its runs.

    A run of which the store has a part is continued; one that it has to its end is left alone.
    parent: id of the run that it belongs under. Returns the run's id. Raises `TrackingError` where
    the folder is no run's or the store does not answer.
    """
    uri = tracking_uri(uri)
    record = Record.read(folder)
    study = load(folder) if (folder / SUMMARY).exists() else None
    run_id = record.run_id
    if not _arrived(uri, run_id, finished=_failure(folder, study) is None):
        run_id = _send(folder, record, study, uri, experiment, parent)
    if study is not None:
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


def _failure(folder: Path, study: StudyResult | None) -> RavdessError | None:
    """Why the run or the study in this folder did not end as it was to; None where it did."""
    if study is not None:
        ended = study.complete or study.given_up
        return None if ended else StudyError(study.why_incomplete())
    run = RunFolder(folder)
    return None if run.finished else TrackingError(f"the run did not end: {run.failure()}")


def _send(
    folder: Path,
    record: Record,
    study: StudyResult | None,
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
    history = folder / HISTORY
    for row in pd.read_csv(history).to_dict("records") if history.exists() else []:
        for of_training in _by_training(row):
            tracker.epoch(int(row["epoch"]), of_training)
    for name, values in study.series().items() if study is not None else ():
        tracker.series(name, values)
    if failure := _failure(folder, study):
        tracker.failed(failure)
    else:
        tracker.results(RunFolder(folder).metrics())
    if tracker.lost:
        raise TrackingError(
            f"MLflow at {without_password(tracker.uri)} does not answer: {tracker.lost}"
        )
    return tracker.run_id


def _by_training(row: dict[str, float]) -> list[dict[str, float]]:
    """The metrics in a row of history.csv of each training, some of which had fewer epochs."""
    trainings: dict[str, dict[str, float]] = {}
    for column, value in row.items():
        if column != "epoch" and not pd.isna(value):
            trainings.setdefault(column.rpartition("/")[0], {})[column] = value
    return list(trainings.values())
