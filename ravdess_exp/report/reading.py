"""What is in a finished folder, read for a report: results, settings, facts, predictions, curves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from omegaconf import OmegaConf

from ravdess_exp.again import recorded_command
from ravdess_exp.errors import OutputError
from ravdess_exp.folder import (
    BUNDLE,
    CONFIGURATION,
    CROSSED,
    HISTORY,
    IDENTITY,
    PREDICTIONS,
    SPLIT,
    SUMMARY,
    RunFolder,
)
from ravdess_exp.predict.files import DESCRIPTION
from ravdess_exp.report.findings import Findings
from ravdess_exp.report.numbers.findings import Findings as NumberFindings
from ravdess_exp.report.study import AnyFindings, findings_of
from ravdess_exp.scoring import study_json
from ravdess_exp.scoring.calibration import Reliability
from ravdess_exp.scoring.metrics import confusion
from ravdess_exp.scoring.numbers.predictions import number_columns
from ravdess_exp.scoring.numbers.run_result import NumbersResult
from ravdess_exp.scoring.other import read_others
from ravdess_exp.scoring.pooled import Pooled
from ravdess_exp.scoring.run_result import RunResult


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A run or a study, as its folder tells it.

    place: the folder that it was made in, which this one is or is a copy of;
    runs: the folders of a study's finished runs by label, of a run its own; predictions: every row of
    predictions.csv; reliability: None where there are no probabilities; described: what bundle.json
    says, empty without one; made_by: machine, code and versions, as far as a run wrote them down;
    missing: why runs of a study are not there.
    """

    folder: Path
    place: Path
    name: str
    command: str | None
    findings: AnyFindings
    runs: Mapping[str, Path]
    predictions: pd.DataFrame
    reliability: Reliability | None
    described: Mapping[str, object]
    made_by: Mapping[str, str]
    missing: Mapping[str, str]
    conditions: Mapping[str, float]

    @property
    def is_study(self) -> bool:
        """Whether it is of several runs."""
        return (self.folder / SUMMARY).exists()

    def splits(self) -> list[pd.DataFrame]:
        """split.csv of every run: clip, actor, set, used, sha256; those that have it."""
        paths = [folder / SPLIT for folder in self.runs.values()]
        return [pd.read_csv(path, keep_default_na=False) for path in paths if path.exists()]

    def histories(self) -> list[pd.DataFrame]:
        """history.csv of every run that has one: a row an epoch."""
        paths = [folder / HISTORY for folder in self.runs.values()]
        return [pd.read_csv(path) for path in paths if path.exists()]


def read_finished(folder: Path, made_in: Path | None = None) -> Finished:
    """Read a run's or a study's folder; raises `OutputError` where no run is finished in it.

    made_in: the folder that it is a copy of, which its command names.
    """
    place = RunFolder(folder)
    if not folder.is_dir():
        raise OutputError(f"{folder}: no such folder; expected that of a run or of a study")
    if not place.finished or not (folder / PREDICTIONS).exists():
        command = recorded_command(folder)
        advice = f"; this goes on with it: {command}" if command else ""
        if (folder / CROSSED).exists():
            advice = " itself: corpora are crossed in it; name the folders of its runs"
        raise OutputError(f"{folder}: no finished run or study in it{advice}")
    try:
        return _read(place, made_in)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        # written by nobody of ours, or changed since: each file is whole or not there
        raise OutputError(
            f"{folder}: its results cannot be read ({type(error).__name__}: {error}); expected the files "
            "as a run leaves them: do it again, or take a copy of them"
        ) from error


def _read(place: RunFolder, made_in: Path | None) -> Finished:
    folder = place.path
    predictions = pd.read_csv(folder / PREDICTIONS)
    numbers = bool(number_columns(predictions))
    pooled = None
    if not numbers:
        pooled = Pooled.of(predictions if "seed" in predictions else predictions.assign(seed=0))
    if (folder / SUMMARY).exists():
        result = study_json.load(folder)
        runs = {member.label: folder / member.label for member in result.members}
        settings = _settings(next(iter(runs.values())))
        findings, missing = findings_of(result, settings), result.missing
        conditions: dict[str, float] = {}
    else:
        runs, missing = {folder.name: folder}, {}
        findings, conditions = _numbers_run(place) if numbers else _class_run(place, pooled)
    return Finished(
        folder=folder,
        place=made_in or folder.resolve(),
        name=folder.resolve().name,
        command=recorded_command(folder, made_in),
        findings=findings,
        runs=runs,
        predictions=predictions,
        reliability=_reliability(pooled) if pooled else None,
        described=_json(folder / BUNDLE / DESCRIPTION),
        made_by=_json(next(iter(runs.values())) / IDENTITY).get("made_by", {}),
        missing=missing,
        conditions=conditions,
    )


def _class_run(place: RunFolder, pooled: Pooled) -> tuple[AnyFindings, dict[str, float]]:
    """The findings of a run that names classes, and UAR by condition."""
    run = _run(place, pooled)
    conditions = {name: of.uar for name, of in run.conditions.items()}
    return Findings.of_run(run, _settings(place.path)), conditions


def _numbers_run(place: RunFolder) -> tuple[AnyFindings, dict[str, float]]:
    """The findings of a run that tells numbers, and CCC by condition."""
    run = NumbersResult.from_metrics(place.metrics())
    conditions = {name: of.ccc for name, of in run.conditions.items()}
    return NumberFindings.of_run(run, _settings(place.path)), conditions


def _run(place: RunFolder, pooled: Pooled) -> RunResult:
    """metrics.json does not hold the classes, the confusion and all of the further corpora."""
    counts = confusion(pooled.labels.ravel(), pooled.predicted.ravel(), len(pooled.names))
    result = RunResult.from_metrics(place.metrics())
    return replace(
        result,
        classes=pooled.names,
        confusion=tuple(tuple(map(int, row)) for row in counts),
        others=read_others(place.path),
    )


def _reliability(pooled: Pooled) -> Reliability | None:
    if pooled.probabilities is None:
        return None
    labels = pooled.labels.ravel()
    return Reliability.of(labels, pooled.probabilities.reshape(len(labels), -1))


def _settings(folder: Path) -> dict[str, object]:
    """By dotted key, as the run's configuration was composed; empty where it is not there."""
    path = folder / CONFIGURATION / "config.yaml"
    if not path.exists():
        return {}
    return dict(_flat(OmegaConf.to_container(OmegaConf.load(path), resolve=False), ""))


def _flat(node: Mapping, prefix: str):
    for key, value in node.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _json(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
