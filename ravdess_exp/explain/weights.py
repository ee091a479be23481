"""Which part of the face a linear model went by: its weights times what it was given, laid over the crop."""

import keras
import numpy as np

from ravdess_exp.explain.evidence import gradient, less_rounding
from ravdess_exp.explain.hide import places
from ravdess_exp.features.picture import PictureFeature
from ravdess_exp.features.picture_map import laid_out

_SAME = 1e-3  # share of the largest weight: more is no rounding
_GRID = 12  # places, both ways, of the map


def linear_weights(
    model: keras.Model, inputs: list[np.ndarray], *, explained: int
) -> np.ndarray | None:
    """(F, D): what each value of the picture feature weighs in the evidence; None if that depends on it.

    Taken as the gradient, which a linear model has the same everywhere: at this clip and half of it.
    """
    at = next((i for i, tensor in enumerate(model.inputs) if tensor.name == "video"), None)
    if at is None:
        return None
    half = [values / 2 if i == at else values for i, values in enumerate(inputs)]
    weights, others = (gradient(model, x, model.inputs[at], explained)[1] for x in (inputs, half))
    if not np.allclose(weights[0], others[0], rtol=0, atol=_SAME * np.abs(weights).max()):
        return None
    return weights[0]


def weights_map(
    feature: PictureFeature, weights: np.ndarray, given: np.ndarray, *, side: int
) -> np.ndarray | None:
    """(F, h, w): weights times values, (F, D) each, summed in the places of a grid over crops of `side`.

    The sum over a map is what its frame adds to the evidence, against the mean training clip, whose
    values are 0. None where the feature does not say where its values lie.
    """
    product = weights.astype(np.float64) * given
    laid = laid_out(feature, product, side)
    if laid is None:
        return None
    squares = places(side, min(_GRID, side))
    summed = np.stack(
        [laid[:, rows, columns].sum(axis=(1, 2)) for rows, columns in squares], axis=1
    )
    grid = round(len(squares) ** 0.5)
    return less_rounding(summed, float(np.abs(product).sum())).reshape(-1, grid, grid)
