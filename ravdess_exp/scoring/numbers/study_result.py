"""What a study of runs that tell numbers found. Text, JSON, MLflow and figures render it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from statistics import fmean

import numpy as np
import pandas as pd

from ravdess_exp.scoring.members import MemberCost, StudyRuns
from ravdess_exp.scoring.numbers.measures import NumberScores, of_seeds
from ravdess_exp.scoring.numbers.measures import ccc as concordance
from ravdess_exp.scoring.numbers.parts import Branch, Groups, Speakers, part_metrics
from ravdess_exp.scoring.numbers.predictions import NumberPredictions
from ravdess_exp.scoring.numbers.run_result import LAST_EPOCHS, NumbersResult
from ravdess_exp.scoring.run_result import LEAKY_METRIC
from ravdess_exp.scoring.study_scores import Score


@dataclass(frozen=True, kw_only=True)
class NumbersMember(MemberCost):
    """One finished run of a study: mean CCC on its test clips and on validation."""

    test_ccc: float
    val_ccc: float
    val_ccc_last: float | None = None

    @classmethod
    def of(
        cls, label: str, fold: int | str | None, seed: int, run: NumbersResult
    ) -> "NumbersMember":
        """The part of a run's result that a study keeps."""
        return cls(
            **cls.cost_of(label, fold, seed, run),
            test_ccc=run.test.ccc.value,
            val_ccc=run.validation.ccc.value,
            val_ccc_last=run.validation_last,
        )


@dataclass(frozen=True)
class NumbersFold:
    """One fold: means over the seeds that are done."""

    fold: int | str | None
    seeds: tuple[int, ...]
    test_ccc: float
    val_ccc: float
    seconds: float
    memory_mb: float


@dataclass(frozen=True, kw_only=True)
class PooledNumbers:
    """Scores of the pooled predictions: each clip told by a model of a run that tested it.

    seeds: mean CCC of all clips with each seed.
    """

    of: NumberScores
    clips: int
    speakers: Speakers
    groups: Groups
    seeds: Mapping[int, float]

    @classmethod
    def from_predictions(cls, said: NumberPredictions) -> "PooledNumbers":
        """Score them."""
        return cls(
            of=said.scores(),
            clips=len(said),
            speakers=said.by_actor(),
            groups=said.by_group(),
            seeds={
                seed: of_seeds(concordance)(said.labels[:, [s]], said.predicted[:, [s]])
                for s, seed in enumerate(said.seeds)
            },
        )

    @property
    def seed_spread(self) -> float | None:
        """Standard deviation over seeds; None of fewer than two."""
        values = list(self.seeds.values())
        return float(np.std(values, ddof=1)) if len(values) > 1 else None


@dataclass(frozen=True, kw_only=True)
class NumbersStudy(StudyRuns):
    """What the finished runs of a study found together; scores: None where none is finished."""

    members: tuple[NumbersMember, ...]
    scores: PooledNumbers | None
    branches: Mapping[str, Branch] = field(default_factory=dict)
    baseline: Score | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the numbers; empty where no run is finished."""
        return tuple(self.scores.of.targets) if self.scores else ()

    @property
    def score(self) -> float:
        """What a search may choose by: mean CCC on validation over the finished runs."""
        return fmean(member.val_ccc for member in self.members)

    @property
    def score_last(self) -> float | None:
        """The same over the last epochs; None where a run chose none."""
        of_runs = [member.val_ccc_last for member in self.members]
        return None if None in of_runs else fmean(of_runs)

    @property
    def fold_results(self) -> dict[str, NumbersFold]:
        """Every fold of which a run is finished, by name."""
        names = ("test_ccc", "val_ccc", "seconds", "memory_mb")
        return {
            name: NumbersFold(
                members[0].fold,
                tuple(member.seed for member in members),
                **{what: fmean(getattr(member, what) for member in members) for what in names},
            )
            for name, members in self.of_folds().items()
        }

    def table(self) -> pd.DataFrame:
        """A row a finished run, by its label: fold, seed, scores, seconds, megabytes, parameters."""
        columns = [of.name for of in fields(NumbersMember)]
        rows = [asdict(member) for member in self.members]
        return pd.DataFrame(rows, columns=columns).set_index("label")

    def speakers(self) -> pd.DataFrame:
        """A row a speaker that was scored: clips, CCC and RMSE, means over seeds and numbers."""
        speakers = self.scores.speakers if self.scores else {}
        rows = {speaker: asdict(of) for speaker, of in speakers.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("speaker")

    def series(self) -> dict[str, dict[int, float]]:
        """Metrics of MLflow by fold; see `StudyResult.series`."""
        return self.series_of(("test_ccc", "val_ccc", "seconds", "memory_mb"))

    def metrics(self) -> dict[str, float]:
        """One flat dictionary for metrics.json and MLflow, under the names that a run uses."""
        metrics = self.run_counts()
        if self.scores is None:
            return metrics
        metrics |= self.scores.of.metrics("test") | {"val/ccc": self.score}
        metrics |= part_metrics(self.scores.speakers, self.scores.groups, self.branches)
        if self.baseline is not None:
            metrics["baseline/ccc"] = self.baseline.value
            metrics |= {
                "baseline/ccc_low": self.baseline.low,
                "baseline/ccc_high": self.baseline.high,
            }
        if self.leaky:
            metrics[LEAKY_METRIC] = 1.0
        if self.score_last is not None:
            metrics[LAST_EPOCHS] = self.score_last
        if self.scores.seed_spread is not None:
            metrics["spread/seeds"] = self.scores.seed_spread
        return metrics | self.time_metrics()
