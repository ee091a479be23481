"""The runs of a study, whatever they tell of their clips: which are finished, and what they took."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ravdess_exp.scoring.cost import RunCost


@dataclass(frozen=True, kw_only=True)
class MemberCost:
    """One finished run of a study. fold: the actor or the fold it scored; None without folds."""

    label: str
    fold: int | str | None
    seed: int
    best_epoch: int
    train_seconds: float
    seconds: float
    memory_mb: float
    peak_memory_mb: float
    parameters: int

    @staticmethod
    def cost_of(label: str, fold: int | str | None, seed: int, run: RunCost) -> dict[str, Any]:
        """These fields, of a run."""
        return {
            "label": label,
            "fold": fold,
            "seed": seed,
            "best_epoch": run.best_epoch,
            "train_seconds": run.seconds["train"],
            "seconds": run.seconds["total"],
            "memory_mb": run.memory_mb,
            "peak_memory_mb": run.peak_memory_mb,
            "parameters": run.parameters,
        }

    @property
    def fold_name(self) -> str:
        """The label without the seed; of a split without folds, `split`."""
        return "split" if self.fold is None else self.label.removesuffix(f"-seed_{self.seed}")


@dataclass(frozen=True, kw_only=True)
class StudyRuns:
    """The runs of a study.

    runs, folds: how many there are to be, a run for each fold and seed; members: the finished runs;
    missing: why each of the others is not there, by label; given_up: by a search, after a part of
    the folds.
    """

    command: str
    runs: int
    folds: int
    members: tuple[MemberCost, ...]
    missing: Mapping[str, str]
    leaky: bool = False
    labels_shuffled: bool = False
    given_up: bool = False
    saw_ravdess: bool = False  # a frozen encoder was trained on it

    @property
    def complete(self) -> bool:
        """Whether every run is finished."""
        return not self.missing

    def why_incomplete(self) -> str:
        """How many runs are missing, and why, in a line."""
        reasons = "; ".join(f"{label}: {reason}" for label, reason in self.missing.items())
        return f"{len(self.missing)} of {self.runs} runs are missing ({reasons[:2000]})"

    def of_folds(self) -> dict[str, list]:
        """The finished runs of every fold that has one, by its name."""
        of_fold: dict[str, list] = {}
        for member in self.members:
            of_fold.setdefault(member.fold_name, []).append(member)
        return of_fold

    @property
    def folds_done(self) -> int:
        """Folds of which the runs with all seeds are finished."""
        seeds = self.runs // self.folds
        return sum(len(members) == seeds for members in self.of_folds().values())

    @property
    def seconds(self) -> float:
        """Time of all finished runs together."""
        return float(sum(member.seconds for member in self.members))

    def series_of(self, names: tuple[str, ...]) -> dict[str, dict[int, float]]:
        """Values of `fold_results` by fold: the number of the actor or of the fold, 0 without folds.

        Actors that are no numbers count from 0 on, in the order of the folds.
        """
        return {
            f"fold/{name}": {
                of.fold if isinstance(of.fold, int) else step: getattr(of, name)
                for step, of in enumerate(self.fold_results.values())
            }
            for name in names
        }

    def run_counts(self) -> dict[str, float]:
        """How far the study is."""
        return {
            "folds_done": self.folds_done,
            "folds": self.folds,
            "runs_done": len(self.members),
            "runs": self.runs,
        }

    def time_metrics(self) -> dict[str, float]:
        """What the finished runs took; at least one."""
        return {
            "seconds/train": float(sum(member.train_seconds for member in self.members)),
            "seconds/total": self.seconds,
            "parameters": self.members[0].parameters,
        }
