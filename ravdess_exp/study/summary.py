"""What the finished runs of a study found together, and the files that say so."""

from statistics import fmean

import pandas as pd

from ravdess_exp.again import study_command
from ravdess_exp.config.encoders import saw_ravdess
from ravdess_exp.corpus.groups import groups_of
from ravdess_exp.files import whole
from ravdess_exp.folder import (
    ACTORS,
    BASELINE,
    BRANCH_PREDICTIONS,
    CONFUSION,
    GROUPS,
    METRICS,
    PREDICTIONS,
    RELIABILITY,
    SUMMARY,
    RunFolder,
    predictions_file,
)
from ravdess_exp.scoring.baseline import Baseline
from ravdess_exp.scoring.numbers.study_result import NumbersStudy
from ravdess_exp.scoring.pooled import SURE, Pooled, class_columns, read_predictions
from ravdess_exp.scoring.run_result import RunResult
from ravdess_exp.scoring.study_json import as_json
from ravdess_exp.scoring.study_result import MemberResult, StudyResult
from ravdess_exp.scoring.study_scores import BranchScore, StudyScores
from ravdess_exp.scoring.sureness import Sureness
from ravdess_exp.study import numbers
from ravdess_exp.study.others import joined_others, pool_others
from ravdess_exp.study.study import Member, Study

AnyResult = StudyResult | NumbersStudy


def write_summary(study: Study, *, given_up: bool = False) -> AnyResult:
    """summary.json, metrics.json, predictions.csv and the figures, from what is finished."""
    folder = RunFolder(study.folder)
    table = predictions(study)
    result = summarise(study, table, given_up=given_up)
    if result.scores is not None:
        with whole(folder / PREDICTIONS) as path:
            table.drop(columns=SURE, errors="ignore").to_csv(path, index=False)
        for name, of_other in joined_others(study).items():
            with whole(folder / predictions_file(name)) as path:
                of_other.to_csv(path, index=False)
        for what in result.branches:
            with whole(folder / BRANCH_PREDICTIONS[what]) as path:
                _joined(study, BRANCH_PREDICTIONS[what]).to_csv(path, index=False)
        if isinstance(result, NumbersStudy):
            numbers.draw(result, table, folder)
        else:
            _draw(result, folder)
    folder.write_json(METRICS, result.metrics())
    folder.write_json(SUMMARY, as_json(result), in_order=True)
    return result


def _draw(result: StudyResult, folder: RunFolder) -> None:
    """The figures of a study with scores."""
    from ravdess_exp.report import figures, score_figures

    scores = result.scores
    with whole(folder / CONFUSION) as path:
        figures.pooled_confusion(result, path)
    with whole(folder / ACTORS) as path:
        figures.actors(result, path)
    title = figures.study_title(result)
    if scores.reliability:
        with whole(folder / RELIABILITY) as path:
            score_figures.reliability(scores.reliability, title, path)
    if scores.groups:
        overall = (scores.uar.value, scores.uar.low, scores.uar.high)
        with whole(folder / GROUPS) as path:
            score_figures.groups(scores.groups, overall, len(scores.classes), title, path)


def predictions(study: Study) -> pd.DataFrame:
    """Every prediction of the finished runs, with its fold and seed; empty where none is finished.

    The column `sure` is there where every run has a threshold: each is applied to its own clips.
    """
    tables = []
    for member in study.done():
        table = read_predictions(member.folder / PREDICTIONS)
        sureness = Sureness.from_metrics(RunFolder(member.folder).metrics())  # none of numbers
        if sureness:
            probabilities = table[list(class_columns(table))].to_numpy()
            table[SURE] = sureness.threshold.keeps(probabilities)
        table.insert(0, "seed", member.seed)
        table.insert(0, "fold", member.fold_label)
        tables.append(table)
    if any(SURE not in table for table in tables):
        tables = [table.drop(columns=SURE, errors="ignore") for table in tables]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _joined(study: Study, name: str) -> pd.DataFrame:
    """A file of predictions of every finished run, with its fold and seed."""
    tables = []
    for member in study.done():
        table = read_predictions(member.folder / name)
        table.insert(0, "seed", member.seed)
        table.insert(0, "fold", member.fold_label)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _branches(study: Study) -> dict[str, BranchScore]:
    """The scores of each branch of a late fusion; empty where a finished run has none."""
    done, found = study.done(), {}
    for what, name in BRANCH_PREDICTIONS.items():
        if done and all((member.folder / name).exists() for member in done):
            of_runs = [RunFolder(member.folder).metrics()[f"val/{what}/uar"] for member in done]
            found[what] = BranchScore.of(Pooled.of(_joined(study, name)), fmean(of_runs))
    return found


def _baseline(study: Study) -> Baseline | None:
    """What linear models on the same inputs get; None where a finished run has none."""
    done = study.done()
    if not done or not all((member.folder / BASELINE).exists() for member in done):
        return None
    return Baseline.of_study(Pooled.of(_joined(study, BASELINE)))


def summarise(study: Study, table: pd.DataFrame, *, given_up: bool = False) -> AnyResult:
    """The result of a study. table: `predictions` of it; given_up: by a search, on purpose."""
    done = study.done()
    groups = {clip.name: groups_of(clip) for clip in study.manifest.clips}
    common = {
        "command": study_command(study.overrides, study.folder),
        "runs": len(study.members),
        "folds": len({member.fold for member in study.members}),
        "missing": {m.label: m.failure() for m in study.members if m not in done},
        "leaky": study.config.is_leaky,
        "labels_shuffled": study.config.data.shuffle_labels,
        "given_up": given_up,
        "saw_ravdess": saw_ravdess(study.config),
    }
    if study.config.numbers:
        return numbers.summarise(study, table, common, groups, _joined)
    return StudyResult(
        **common,
        members=tuple(_result(member) for member in done),
        scores=StudyScores.of(Pooled.of(table), groups) if done else None,
        branches=_branches(study),
        baseline=_baseline(study),
        others=pool_others(study, joined_others(study)),
    )


def _result(member: Member) -> MemberResult:
    run = RunResult.from_metrics(RunFolder(member.folder).metrics())
    return MemberResult.of(member.label, member.fold, member.seed, run)
