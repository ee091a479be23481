"""What a study found: the pooled predictions of all its runs, each clip scored by a model that did
not know its speaker; with intervals, by actor, and over seeds."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ravdess_exp.config.schema import LeakyKFold
from ravdess_exp.folder import METRICS, PREDICTIONS
from ravdess_exp.scoring.metrics import Scores, accuracy, confusion, interval, macro_f1, uar
from ravdess_exp.study.study import Study

MEASURES: dict[str, Callable] = {"uar": uar, "accuracy": accuracy, "macro_f1": macro_f1}
_KEYS = ("clip", "actor", "label", "prediction")


@dataclass(frozen=True)
class Pooled:
    """Predictions on the same clips with each seed. labels, predicted: (n, seeds) int."""

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    actors: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray

    @classmethod
    def of(cls, table: pd.DataFrame) -> "Pooled":
        """Only clips that all seeds have predicted, so that seeds can be compared."""
        names = tuple(c for c in table.columns if c not in (*_KEYS, "fold", "seed"))
        index = {name: i for i, name in enumerate(names)}
        coded = table.assign(
            label=table.label.map(index), prediction=table.prediction.map(index)
        ).sort_values(["actor", "clip"])
        wide = coded.pivot_table(
            index=["actor", "clip"], columns="seed", values=["label", "prediction"], sort=False
        ).dropna()
        seeds = tuple(sorted(table.seed.unique()))
        return cls(
            names,
            tuple(map(int, seeds)),
            wide.index.get_level_values("actor").to_numpy(),
            wide["label"][list(seeds)].to_numpy(int),
            wide["prediction"][list(seeds)].to_numpy(int),
        )

    def mean(self, measure: Callable, rows: np.ndarray | slice = slice(None)) -> float:
        """A measure of these clips, mean over seeds."""
        return over_seeds(measure)(self.labels[rows], self.predicted[rows])

    def by_seed(self, measure: Callable) -> list[float]:
        """A measure of all clips with each seed."""
        pairs = zip(self.labels.T, self.predicted.T, strict=True)
        return [measure(labels, predicted) for labels, predicted in pairs]

    def by_actor(self, measure: Callable) -> dict[int, float]:
        """A measure of each actor's clips, mean over seeds."""
        return {int(a): self.mean(measure, self.actors == a) for a in np.unique(self.actors)}


def over_seeds(measure: Callable) -> Callable[[np.ndarray, np.ndarray], float]:
    """The measure of (n, seeds) labels and predictions: its mean over seeds."""

    def mean(labels: np.ndarray, predicted: np.ndarray) -> float:
        return float(np.mean([measure(*pair) for pair in zip(labels.T, predicted.T, strict=True)]))

    return mean


def predictions(study: Study) -> pd.DataFrame:
    """Every prediction of the finished runs, with its fold and seed; empty where none is finished."""
    tables = []
    for member in study.members:
        if (member.folder / METRICS).exists():
            table = pd.read_csv(member.folder / PREDICTIONS)
            table.insert(0, "seed", member.seed)
            table.insert(0, "fold", member.label.split("-")[0])
            tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def summarise(study: Study, table: pd.DataFrame, done: set[str]) -> dict:
    """All that `summary.json` holds. table: `predictions`; done: labels of the finished runs."""
    runs = {
        m.label: {"fold": i if m.fold is None else m.fold, "seed": m.seed, **_run(m.folder)}
        for i, m in enumerate(study.members)
        if m.label in done
    }
    missing = {m.label: m.failure() for m in study.members if m.label not in done}
    found = {
        "complete": not missing,
        "folds_done": len(done),
        "folds": len(study.members),
        "missing": missing,
        "leaky": isinstance(study.config.split, LeakyKFold),
        "labels_shuffled": study.config.data.shuffle_labels,
        "command": "ravdess-exp " + " ".join(study.overrides),
    }
    if not runs:
        return found
    pooled = Pooled.of(table)
    for name, measure in MEASURES.items():
        found[name] = pooled.mean(measure)
        found[f"{name}_ci95"] = interval(
            over_seeds(measure), pooled.labels, pooled.predicted, pooled.actors
        )
    every = Scores.of(pooled.labels.ravel(), pooled.predicted.ravel(), pooled.names)
    per_actor = {name: pooled.by_actor(measure) for name, measure in MEASURES.items()}
    clips = {
        int(a): int(n) for a, n in zip(*np.unique(pooled.actors, return_counts=True), strict=True)
    }
    uar_by_seed = pooled.by_seed(uar)
    return found | {
        "clips": len(pooled.actors),
        "classes": pooled.names,
        "seeds": pooled.seeds,
        "val_uar": float(np.mean([run["val_uar"] for run in runs.values()])),
        "recall": dict(every.recall),
        "per_actor": {
            actor: {"clips": count, **{name: per_actor[name][actor] for name in MEASURES}}
            for actor, count in clips.items()
        },
        "per_seed": {
            seed: dict(zip(MEASURES, row, strict=True))
            for seed, *row in zip(
                pooled.seeds, *(pooled.by_seed(m) for m in MEASURES.values()), strict=True
            )
        },
        "spread": {
            "actors": _deviation(list(per_actor["uar"].values())),
            "seeds": _deviation(uar_by_seed),
        },
        "confusion": confusion(
            pooled.labels.ravel(), pooled.predicted.ravel(), len(pooled.names)
        ).tolist(),
        "per_fold": runs,
        "seconds": float(sum(run["seconds"] for run in runs.values())),
    }


def flat(summary: dict) -> dict[str, float]:
    """The summary as metrics of MLflow, under the names that a single run uses."""
    metrics = {"folds_done": summary["folds_done"], "folds": summary["folds"]}
    if "uar" not in summary:
        return metrics
    for name in MEASURES:
        low, high = summary[f"{name}_ci95"]
        metrics |= {f"test/{name}": summary[name]}
        metrics |= {f"test/{name}_low": low, f"test/{name}_high": high}
    metrics |= {f"test/recall/{name}": value for name, value in summary["recall"].items()}
    for actor, of_actor in summary["per_actor"].items():
        metrics |= {f"test/actor_{int(actor):02d}/{name}": v for name, v in of_actor.items()}
    metrics |= {f"spread/{k}": v for k, v in summary["spread"].items() if v is not None}
    runs = list(summary["per_fold"].values())
    return metrics | {
        "val/uar": summary["val_uar"],
        "seconds/train": float(sum(run["train_seconds"] for run in runs)),
        "seconds/total": summary["seconds"],
        "parameters": runs[0]["parameters"],
    }


def _run(folder: Path) -> dict[str, float]:
    metrics = json.loads((folder / METRICS).read_text())
    return {
        "test_uar": metrics["test/uar"],
        "val_uar": metrics["val/uar"],
        "best_epoch": metrics["best_epoch"],
        "train_seconds": metrics["seconds/train"],
        "seconds": metrics["seconds/total"],
        "memory_mb": metrics["memory/now_mb"],
        "peak_memory_mb": metrics["memory/peak_mb"],
        "parameters": metrics["parameters"],
    }


def _deviation(values: list[float]) -> float | None:
    """Standard deviation of a sample; None of fewer than two."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None
