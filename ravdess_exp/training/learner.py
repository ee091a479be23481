"""What comes between samples and a trained model, whatever kind of model it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import keras

from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.fit import History


@dataclass(frozen=True)
class Trained:
    """A trained model.

    model: the one to use. validated: one that has learned nothing from validation clips, whose
    scores on them may be told; another one than `model` where that was fitted again on them.
    """

    model: keras.Model
    validated: keras.Model
    history: History

    @property
    def refitted(self) -> bool:
        """Whether the model to use has learned from validation clips too."""
        return self.model is not self.validated


class Learner(Protocol):
    """Trains a model of `models.late.finished_model` on training clips; test clips it never sees."""

    def __call__(self, train: Samples, validation: Samples) -> Trained:
        """Train, choose and calibrate by validation."""


@dataclass(frozen=True)
class Watcher:
    """Who is told how a training goes on.

    on_model: gets a model before it is trained. on_epoch: gets the name of the training, empty for
    the first one, the epoch, counted from 1, and its metrics. on_calibrated: gets a sentence that
    says which temperatures or weights were found.
    """

    on_model: Callable[[keras.Model], None]
    on_epoch: Callable[[str, int, dict[str, float]], None]
    on_calibrated: Callable[[str], None]
