"""What a training aims at: the loss, the score that is watched, and how labels are given to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import keras
import numpy as np

from ravdess_exp.models.outputs import NumberOutput, Output, output_of
from ravdess_exp.training.concordance import Concordance, ConcordanceLoss
from ravdess_exp.training.losses import SmoothedCrossentropy, Uar
from ravdess_exp.training.samples import Samples

CLASSES_SCORE, NUMBERS_SCORE = "uar", "ccc"  # as histories name them, and metrics after `val/`


class Objective(Protocol):
    """score: by which the best epoch is chosen, as Keras's history names it."""

    score: str

    def loss(self) -> keras.losses.Loss:
        """What is made small."""
        ...

    def metrics(self) -> list:
        """What is reported of each epoch, the score among it."""
        ...

    def samples(self, model: keras.Model, samples: Samples) -> Samples:
        """The samples with the labels that the heads of a model are to say."""
        ...


@dataclass(frozen=True)
class ClassObjective:
    """Cross entropy, and UAR."""

    classes: int
    one_hot: bool
    smoothing: float
    score: str = CLASSES_SCORE

    def loss(self) -> keras.losses.Loss:
        """Cross entropy, with labels smoothed as far as it is asked for."""
        if self.one_hot:
            return keras.losses.CategoricalCrossentropy(label_smoothing=self.smoothing)
        if self.smoothing:
            return SmoothedCrossentropy(self.classes, self.smoothing)
        return keras.losses.SparseCategoricalCrossentropy()

    def metrics(self) -> list:
        """Accuracy and UAR."""
        return ["accuracy", Uar(self.classes)]

    def samples(self, model: keras.Model, samples: Samples) -> Samples:
        """As they are."""
        return samples


@dataclass(frozen=True)
class NumberObjective:
    """Mean squared error of standardised numbers, or 1 less their concordance; and the latter."""

    count: int
    of_loss: str
    score: str = NUMBERS_SCORE

    def loss(self) -> keras.losses.Loss:
        """The one that `of_loss` names, `mse` or `ccc`."""
        return keras.losses.MeanSquaredError() if self.of_loss == "mse" else ConcordanceLoss()

    def metrics(self) -> list:
        """The concordance correlation coefficient."""
        return [Concordance(self.count)]

    def samples(self, model: keras.Model, samples: Samples) -> Samples:
        """With labels less the training clips' mean, by their deviation."""
        output: NumberOutput = output_of(model)
        return replace(samples, labels=output.standardised(samples.labels))


class Aims(Protocol):
    """The settings that an objective depends on; see `training.fit.FitSettings`."""

    label_smoothing: float
    loss: Literal["mse", "ccc"]


def objective_of(samples: Samples, settings: Aims) -> Objective:
    """For these samples."""
    if samples.are_numbers:
        return NumberObjective(samples.classes, settings.loss)
    return ClassObjective(samples.classes, samples.one_hot, settings.label_smoothing)


def score_metric(output: Output, what: str) -> keras.metrics.Metric:
    """The score of one head, such as `audio_uar`."""
    if isinstance(output, NumberOutput):
        return Concordance(output.count, name=f"{what}_{NUMBERS_SCORE}")
    return Uar(output.count, name=f"{what}_{CLASSES_SCORE}")


def watched(monitor: str, score: str) -> str:
    """What chooses the epoch: `val_uar` stands for the score of validation, whatever is learned."""
    return f"val_{score}" if monitor == f"val_{CLASSES_SCORE}" else monitor


def score_column(rows: Sequence[dict[str, float]]) -> str:
    """Which score a history has."""
    named = {name.removeprefix("val_") for name in rows[0]}
    return NUMBERS_SCORE if NUMBERS_SCORE in named else CLASSES_SCORE


def mean_ccc(labels: np.ndarray, said: np.ndarray) -> float:
    """The concordance correlation coefficient of (n, T) numbers, mean over T; 0 for what is constant."""
    true, told = labels.astype(np.float64), said.astype(np.float64)
    together = ((true - true.mean(axis=0)) * (told - told.mean(axis=0))).mean(axis=0)
    apart = true.var(axis=0) + told.var(axis=0) + (true.mean(axis=0) - told.mean(axis=0)) ** 2
    return float(np.mean(2 * together / np.maximum(apart, 1e-12)))
