"""What a study found, as numbers. Text, JSON, MLflow and figures render it and compute nothing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from statistics import fmean

import pandas as pd

from ravdess_exp.corpus.speaker import label_of
from ravdess_exp.scoring.baseline import Baseline
from ravdess_exp.scoring.groups import each_group
from ravdess_exp.scoring.members import MemberCost, StudyRuns
from ravdess_exp.scoring.other import Others
from ravdess_exp.scoring.pooled import MEASURES
from ravdess_exp.scoring.run_result import LAST_EPOCHS_METRIC, LEAKY_METRIC, RunResult
from ravdess_exp.scoring.study_scores import BranchScore, Score, StudyScores


@dataclass(frozen=True, kw_only=True)
class MemberResult(MemberCost):
    """One finished run of a study: UAR on its test clips and on validation."""

    test_uar: float
    val_uar: float
    val_ece: float | None = None  # version 0.2 had none
    sure_accuracy: float | None = None  # that its threshold was chosen for
    val_uar_last: float | None = None  # see `RunResult.validation_last`

    @classmethod
    def of(cls, label: str, fold: int | str | None, seed: int, run: RunResult) -> "MemberResult":
        """The part of a run's result that a study keeps."""
        return cls(
            **cls.cost_of(label, fold, seed, run),
            test_uar=run.test.uar,
            val_uar=run.validation.uar,
            val_ece=run.validation_calibration.ece if run.validation_calibration else None,
            val_uar_last=run.validation_last,
            sure_accuracy=run.sureness.threshold.wanted if run.sureness else None,
        )


@dataclass(frozen=True)
class FoldResult:
    """One fold: means over the seeds that are done."""

    fold: int | str | None
    seeds: tuple[int, ...]
    test_uar: float
    val_uar: float
    seconds: float
    memory_mb: float

    @classmethod
    def of(cls, members: list[MemberResult]) -> "FoldResult":
        """members: the finished runs of the fold, at least one."""
        names = ("test_uar", "val_uar", "seconds", "memory_mb")
        means = {name: fmean(getattr(member, name) for member in members) for name in names}
        return cls(members[0].fold, tuple(member.seed for member in members), **means)


@dataclass(frozen=True, kw_only=True)
class StudyResult(StudyRuns):
    """What the finished runs of a study found together.

    scores: None where no run is finished; branches: of a late fusion, by name; baseline: of the same clips.
    """

    members: tuple[MemberResult, ...]
    scores: StudyScores | None
    branches: Mapping[str, BranchScore] = field(default_factory=dict)
    baseline: Baseline | None = None
    others: Others = field(default_factory=Others)  # further corpora

    @property
    def fold_results(self) -> dict[str, FoldResult]:
        """Every fold of which a run is finished, by name."""
        return {name: FoldResult.of(members) for name, members in self.of_folds().items()}

    @property
    def score(self) -> float:
        """What a search may choose by."""
        return self.val_uar

    @property
    def score_last(self) -> float | None:
        """The same over the last epochs; None where a run chose none."""
        return self.val_uar_last

    @property
    def val_uar(self) -> float:
        """Validation UAR, mean over the finished runs."""
        return fmean(member.val_uar for member in self.members)

    @property
    def val_uar_last(self) -> float | None:
        """The same over the last epochs; None where a run chose none, or is of an older version."""
        of_runs = [member.val_uar_last for member in self.members]
        return None if None in of_runs else fmean(of_runs)

    def table(self) -> pd.DataFrame:
        """A row a finished run, by its label: fold, seed, scores, seconds, megabytes, parameters.

        >>> import ravdess_exp
        >>> ravdess_exp.load_study("outputs/studies/mine").table()["fold"].tolist()
        [1, 2, 3]
        """
        columns = [of.name for of in fields(MemberResult)]
        rows = [asdict(member) for member in self.members]
        return pd.DataFrame(rows, columns=columns).set_index("label")

    def speakers(self) -> pd.DataFrame:
        """A row a speaker that was scored: clips, UAR, accuracy and macro F1, means over seeds.

        >>> import ravdess_exp
        >>> list(ravdess_exp.load_study("outputs/studies/mine").speakers().columns)
        ['clips', 'uar', 'accuracy', 'macro_f1']
        """
        actors = self.scores.actors if self.scores else {}
        rows = {speaker: asdict(of) for speaker, of in actors.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("speaker")

    def series(self) -> dict[str, dict[int, float]]:
        """Metrics of MLflow by fold; see `StudyRuns.series_of`."""
        return self.series_of(("test_uar", "val_uar", "seconds", "memory_mb"))

    def metrics(self) -> dict[str, float]:
        """One flat dictionary for metrics.json and MLflow, under the names that a run uses."""
        metrics = self.run_counts()
        if self.scores is None:
            return metrics
        for name in MEASURES:
            score: Score = getattr(self.scores, name)
            metrics[f"test/{name}"] = score.value
            metrics |= {f"test/{name}_low": score.low, f"test/{name}_high": score.high}
        metrics |= {f"test/recall/{name}": value for name, value in self.scores.recall.items()}
        for actor, of_actor in self.scores.actors.items():
            metrics |= {f"test/actor_{label_of(actor)}/{k}": v for k, v in asdict(of_actor).items()}
        for what, of in self.branches.items():
            metrics[f"test/{what}/uar"] = of.uar
            metrics |= {f"test/{what}/uar_low": of.low, f"test/{what}/uar_high": of.high}
            metrics[f"val/{what}/uar"] = of.val_uar
        metrics |= self.baseline.metrics() if self.baseline else {}
        metrics |= self.others.metrics()
        metrics |= self._beside_scores()
        if self.leaky:
            metrics[LEAKY_METRIC] = 1.0
        if self.val_uar_last is not None:
            metrics[LAST_EPOCHS_METRIC] = self.val_uar_last
        spread = {"actors": self.scores.actor_spread, "seeds": self.scores.seed_spread}
        metrics |= {f"spread/{name}": value for name, value in spread.items() if value is not None}
        return metrics | {"val/uar": self.val_uar} | self.time_metrics()

    def _beside_scores(self) -> dict[str, float]:
        """What the probabilities are worth, and the scores by group."""
        scores, metrics = self.scores, {}
        if scores.calibration:
            metrics |= scores.calibration.metrics("test")
        if None not in (of_runs := [member.val_ece for member in self.members]):
            metrics["val/ece"] = fmean(of_runs)
        if scores.kept and self.members[0].sure_accuracy is not None:
            metrics |= {"sure/wanted": self.members[0].sure_accuracy}
            metrics |= scores.kept.metrics("test/sure")
        for division, group, score in each_group(scores.groups):
            metrics |= score.metrics(f"test/{division}/{group}")
        return metrics
