"""Which layer of an encoder a model is given, chosen by training clips alone."""

from collections.abc import Sequence

import numpy as np

from ravdess_exp.features.encoders.steps import CHOSEN, layer_numbers

_PARTS = 5  # at most; each holds its speakers apart
_PENALTY = 1000.0  # of ridge regression on standardised values, about as many as there are of them


def layer_of(
    feature: object, train: Sequence[np.ndarray], labels: np.ndarray, speakers: np.ndarray
) -> int | list[int] | None:
    """Which layer (from 0), or layers, of stored arrays (L, D) a model is given; None where all of it is.

    train: the training clips' arrays; labels and speakers: (n,) of these clips. `chosen` takes the
    layer with the best `layer_scores`, what is fixed needs no labels.
    """
    layer = getattr(feature, "layer", None)
    if layer is None or feature.frames is not None:
        return None
    if layer != CHOSEN:
        return layer_numbers(layer, len(train[0]))
    return int(np.argmax(layer_scores(train, labels, speakers)))  # of equals the earlier


def layer_scores(
    train: Sequence[np.ndarray], labels: np.ndarray, speakers: np.ndarray
) -> list[float]:
    """UAR of a linear model on each layer, over training speakers left out in turn: L numbers.

    The model is ridge regression on the classes' indicators, each class of equal weight: in closed
    form, so quick. With a single speaker there is nobody to leave out, and all layers get 0.
    """
    from sklearn.linear_model import RidgeClassifier
    from sklearn.metrics import recall_score
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    values = np.stack(list(train), axis=1)  # (L, n, D)
    parts = min(_PARTS, len(set(np.asarray(speakers).tolist())))
    if parts < 2:
        return [0.0] * len(values)
    model = make_pipeline(StandardScaler(), RidgeClassifier(_PENALTY, class_weight="balanced"))
    folds = GroupKFold(parts)
    return [
        float(
            recall_score(
                labels,
                cross_val_predict(model, layer, labels, groups=speakers, cv=folds),
                average="macro",
                zero_division=0,
            )
        )
        for layer in values
    ]
