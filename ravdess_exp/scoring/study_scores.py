"""Scores of the pooled predictions of a study, with intervals, by actor and by seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ravdess_exp.scoring.calibration import Calibration, Reliability
from ravdess_exp.scoring.groups import Groups, score_groups
from ravdess_exp.scoring.intervals import interval
from ravdess_exp.scoring.metrics import Scores, confusion
from ravdess_exp.scoring.pooled import MEASURES, Pooled, over_seeds
from ravdess_exp.scoring.sureness import Kept


@dataclass(frozen=True)
class Score:
    """A score of all clips, mean over seeds. low, high: its 95% interval, see `interval`."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, name: str, pooled: Pooled) -> "Score":
        """name: one of `MEASURES`."""
        measure = over_seeds(MEASURES[name])
        ends = interval(measure, pooled.labels, pooled.predicted, pooled.actors)
        return cls(pooled.mean(MEASURES[name]), *ends)


@dataclass(frozen=True)
class SeedScore:
    """Scores of all clips with one seed."""

    uar: float
    accuracy: float
    macro_f1: float


@dataclass(frozen=True)
class ActorScore:
    """Scores of one actor's clips, mean over seeds."""

    clips: int
    uar: float
    accuracy: float
    macro_f1: float


@dataclass(frozen=True)
class BranchScore:
    """One branch of a late fusion alone: UAR with its interval as in `Score`; mean validation UAR."""

    uar: float
    low: float
    high: float
    val_uar: float

    @classmethod
    def of(cls, pooled: Pooled, val_uar: float) -> "BranchScore":
        """From the branch's own predictions."""
        score = Score.of("uar", pooled)
        return cls(score.value, score.low, score.high, val_uar)


@dataclass(frozen=True, kw_only=True)
class StudyScores:
    """Scores of the pooled predictions: each clip scored by a model of a run that tested it.

    actor_spread, seed_spread: standard deviation of UAR, None of fewer than two; confusion: rows are
    true classes, all seeds together; so are calibration and reliability, None where there are no
    probabilities, and kept: what each run is sure of by its own threshold, None without one.
    """

    uar: Score
    accuracy: Score
    macro_f1: Score
    clips: int
    classes: tuple[str, ...]
    recall: Mapping[str, float]
    actors: Mapping[int | str, ActorScore]
    seeds: Mapping[int, SeedScore]
    actor_spread: float | None
    seed_spread: float | None
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration | None = None
    reliability: Reliability | None = None
    kept: Kept | None = None
    groups: Groups = field(default_factory=dict)

    @classmethod
    def of(
        cls, pooled: Pooled, groups: Mapping[str, Mapping[str, str]] | None = None
    ) -> "StudyScores":
        """Score the predictions. groups: of each clip by its name, where the corpus knows them."""
        labels, predicted = pooled.labels.ravel(), pooled.predicted.ravel()
        by_actor = {name: pooled.by_actor(measure) for name, measure in MEASURES.items()}
        by_seed = {name: pooled.by_seed(measure) for name, measure in MEASURES.items()}
        counts = confusion(labels, predicted, len(pooled.names))
        return cls(
            **{name: Score.of(name, pooled) for name in MEASURES},
            clips=len(pooled.actors),
            classes=pooled.names,
            recall=Scores.of(labels, predicted, pooled.names).recall,
            actors={
                actor: ActorScore(
                    int((pooled.actors == actor).sum()), **{n: by_actor[n][actor] for n in MEASURES}
                )
                for actor in by_actor["uar"]
            },
            seeds={
                seed: SeedScore(**{name: by_seed[name][i] for name in MEASURES})
                for i, seed in enumerate(pooled.seeds)
            },
            actor_spread=_deviation(list(by_actor["uar"].values())),
            seed_spread=_deviation(by_seed["uar"]),
            confusion=tuple(tuple(map(int, row)) for row in counts),
            kept=None
            if pooled.sure is None
            else Kept.of(labels, predicted, pooled.sure.ravel().astype(bool)),
            groups=_groups(pooled, groups or {}),
            **_calibration(pooled, labels),
        )


def _calibration(pooled: Pooled, labels: np.ndarray) -> dict[str, Calibration | Reliability]:
    if pooled.probabilities is None:
        return {}
    probabilities = pooled.probabilities.reshape(len(labels), -1)  # (n, seeds, C) -> (n*seeds, C)
    return {
        "calibration": Calibration.of(labels, probabilities),
        "reliability": Reliability.of(labels, probabilities),
    }


def _groups(pooled: Pooled, groups: Mapping[str, Mapping[str, str]]) -> Groups:
    of_clips = [groups.get(clip, {}) for clip in pooled.clips]
    return score_groups(pooled.labels, pooled.predicted, pooled.actors, of_clips, pooled.names)


def _deviation(values: list[float]) -> float | None:
    """Standard deviation of a sample; None of fewer than two."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None
