"""What the finished runs of a study that tells numbers found together, and its files."""

from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

import pandas as pd

from ravdess_exp.files import whole
from ravdess_exp.folder import ACTORS, BASELINE, BRANCH_PREDICTIONS, GROUPS, SCATTER, RunFolder
from ravdess_exp.scoring.numbers.measures import score
from ravdess_exp.scoring.numbers.parts import Branch
from ravdess_exp.scoring.numbers.predictions import NumberPredictions
from ravdess_exp.scoring.numbers.run_result import NumbersResult
from ravdess_exp.scoring.numbers.study_result import NumbersMember, NumbersStudy, PooledNumbers
from ravdess_exp.study.study import Member, Study

Joined = Callable[[Study, str], pd.DataFrame]  # a file of predictions of every finished run


def summarise(
    study: Study, table: pd.DataFrame, common: Mapping[str, Any], groups: Mapping, joined: Joined
) -> NumbersStudy:
    """The result. table: every prediction; common: fields of `StudyRuns`; groups: of each clip by name."""
    done = study.done()
    return NumbersStudy(
        **common,
        members=tuple(_member(member) for member in done),
        scores=PooledNumbers.from_predictions(NumberPredictions.of(table, groups))
        if done
        else None,
        branches=_branches(study, joined),
        baseline=_baseline(study, joined),
    )


def draw(result: NumbersStudy, table: pd.DataFrame, folder: RunFolder) -> None:
    """The figures of a study with scores."""
    from ravdess_exp.report.numbers import figures

    scores, said = result.scores, NumberPredictions.of(table)
    over = figures.title(
        scores.of, clips=scores.clips, leaky=result.leaky, runs=len(result.members)
    )
    with whole(folder / SCATTER) as path:
        figures.scatter(said, scores.of, over, path)
    with whole(folder / ACTORS) as path:
        figures.actors(scores.speakers, scores.of.ccc, path)
    if scores.groups:
        with whole(folder / GROUPS) as path:
            figures.groups(scores.groups, scores.of.ccc, over, path)


def _member(member: Member) -> NumbersMember:
    run = NumbersResult.from_metrics(RunFolder(member.folder).metrics())
    return NumbersMember.of(member.label, member.fold, member.seed, run)


def _branches(study: Study, joined: Joined) -> dict[str, Branch]:
    """CCC of each branch of a late fusion; empty where a finished run has none."""
    done, found = study.done(), {}
    for what, name in BRANCH_PREDICTIONS.items():
        if done and all((member.folder / name).exists() for member in done):
            of_runs = [RunFolder(member.folder).metrics()[f"val/{what}/ccc"] for member in done]
            found[what] = Branch.of(_ccc(joined(study, name)), fmean(of_runs))
    return found


def _baseline(study: Study, joined: Joined):
    """What ridge regression on the same inputs gets; None where a finished run has none."""
    done = study.done()
    if not done or not all((member.folder / BASELINE).exists() for member in done):
        return None
    return _ccc(joined(study, BASELINE))


def _ccc(table: pd.DataFrame):
    said = NumberPredictions.of(table)
    return score("ccc", said.labels, said.predicted, said.actors)
