"""Bring up what a server did not get."""

import json
from pathlib import Path

import pandas as pd

from ravdess_exp.errors import TrackingError
from ravdess_exp.models.fusion import load_model
from ravdess_exp.schema import Mlflow
from ravdess_exp.sweep.runner import log_summary
from ravdess_exp.tracking.run import RECORD, MlflowTracker
from ravdess_exp.tracking.store import shown


def sync(
    folder: Path,
    uri: str | None = None,
    experiment: str = "ravdess_exp",
    parent: str | None = None,
) -> str:
    """Bring up the folder of a run, or of a study with all its runs, as new runs.

    parent: id of the run that it belongs under. Returns the new run's id.
    """
    path = folder / RECORD
    if not path.exists():
        raise TrackingError(f"{folder}: no {RECORD} in it, so it is not the folder of a run")
    record = json.loads(path.read_text())
    tags = record["tags"] | ({"mlflow.parentRunId": parent} if parent else {})
    settings = Mlflow(
        backend="mlflow", uri=uri, experiment=experiment, log_model=True, parent=parent
    )
    tracker = MlflowTracker(settings, folder=folder, params=record["params"], tags=tags)
    if "datasets" in record:
        known = record["datasets"]
        tracker.datasets(known["name"], known["source"], known["digests"])
    history = folder / "history.csv"
    for row in pd.read_csv(history).to_dict("records") if history.exists() else []:
        tracker.epoch(int(row.pop("epoch")), row)
    metrics, model, summary = (folder / n for n in ("metrics.json", "model.keras", "summary.json"))
    if summary.exists():
        log_summary(tracker, json.loads(summary.read_text()))
        for run in sorted(folder.glob(f"*/{RECORD}")):
            sync(run.parent, uri, experiment, tracker.run_id)
    if metrics.exists():
        tracker.results(
            json.loads(metrics.read_text()), load_model(model) if model.exists() else None
        )
    else:
        tracker.failed(TrackingError("the run did not end"))
    if tracker.lost:
        raise TrackingError(f"MLflow at {shown(tracker.uri)} does not answer: {tracker.lost}")
    return tracker.run_id
