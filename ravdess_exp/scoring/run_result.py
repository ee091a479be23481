"""What one run found, as numbers. Text, JSON, MLflow and figures render it and compute nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ravdess_exp.corpus.speaker import label_of, speaker_from
from ravdess_exp.scoring.baseline import Baseline
from ravdess_exp.scoring.calibration import Calibration
from ravdess_exp.scoring.cost import RunCost, cost_from_metrics
from ravdess_exp.scoring.groups import Groups, each_group, groups_from_metrics
from ravdess_exp.scoring.metrics import ActorScores, Scores
from ravdess_exp.scoring.other import Others
from ravdess_exp.scoring.sureness import Sureness

SAW_RAVDESS_METRIC = "encoder/saw_ravdess"  # 1, and there only where it did
LEAKY_METRIC = "split/leaky"  # 1, and there only where what is scored was in training
LAST_EPOCHS_METRIC = "val/uar_last_epochs"
ORACLE = "_oracle"  # behind the name of a condition: damaged after the preparation
_OVERALL = ("accuracy", "uar", "macro_f1")
BRANCHES = ("audio", "video")  # of a late fusion


@dataclass(frozen=True)
class ConditionScores:
    """Scores of the test clips with an input missing or noisy.

    failed: clips that could not be prepared any more, which count as not recognised.
    """

    uar: float
    accuracy: float
    failed: int = 0


@dataclass(frozen=True)
class BranchScores:
    """Scores of one branch of a late fusion alone, on the test clips; its UAR on validation."""

    uar: float
    accuracy: float
    validation_uar: float


@dataclass(frozen=True, kw_only=True)
class RunResult(RunCost):
    """Scores of one run, and what it took.

    interval: 95% of the test UAR; conditions: scores on test by condition; others: scores on further
    corpora; branches: by `audio` and `video`, empty without a late fusion of two; epoch_chosen: by
    validation, where it is not simply the last one; classes and confusion (rows are true
    classes) are empty where the result was read from metrics.json, which does not hold them.
    validation_last: mean validation UAR of the last epochs, where one epoch was chosen by validation,
    whose own score is the best of many and grows with patience; None otherwise.
    calibration: on test; that on validation flatters where a temperature was fitted there. sureness:
    None where no threshold was asked for. Results of version 0.2 have none of these.
    """

    validation: Scores
    test: Scores
    interval: tuple[float, float]
    actors: Mapping[int | str, ActorScores]
    conditions: Mapping[str, ConditionScores] = field(default_factory=dict)
    branches: Mapping[str, BranchScores] = field(default_factory=dict)
    baseline: Baseline | None = None
    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    calibration: Calibration | None = None
    validation_calibration: Calibration | None = None
    validation_last: float | None = None
    sureness: Sureness | None = None
    groups: Groups = field(default_factory=dict)
    others: Others = field(default_factory=Others)
    epoch_chosen: bool = True
    leaky: bool = False
    labels_shuffled: bool = False
    saw_ravdess: bool = False  # a frozen encoder was trained on it

    @property
    def score(self) -> float:
        """What a sweep may choose by: UAR on validation."""
        return self.validation.uar

    def metrics(self) -> dict[str, float]:
        """One flat dictionary, as metrics.json and MLflow hold it."""
        metrics: dict[str, float] = {}
        for name, scores in (("val", self.validation), ("test", self.test)):
            metrics |= {f"{name}/{key}": getattr(scores, key) for key in _OVERALL}
            metrics |= {f"{name}/recall/{key}": value for key, value in scores.recall.items()}
        if self.validation_last is not None:
            metrics[LAST_EPOCHS_METRIC] = self.validation_last
        metrics["test/uar_low"], metrics["test/uar_high"] = self.interval
        for actor, scores in self.actors.items():
            metrics |= {f"test/actor_{label_of(actor)}/{k}": v for k, v in vars(scores).items()}
        for condition, scores in self.conditions.items():
            metrics |= {f"test/{condition}/{key}": v for key, v in vars(scores).items()}
        for what, scores in self.branches.items():
            metrics[f"test/{what}/uar"] = scores.uar
            metrics[f"test/{what}/accuracy"] = scores.accuracy
            metrics[f"val/{what}/uar"] = scores.validation_uar
        for name, of in (("val", self.validation_calibration), ("test", self.calibration)):
            metrics |= of.metrics(name) if of else {}
        metrics |= self.sureness.metrics() if self.sureness else {}
        for division, group, score in each_group(self.groups):
            metrics |= score.metrics(f"test/{division}/{group}")
        metrics |= self.baseline.metrics() if self.baseline else {}
        metrics |= self.others.metrics()
        if self.leaky:
            metrics[LEAKY_METRIC] = 1.0
        if self.saw_ravdess:
            metrics[SAW_RAVDESS_METRIC] = 1.0
        return metrics | self.cost_metrics()

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, float]) -> "RunResult":
        """The result that `metrics` was written from, as far as it goes; raises KeyError."""
        actors, conditions, branches = {}, {}, {}
        for key in metrics:
            match key.split("/"):
                case ["test", name, "uar"] if name.startswith("actor_"):
                    values = _below(metrics, f"test/{name}/")
                    actors[speaker_from(name.removeprefix("actor_"))] = ActorScores(**values)
                case ["test", name, "uar"] if name in BRANCHES:
                    of = _below(metrics, f"test/{name}/")
                    branches[name] = BranchScores(**of, validation_uar=metrics[f"val/{name}/uar"])
                case ["test", name, "uar"] if name != "sure":
                    conditions[name] = ConditionScores(**_below(metrics, f"test/{name}/"))
        return cls(
            validation=_scores(metrics, "val/"),
            test=_scores(metrics, "test/"),
            interval=(metrics["test/uar_low"], metrics["test/uar_high"]),
            actors=actors,
            conditions=conditions,
            branches=branches,
            baseline=Baseline.from_metrics(metrics),
            calibration=Calibration.from_metrics(metrics, "test"),
            validation_calibration=Calibration.from_metrics(metrics, "val"),
            validation_last=metrics.get(LAST_EPOCHS_METRIC),
            sureness=Sureness.from_metrics(metrics),
            groups=groups_from_metrics(metrics),
            **cost_from_metrics(metrics),
            leaky=LEAKY_METRIC in metrics,
            saw_ravdess=SAW_RAVDESS_METRIC in metrics,
        )


def _scores(metrics: Mapping[str, float], prefix: str) -> Scores:
    overall = {key: metrics[prefix + key] for key in _OVERALL}
    return Scores(**overall, recall=_below(metrics, f"{prefix}recall/"))


def _below(metrics: Mapping[str, float], prefix: str) -> dict[str, float]:
    """The metrics under a prefix, by the rest of their names."""
    return {k.removeprefix(prefix): v for k, v in metrics.items() if k.startswith(prefix)}
