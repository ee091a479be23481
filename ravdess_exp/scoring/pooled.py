"""The predictions of several runs together: each clip once for every seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from ravdess_exp.corpus.speaker import speaker_of
from ravdess_exp.scoring.intervals import Estimate
from ravdess_exp.scoring.metrics import accuracy, macro_f1, uar
from ravdess_exp.scoring.paired import gain_of

MEASURES: dict[str, Callable] = {"uar": uar, "accuracy": accuracy, "macro_f1": macro_f1}
SURE = "sure"  # column: whether a clip's run was sure of it
_NO_CLASS = ("fold", "seed", "clip", "actor", "label", "prediction", SURE)  # columns of the table
_TEXTS = ("clip", "actor", "label", "prediction")
_CLIP = ["actor", "clip"]


@dataclass(frozen=True)
class Pooled:
    """Predictions of the same clips with each seed, in the order of actors and clips.

    names: the classes; actors: (n,) int, or str where not all are numbers; labels, predicted:
    (n, seeds) int, indices into `names`.
    clips: their names; probabilities: (n, seeds, classes), None where the table has other columns;
    sure: (n, seeds) bool, None where the table does not say.
    """

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    actors: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    clips: tuple[str, ...] = ()
    probabilities: np.ndarray | None = None
    sure: np.ndarray | None = None

    @classmethod
    def of(cls, table: pd.DataFrame) -> "Pooled":
        """From a table of predictions.csv with a column `seed`, and `fold` where there are folds.

        Only the clips that all seeds have predicted are kept, so that seeds can be compared.
        """
        names = class_columns(table)
        index = {name: i for i, name in enumerate(names)}
        coded = table.assign(
            label=table.label.map(index), prediction=table.prediction.map(index)
        ).sort_values(_CLIP)
        wide = coded.pivot_table(
            index=_CLIP, columns="seed", values=["label", "prediction"], sort=False
        ).dropna()
        seeds = tuple(sorted(table.seed.unique()))
        by_seed = [coded[coded.seed == s].set_index(_CLIP).loc[wide.index] for s in seeds]
        numbers = table[list(names)].select_dtypes("number").shape[1] == len(names)
        return cls(
            names,
            tuple(map(int, seeds)),
            wide.index.get_level_values("actor").to_numpy(),
            wide["label"][list(seeds)].to_numpy(int),
            wide["prediction"][list(seeds)].to_numpy(int),
            tuple(wide.index.get_level_values("clip")),
            _stacked(by_seed, list(names)) if numbers else None,
            _stacked(by_seed, SURE) if SURE in table else None,
        )

    title: ClassVar[str] = "UAR"  # of the score that results are compared by

    def overall(self) -> float:
        """That score of all clips, mean over seeds."""
        return self.mean(uar)

    def each_actor(self) -> dict[int | str, float]:
        """That score of each actor's clips."""
        return self.by_actor(uar)

    def gain(self, other: "Pooled") -> Estimate:
        """How much higher that score of another result on the same clips is."""
        return gain_of(self.labels[:, 0], self.predicted, other.predicted, self.actors)

    def with_names(self, names: Sequence[str]) -> "Pooled":
        """The same with the classes in this order."""
        old = [self.names.index(name) for name in names]
        new = np.argsort(old)  # old index -> new index
        return replace(
            self,
            names=tuple(names),
            labels=new[self.labels],
            predicted=new[self.predicted],
            probabilities=None if self.probabilities is None else self.probabilities[..., old],
        )

    def mean(self, measure: Callable, rows: np.ndarray | slice = slice(None)) -> float:
        """A measure of these clips, mean over seeds."""
        return over_seeds(measure)(self.labels[rows], self.predicted[rows])

    def by_seed(self, measure: Callable) -> list[float]:
        """A measure of all clips with each seed."""
        pairs = zip(self.labels.T, self.predicted.T, strict=True)
        return [measure(labels, predicted) for labels, predicted in pairs]

    def by_actor(self, measure: Callable) -> dict[int | str, float]:
        """A measure of each actor's clips, mean over seeds."""
        return {a: self.mean(measure, self.actors == a) for a in np.unique(self.actors).tolist()}


def read_predictions(path: Path) -> pd.DataFrame:
    """A predictions.csv as it was written: names stay texts, whatever they look like."""
    table = pd.read_csv(path, dtype=dict.fromkeys(_TEXTS, str), keep_default_na=False)
    if "actor" in table:
        table["actor"] = np.array([speaker_of(name) for name in table["actor"]])
    return table


def class_columns(table: pd.DataFrame) -> tuple[str, ...]:
    """The classes, whose probabilities are columns of a table of predictions."""
    return tuple(name for name in table.columns if name not in _NO_CLASS)


def _stacked(by_seed: list[pd.DataFrame], columns: str | list[str]) -> np.ndarray:
    """A column (n, seeds), or several (n, seeds, columns), of tables of the same n clips."""
    return np.stack([of[columns].to_numpy() for of in by_seed], axis=1)


def over_seeds(measure: Callable) -> Callable[[np.ndarray, np.ndarray], float]:
    """The measure of (n, seeds) labels and predictions: its mean over seeds."""

    def mean(labels: np.ndarray, predicted: np.ndarray) -> float:
        return float(np.mean([measure(*pair) for pair in zip(labels.T, predicted.T, strict=True)]))

    return mean
