"""summary.json: a study's result as JSON, written and read."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ravdess_exp.again import recorded_command
from ravdess_exp.corpus.speaker import speaker_of
from ravdess_exp.errors import OutputError
from ravdess_exp.folder import SUMMARY
from ravdess_exp.scoring.baseline import Baseline
from ravdess_exp.scoring.calibration import Calibration, Reliability
from ravdess_exp.scoring.crossed_result import CrossedResult
from ravdess_exp.scoring.groups import GroupScore
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS
from ravdess_exp.scoring.numbers import study_json as numbers_json
from ravdess_exp.scoring.numbers.study_result import NumbersStudy
from ravdess_exp.scoring.other import Others
from ravdess_exp.scoring.pooled import MEASURES
from ravdess_exp.scoring.study_result import MemberResult, StudyResult
from ravdess_exp.scoring.study_scores import ActorScore, BranchScore, Score, SeedScore, StudyScores
from ravdess_exp.scoring.study_state import state_as_json
from ravdess_exp.scoring.sureness import Kept

# version 0.2 wrote none of them
_OPTIONAL = {"calibration": Calibration, "reliability": Reliability, "kept": Kept}


def as_json(result: StudyResult | NumbersStudy) -> dict[str, Any]:
    """What summary.json holds: the runs, and where one is finished, the scores."""
    if isinstance(result, NumbersStudy):
        return numbers_json.as_json(result)
    content = state_as_json(result)
    if result.scores is None:
        return content
    return content | {
        **_scores_as_json(result.scores),
        "val_uar": result.val_uar,
        "val_uar_last_epochs": result.val_uar_last,
        "per_branch": {what: asdict(of) for what, of in result.branches.items()},
        "baseline": asdict(result.baseline) if result.baseline else None,
        "others": result.others.as_json(),
        "per_fold": {name: asdict(fold) for name, fold in result.fold_results.items()},
        "per_run": {
            member.label: {k: v for k, v in asdict(member).items() if k != "label"}
            for member in result.members
        },
        "seconds": result.seconds,
    }


def load(folder: Path) -> StudyResult | NumbersStudy | CrossedResult:
    """Read a study's summary.json, or that of one that crosses corpora; raises `OutputError`."""
    path = folder / SUMMARY
    try:
        content = json.loads(path.read_text())
        return CrossedResult.from_json(content) if "cells" in content else from_json(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        command = recorded_command(folder)
        advice = "give the study's command again, with hydra.sweep.dir=FOLDER, which writes it anew"
        if command is not None:
            advice = f"this writes it anew: {command}"
        raise OutputError(
            f"{path}: cannot be read as a study's result ({type(error).__name__}: {error}); {advice}"
        ) from error


def from_json(content: Mapping[str, Any]) -> StudyResult | NumbersStudy:
    """The result that `as_json` wrote, or an earlier version; raises `KeyError` and `TypeError`."""
    if numbers_json.MARK in content:
        return numbers_json.from_json(content)
    if "runs" not in content:
        content = _of_earlier_version(content)
    members = content.get("per_run", {})
    return StudyResult(
        command=content["command"],
        runs=content["runs"],
        folds=content["folds"],
        members=tuple(MemberResult(label=label, **of) for label, of in members.items()),
        missing=content["missing"],
        scores=_scores_from_json(content) if "uar" in content else None,
        branches={w: BranchScore(**of) for w, of in content.get("per_branch", {}).items()},
        baseline=Baseline(**content["baseline"]) if content.get("baseline") else None,
        others=Others.from_json(content["others"]) if "others" in content else Others(),
        leaky=content["leaky"],
        labels_shuffled=content["labels_shuffled"],
        given_up=content["given_up"],
        saw_ravdess=content.get("saw_ravdess", False),  # since 0.3
    )


def _scores_as_json(scores: StudyScores) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name in MEASURES:
        score: Score = getattr(scores, name)
        content |= {name: score.value, f"{name}_ci95": [score.low, score.high]}
    few = len(scores.actors) < ENOUGH_SPEAKERS
    return content | {
        "intervals_over": "clips" if few else "speakers",
        "clips": scores.clips,
        "classes": scores.classes,
        "seeds": list(scores.seeds),
        "recall": dict(scores.recall),
        "per_actor": {actor: asdict(of) for actor, of in scores.actors.items()},
        "per_seed": {seed: asdict(of) for seed, of in scores.seeds.items()},
        "spread": {"actors": scores.actor_spread, "seeds": scores.seed_spread},
        "confusion": scores.confusion,
        **{name: asdict(of) for name in _OPTIONAL if (of := getattr(scores, name)) is not None},
        "per_group": {
            division: {group: asdict(score) for group, score in of_division.items()}
            for division, of_division in scores.groups.items()
        },
    }


def _scores_from_json(content: Mapping[str, Any]) -> StudyScores:
    return StudyScores(
        **{name: Score(content[name], *content[f"{name}_ci95"]) for name in MEASURES},
        clips=content["clips"],
        classes=tuple(content["classes"]),
        recall=content["recall"],
        actors={speaker_of(actor): ActorScore(**of) for actor, of in content["per_actor"].items()},
        seeds={int(seed): SeedScore(**of) for seed, of in content["per_seed"].items()},
        actor_spread=content["spread"]["actors"],
        seed_spread=content["spread"]["seeds"],
        confusion=tuple(tuple(row) for row in content["confusion"]),
        **{name: of(**_tuples(content[name])) for name, of in _OPTIONAL.items() if name in content},
        groups={
            division: {group: GroupScore(**_tuples(of)) for group, of in of_division.items()}
            for division, of_division in content.get("per_group", {}).items()
        },
    )


def _tuples(content: Mapping[str, Any]) -> dict[str, Any]:
    """With JSON's lists as the tuples that they were."""
    return {key: tuple(v) if isinstance(v, list) else v for key, v in content.items()}


def _of_earlier_version(content: Mapping[str, Any]) -> dict[str, Any]:
    """Content of a version whose `folds` and `per_fold` counted runs."""
    runs = content.get("per_fold", {})
    folds = {label.split("-seed_")[0] for label in (*runs, *content["missing"])}
    without_folds = all(label.startswith("seed_") for label in folds)
    return {
        **content,
        "given_up": False,
        "runs": content["folds"],
        "folds": 1 if without_folds else len(folds),
        "per_run": {
            label: of | {"fold": None if without_folds else of["fold"]}
            for label, of in runs.items()
        },
    }
