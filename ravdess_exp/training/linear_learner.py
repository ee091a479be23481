"""A classifier of scikit-learn as a learner: fitted at once, calibrated and perhaps fitted again."""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
from sklearn.metrics import recall_score

from ravdess_exp.models.fusion import ModelParts
from ravdess_exp.models.outputs import output_of
from ravdess_exp.training.calibration import log_loss, probabilities
from ravdess_exp.training.classifiers import Classifier
from ravdess_exp.training.dataset import Samples, together
from ravdess_exp.training.fit import History
from ravdess_exp.training.learner import Trained, Watcher
from ravdess_exp.training.linear import fit_linear
from ravdess_exp.training.objective import NUMBERS_SCORE, mean_ccc
from ravdess_exp.training.settling import carry_over, settle

_BATCH = 64  # clips that are predicted at once


@dataclass(frozen=True, kw_only=True)
class LinearLearner:
    """See `training.learner.Learner`; of the training clips alone, C included.

    classifiers: by head. refit: fit again on training and validation clips with the same C, and with
    the temperatures and weights of branches of before. calibrated: fit those on validation. weights:
    see `settle`.
    """

    parts: ModelParts
    classifiers: Mapping[str, Classifier]
    refit: bool
    calibrated: bool
    weights: str
    watcher: Watcher

    def __call__(self, train: Samples, validation: Samples) -> Trained:
        """Fit; the history is one row, with the C of each head."""
        fitted = fit_linear(self.parts, self.classifiers, train)
        self.watcher.on_model(fitted.model)
        row = _scores(fitted.model, train)
        row |= {f"val_{name}": value for name, value in _scores(fitted.model, validation).items()}
        row |= {f"c_{what}": c for what, c in fitted.c.items()}
        self.watcher.on_epoch("", 1, row)
        if self.calibrated:
            found = settle(fitted.model, validation, weights=self.weights, batch_size=_BATCH)
            if found:
                self.watcher.on_calibrated(found)
        model = fitted.model
        if self.refit:
            clips = together(train, validation)
            model = fit_linear(self.parts, self.classifiers, clips, chosen=fitted.c).model
            carry_over(fitted.model, model)
        return Trained(model, fitted.model, History([row], 1))


def _scores(model: keras.Model, samples: Samples) -> dict[str, float]:
    """Log loss, accuracy and UAR, or squared error and concordance, as Keras's history names them."""
    said = probabilities(model, samples, _BATCH)
    if samples.are_numbers:
        output = output_of(model)
        apart = output.standardised(samples.labels) - output.standardised(said)
        score = mean_ccc(samples.labels, said)
        return {"loss": float(np.square(apart).mean()), NUMBERS_SCORE: score}
    predicted, labels = said.argmax(axis=1), samples.labels
    recalls = recall_score(labels, predicted, average=None, labels=np.unique(labels))
    return {
        "loss": log_loss(said, labels),
        "accuracy": float((predicted == labels).mean()),
        "uar": float(recalls.mean()),
    }
