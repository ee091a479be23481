"""summary.json of a study that tells numbers: written and read."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ravdess_exp.corpus.speaker import speaker_of
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS
from ravdess_exp.scoring.numbers.measures import NumberScores, TargetScores
from ravdess_exp.scoring.numbers.parts import Branch, GroupScores, SpeakerScores
from ravdess_exp.scoring.numbers.study_result import NumbersMember, NumbersStudy, PooledNumbers
from ravdess_exp.scoring.study_scores import Score
from ravdess_exp.scoring.study_state import state_as_json

MARK = "numbers"  # the key that a study of classes has not


def as_json(result: NumbersStudy) -> dict[str, Any]:
    """What summary.json holds: the runs, and where one is finished, the scores."""
    content = state_as_json(result) | {MARK: list(result.names)}
    if result.scores is None:
        return content
    scores = result.scores
    few = len(scores.speakers) < ENOUGH_SPEAKERS
    return content | {
        **_score("ccc", scores.of.ccc),
        "per_number": {
            name: {
                key: value
                for measure, of in vars(target).items()
                for key, value in _score(measure, of).items()
            }
            for name, target in scores.of.targets.items()
        },
        "intervals_over": "clips" if few else "speakers",
        "clips": scores.clips,
        "per_actor": {actor: asdict(of) for actor, of in scores.speakers.items()},
        "per_seed": {seed: {"ccc": of} for seed, of in scores.seeds.items()},
        "per_group": {
            division: {group: asdict(of) for group, of in of_division.items()}
            for division, of_division in scores.groups.items()
        },
        "per_branch": {what: asdict(of) for what, of in result.branches.items()},
        "baseline": None if result.baseline is None else _score("ccc", result.baseline),
        "val_ccc": result.score,
        "val_ccc_last_epochs": result.score_last,
        "per_fold": {name: asdict(fold) for name, fold in result.fold_results.items()},
        "per_run": {
            member.label: {k: v for k, v in asdict(member).items() if k != "label"}
            for member in result.members
        },
        "seconds": result.seconds,
    }


def from_json(content: Mapping[str, Any]) -> NumbersStudy:
    """The result that `as_json` wrote; raises `KeyError` and `TypeError`."""
    baseline = content.get("baseline")
    return NumbersStudy(
        command=content["command"],
        runs=content["runs"],
        folds=content["folds"],
        members=tuple(
            NumbersMember(label=label, **of) for label, of in content.get("per_run", {}).items()
        ),
        missing=content["missing"],
        scores=_scores(content) if "ccc" in content else None,
        branches={what: Branch(**of) for what, of in content.get("per_branch", {}).items()},
        baseline=None if baseline is None else _read("ccc", baseline),
        leaky=content["leaky"],
        labels_shuffled=content["labels_shuffled"],
        given_up=content["given_up"],
        saw_ravdess=content["saw_ravdess"],
    )


def _scores(content: Mapping[str, Any]) -> PooledNumbers:
    targets = {
        name: TargetScores(**{m: _read(m, of) for m in TargetScores.__dataclass_fields__})
        for name, of in content["per_number"].items()
    }
    return PooledNumbers(
        of=NumberScores(_read("ccc", content), targets),
        clips=content["clips"],
        speakers={speaker_of(a): SpeakerScores(**of) for a, of in content["per_actor"].items()},
        groups={
            division: {group: GroupScores(**of) for group, of in of_division.items()}
            for division, of_division in content["per_group"].items()
        },
        seeds={int(seed): of["ccc"] for seed, of in content["per_seed"].items()},
    )


def _score(name: str, of: Score) -> dict[str, Any]:
    return {name: of.value, f"{name}_ci95": [of.low, of.high]}


def _read(name: str, content: Mapping[str, Any]) -> Score:
    return Score(content[name], *content[f"{name}_ci95"])
