"""How far a study is and what it must say of itself, whatever its models learn: the head of summary.json."""

from collections.abc import Mapping, Sized
from typing import Any, Protocol


class Study(Protocol):
    """`StudyResult` and `NumbersStudy`, as far as they are alike."""

    members: Sized
    complete: bool
    given_up: bool
    folds_done: int
    folds: int
    runs: int
    missing: Mapping[str, str]
    leaky: bool
    labels_shuffled: bool
    saw_ravdess: bool
    command: str


def state_as_json(result: Study) -> dict[str, Any]:
    """Under the names of summary.json."""
    return {
        "complete": result.complete,
        "given_up": result.given_up,
        "folds_done": result.folds_done,
        "folds": result.folds,
        "runs_done": len(result.members),
        "runs": result.runs,
        "missing": dict(result.missing),
        "leaky": result.leaky,
        "labels_shuffled": result.labels_shuffled,
        "saw_ravdess": result.saw_ravdess,
        "command": result.command,
    }
