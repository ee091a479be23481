"""Scores on further corpora, which had no part in the training."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ravdess_exp.folder import OTHERS
from ravdess_exp.scoring.metrics import Scores
from ravdess_exp.scoring.pooled import MEASURES, Pooled
from ravdess_exp.scoring.study_scores import Score


@dataclass(frozen=True, kw_only=True)
class OtherScores:
    """Of one model on one further corpus; of several models their mean.

    uar, accuracy, macro_f1: over the classes that both have, with intervals over the speakers of that
    corpus; a prediction of any other class is wrong. recall: by class. clips, speakers: that are scored.
    classes: those that both have; lacking: those of the model without a clip there; unknown: clips that
    are left out, by their emotion; known: clips left out since a recording of their speaker was learned
    from; failed: clips and rows that cannot be used.
    """

    uar: Score
    accuracy: Score
    macro_f1: Score
    recall: Mapping[str, float]
    clips: int
    speakers: int
    classes: tuple[str, ...]
    models: int = 1
    lacking: tuple[str, ...] = ()
    unknown: Mapping[str, int] = field(default_factory=dict)
    known: int = 0
    failed: int = 0

    @classmethod
    def of(cls, table: pd.DataFrame, **beside: Any) -> "OtherScores":
        """Score predictions of several models. table: as `Pooled.of` reads it, a model as a seed.

        beside: what is not in the table.
        """
        pooled = Pooled.of(table)
        labels, predicted = pooled.labels.ravel(), pooled.predicted.ravel()
        return cls(
            **{name: Score.of(name, pooled) for name in MEASURES},
            recall=Scores.of(labels, predicted, pooled.names).recall,
            clips=len(pooled.clips),
            speakers=len(np.unique(pooled.actors)),
            classes=tuple(pooled.names[i] for i in np.unique(labels)),
            models=len(pooled.seeds),
            **beside,
        )

    @property
    def chance(self) -> float:
        """UAR of naming one of these classes always."""
        return 1 / len(self.classes)

    def metrics(self, prefix: str) -> dict[str, float]:
        """By name, such as `other/crema_d/uar`."""
        scores: dict[str, float] = {}
        for name in MEASURES:
            of: Score = getattr(self, name)
            scores |= {name: of.value, f"{name}_low": of.low, f"{name}_high": of.high}
        scores |= {f"recall/{name}": value for name, value in self.recall.items()}
        counts = {"clips": self.clips, "speakers": self.speakers, "classes": len(self.classes)}
        counts |= {"left_out": sum(self.unknown.values()) + self.known, "failed": self.failed}
        return {f"{prefix}/{name}": float(value) for name, value in (scores | counts).items()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "OtherScores":
        """What `asdict` and JSON made of it; raises KeyError and TypeError."""
        scores = {name: Score(**content[name]) for name in MEASURES}
        lists = {name: tuple(content[name]) for name in ("classes", "lacking")}
        return cls(**{**content, **scores, **lists})


@dataclass(frozen=True)
class Others:
    """All further corpora of a run or a study, by name. failures: why one could not be scored."""

    scores: Mapping[str, OtherScores] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.scores or self.failures)

    def metrics(self) -> dict[str, float]:
        """Flat, as metrics.json and MLflow hold it."""
        found: dict[str, float] = {}
        for name, of in self.scores.items():
            found |= of.metrics(f"other/{name}")
        return found

    def as_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Others":
        """What `as_json` wrote; raises KeyError and TypeError."""
        scores = {name: OtherScores.from_json(of) for name, of in content["scores"].items()}
        return cls(scores, content["failures"])


def read_others(folder: Path) -> Others:
    """What a run says of further corpora; nothing where it has none, or is of an older version."""
    try:
        return Others.from_json(json.loads((folder / OTHERS).read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return Others()
