"""Score a trained model on one set, and write down every single prediction."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from ravdess_exp.scoring.metrics import confusion, scores, uar_interval
from ravdess_exp.training.dataset import Batches, Samples


@dataclass(frozen=True)
class Evaluation:
    """Predictions on one set. probabilities: (n, classes) float32."""

    samples: Samples
    probabilities: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """Class names in the order of the columns of `probabilities`."""
        return self.samples.names

    @property
    def predicted(self) -> np.ndarray:
        """(n,) int: the most probable class."""
        return self.probabilities.argmax(axis=1)

    @property
    def actors(self) -> np.ndarray:
        """(n,) int."""
        return np.array([clip.actor for clip in self.samples.clips])

    def scores(self) -> dict[str, float]:
        """Accuracy, UAR, macro F1, recall by class."""
        return scores(self.samples.labels, self.predicted, self.names)

    def uar_interval(self) -> tuple[float, float]:
        """95% interval of UAR over actors and their clips."""
        return uar_interval(self.samples.labels, self.predicted, self.actors)

    def per_actor(self) -> dict[int, dict[str, float]]:
        """Clips, accuracy and UAR of each actor."""
        found = {}
        for actor in np.unique(self.actors):
            rows = self.actors == actor
            of_actor = scores(self.samples.labels[rows], self.predicted[rows], self.names)
            kept = {name: of_actor[name] for name in ("accuracy", "uar")}
            found[int(actor)] = {"clips": int(rows.sum()), **kept}
        return found

    def confusion(self) -> np.ndarray:
        """(classes, classes) int, true by predicted."""
        return confusion(self.samples.labels, self.predicted, self.samples.classes)

    def save(self, path: Path) -> None:
        """predictions.csv: clip, actor, label, prediction and a column of probability a class."""
        table = pd.DataFrame(
            {
                "clip": [clip.name for clip in self.samples.clips],
                "actor": self.actors,
                "label": [self.names[label] for label in self.samples.labels],
                "prediction": [self.names[label] for label in self.predicted],
            }
        )
        columns = pd.DataFrame(self.probabilities, columns=self.names)
        pd.concat([table, columns], axis=1).to_csv(path, index=False, float_format="%.6f")


def evaluate(model: keras.Model, samples: Samples, *, batch_size: int) -> Evaluation:
    """Predict a set in order, without augmentation."""
    batches = Batches(samples, batch_size=batch_size, filled=True)  # one size is traced, not two
    parts = [model.predict_on_batch(inputs) for inputs, _ in batches]
    return Evaluation(samples, np.concatenate(parts)[: len(samples)])  # without what filled up
