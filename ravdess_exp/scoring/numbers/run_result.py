"""What one run that tells numbers found. Text, JSON, MLflow and figures render it and compute nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ravdess_exp.scoring.cost import RunCost, cost_from_metrics
from ravdess_exp.scoring.numbers.measures import NumberScores
from ravdess_exp.scoring.numbers.parts import (
    Branch,
    Groups,
    Speakers,
    part_metrics,
    parts_from_metrics,
)
from ravdess_exp.scoring.run_result import LEAKY_METRIC, SAW_RAVDESS_METRIC
from ravdess_exp.scoring.study_scores import Score

LAST_EPOCHS = "val/ccc_last_epochs"
_BASELINE = "baseline/ccc"
_CONDITION = "condition"  # before the name of one, so that none can be taken for a number's


@dataclass(frozen=True)
class Condition:
    """Mean CCC of the test clips with an input missing or noisy.

    failed: clips that could not be prepared any more, of which the mean of the others is told.
    """

    ccc: float
    failed: int = 0


@dataclass(frozen=True, kw_only=True)
class NumbersResult(RunCost):
    """Scores of one run, and what it took.

    branches: of a late fusion of two; baseline: ridge regression on the same inputs; validation_last: mean
    validation CCC of the last epochs, where one was chosen by validation, None otherwise.
    """

    validation: NumberScores
    test: NumberScores
    speakers: Speakers
    groups: Groups = field(default_factory=dict)
    branches: Mapping[str, Branch] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    baseline: Score | None = None
    validation_last: float | None = None
    leaky: bool = False
    labels_shuffled: bool = False
    saw_ravdess: bool = False

    @property
    def score(self) -> float:
        """What a sweep may choose by: the mean CCC on validation."""
        return self.validation.ccc.value

    @property
    def names(self) -> tuple[str, ...]:
        """Of the numbers."""
        return tuple(self.test.targets)

    def metrics(self) -> dict[str, float]:
        """One flat dictionary, as metrics.json and MLflow hold it."""
        metrics = self.validation.metrics("val") | self.test.metrics("test")
        metrics |= part_metrics(self.speakers, self.groups, self.branches)
        for name, of in self.conditions.items():
            metrics[f"{_CONDITION}/{name}/ccc"] = of.ccc
            metrics[f"{_CONDITION}/{name}/failed"] = of.failed
        if self.baseline is not None:
            metrics[_BASELINE] = self.baseline.value
            metrics |= {
                f"{_BASELINE}_low": self.baseline.low,
                f"{_BASELINE}_high": self.baseline.high,
            }
        if self.validation_last is not None:
            metrics[LAST_EPOCHS] = self.validation_last
        if self.leaky:
            metrics[LEAKY_METRIC] = 1.0
        if self.saw_ravdess:
            metrics[SAW_RAVDESS_METRIC] = 1.0
        return metrics | self.cost_metrics()

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, float]) -> "NumbersResult":
        """The result that `metrics` was written from; raises KeyError."""
        speakers, groups, branches = parts_from_metrics(metrics)
        conditions = {}
        for key in metrics:
            match key.split("/"):
                case [before, name, "ccc"] if before == _CONDITION:
                    failed = int(metrics[f"{_CONDITION}/{name}/failed"])
                    conditions[name] = Condition(metrics[key], failed)
        baseline = None
        if _BASELINE in metrics:
            ends = (metrics[f"{_BASELINE}{end}"] for end in ("", "_low", "_high"))
            baseline = Score(*ends)
        return cls(
            validation=NumberScores.from_metrics(metrics, "val"),
            test=NumberScores.from_metrics(metrics, "test"),
            speakers=speakers,
            groups=groups,
            branches=branches,
            conditions=conditions,
            baseline=baseline,
            validation_last=metrics.get(LAST_EPOCHS),
            leaky=LEAKY_METRIC in metrics,
            saw_ravdess=SAW_RAVDESS_METRIC in metrics,
            **cost_from_metrics(metrics),
        )
