"""What a model said of each clip of one set, and the scores of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from ravdess_exp.corpus.groups import groups_of
from ravdess_exp.scoring.calibration import Calibration, Reliability
from ravdess_exp.scoring.groups import Groups, score_groups
from ravdess_exp.scoring.metrics import ActorScores, Scores, confusion, uar_interval
from ravdess_exp.scoring.numbers.predictions import NumberPredictions
from ravdess_exp.training.dataset import Batches, Samples

KEYS = ("clip", "actor", "label", "prediction")  # columns of predictions.csv before the classes


@dataclass(frozen=True)
class Predictions:
    """Predictions of the clips of one set, in the set's order.

    names: the classes; actors: (n,) int, or str where not all are numbers; labels: (n,) int, indices
    into the classes; probabilities: (n, classes) float32.
    groups: those of each clip, by division; empty where none is known.
    """

    names: tuple[str, ...]
    clips: tuple[str, ...]
    actors: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    groups: tuple[Mapping[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def predicted(self) -> np.ndarray:
        """(n,) int: the most probable class."""
        return self.probabilities.argmax(axis=1)

    def scores(self) -> Scores:
        """Accuracy, UAR, macro F1 and the recall of each class."""
        return Scores.of(self.labels, self.predicted, self.names)

    def uar_interval(self) -> tuple[float, float]:
        """95% interval of UAR; see `scoring.intervals.interval`."""
        return uar_interval(self.labels, self.predicted, self.actors)

    def by_actor(self) -> dict[int | str, ActorScores]:
        """Clips, accuracy and UAR of each actor."""
        return {actor: self._of(actor) for actor in np.unique(self.actors).tolist()}

    def by_group(self) -> Groups:
        """UAR of each group's clips, by division, with intervals."""
        return score_groups(self.labels, self.predicted, self.actors, self.groups, self.names)

    def calibration(self) -> Calibration:
        """How far the probabilities are from what happens."""
        return Calibration.of(self.labels, self.probabilities)

    def reliability(self) -> Reliability:
        """Accuracy by confidence."""
        return Reliability.of(self.labels, self.probabilities)

    def confusion(self) -> np.ndarray:
        """(classes, classes) int: rows are true classes, columns predicted ones."""
        return confusion(self.labels, self.predicted, len(self.names))

    def save(self, path: Path) -> None:
        """Write predictions.csv: clip, actor, label, prediction and a probability for each class."""
        values = (
            self.clips,
            self.actors,
            [self.names[label] for label in self.labels],
            [self.names[label] for label in self.predicted],
        )
        table = pd.DataFrame(dict(zip(KEYS, values, strict=True)))
        columns = pd.DataFrame(self.probabilities, columns=self.names)
        pd.concat([table, columns], axis=1).to_csv(path, index=False, float_format="%.6f")

    def _of(self, actor: int | str) -> ActorScores:
        rows = self.actors == actor
        scores = Scores.of(self.labels[rows], self.predicted[rows], self.names)
        return ActorScores(int(rows.sum()), scores.accuracy, scores.uar)


Said = Predictions | NumberPredictions


def predict(model: keras.Model, samples: Samples, *, batch_size: int) -> Said:
    """Predict a set in order, without augmentation: classes or numbers, as the samples have them."""
    batches = Batches(samples, batch_size=batch_size, filled=True)  # one size is traced, not two
    parts = [model.predict_on_batch(inputs) for inputs, _ in batches]
    said = np.concatenate(parts)[: len(samples)]  # without what filled the last batch
    common = {
        "names": samples.names,
        "clips": tuple(clip.name for clip in samples.clips),
        "actors": np.array([clip.actor for clip in samples.clips]),
        "groups": tuple(groups_of(clip) for clip in samples.clips),
    }
    if samples.are_numbers:
        return NumberPredictions(**common, labels=samples.labels[:, None], predicted=said[:, None])
    return Predictions(**common, labels=samples.labels, probabilities=said)
