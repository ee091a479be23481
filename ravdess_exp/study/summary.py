"""What the finished runs of a study found together, and the files that say so."""

import pandas as pd

from ravdess_exp.config.encoders import saw_ravdess
from ravdess_exp.config.schema import LeakyKFold
from ravdess_exp.files import whole
from ravdess_exp.folder import ACTORS, CONFUSION, METRICS, PREDICTIONS, SUMMARY, RunFolder
from ravdess_exp.scoring.pooled import Pooled
from ravdess_exp.scoring.run_result import RunResult
from ravdess_exp.scoring.study_json import as_json
from ravdess_exp.scoring.study_result import MemberResult, StudyResult
from ravdess_exp.scoring.study_scores import StudyScores
from ravdess_exp.study.study import Member, Study


def write_summary(study: Study, *, given_up: bool = False) -> StudyResult:
    """summary.json, metrics.json, predictions.csv and the figures, from what is finished."""
    folder = RunFolder(study.folder)
    table = predictions(study)
    result = summarise(study, table, given_up=given_up)
    if result.scores is not None:
        from ravdess_exp.report import figures

        with whole(folder / PREDICTIONS) as path:
            table.to_csv(path, index=False)
        with whole(folder / CONFUSION) as path:
            figures.pooled_confusion(result, path)
        with whole(folder / ACTORS) as path:
            figures.actors(result, path)
    folder.write_json(METRICS, result.metrics())
    folder.write_json(SUMMARY, as_json(result), in_order=True)
    return result


def predictions(study: Study) -> pd.DataFrame:
    """Every prediction of the finished runs, with its fold and seed; empty where none is finished."""
    tables = []
    for member in study.done():
        table = pd.read_csv(member.folder / PREDICTIONS)
        table.insert(0, "seed", member.seed)
        table.insert(0, "fold", member.label.split("-")[0])
        tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def summarise(study: Study, table: pd.DataFrame, *, given_up: bool = False) -> StudyResult:
    """The result of a study. table: `predictions` of it; given_up: by a search, on purpose."""
    done = study.done()
    return StudyResult(
        command="ravdess-exp " + " ".join(study.overrides),
        runs=len(study.members),
        folds=len({member.fold for member in study.members}),
        members=tuple(_result(member) for member in done),
        missing={m.label: m.failure() for m in study.members if m not in done},
        scores=StudyScores.of(Pooled.of(table)) if done else None,
        leaky=isinstance(study.config.split, LeakyKFold),
        labels_shuffled=study.config.data.shuffle_labels,
        given_up=given_up,
        saw_ravdess=saw_ravdess(study.config),
    )


def _result(member: Member) -> MemberResult:
    run = RunResult.from_metrics(RunFolder(member.folder).metrics())
    return MemberResult.of(member.label, member.fold, member.seed, run)
