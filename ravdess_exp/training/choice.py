"""The strength of a penalty, chosen by speakers of the training clips alone."""

import numpy as np
from sklearn.model_selection import GroupKFold

from ravdess_exp.errors import TrainingError
from ravdess_exp.training.classifiers import Classifier
from ravdess_exp.training.rowspace import RowSpace

_FOLDS = 5


def choose_c(
    classifier: Classifier,
    space: RowSpace,
    labels: np.ndarray,
    speakers: np.ndarray,
    *,
    classes: int,
) -> float:
    """C of the best `quality` over training clips whose speaker was left out; the smallest of equals.

    space: of the n training clips; labels: (n,) of classes or (n, T) of numbers; speakers: (n,).
    Raises `TrainingError` where one speaker
    is all there is.
    """
    groups = len(np.unique(speakers))
    if groups < 2:
        raise TrainingError(
            "model.c=null: expected at least two speakers in training to choose C by, found one; "
            "give model.c a number"
        )
    candidates = classifier.candidates(space)
    said = np.empty((len(candidates), len(labels), classes))
    folds = GroupKFold(min(_FOLDS, groups)).split(space.values, groups=speakers)
    for train, others in folds:
        for row, c in enumerate(candidates):
            scores = classifier.scores(space, labels, train, c, classes)
            said[row, others] = scores[others]
    return candidates[int(np.argmax([classifier.quality(labels, one) for one in said]))]
