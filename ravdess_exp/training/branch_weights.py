"""How much each branch of a late fusion of numbers counts, found on validation clips alone."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from ravdess_exp.models.late import fusion_of, heads_of
from ravdess_exp.models.outputs import output_of
from ravdess_exp.training.calibration import probabilities
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.objective import mean_ccc

_WEIGHTS = np.linspace(0, 1, 21)  # of the first of two branches
_TRUST = 0.5  # how far to go from equal weights to those that validation likes best, as for classes


@dataclass(frozen=True)
class BranchWeights:
    """weights: (T,) by branch; names: of the numbers."""

    weights: dict[str, np.ndarray]
    names: tuple[str, ...]

    def sentence(self) -> str:
        """For the log."""
        of = [
            f"{what} " + ", ".join(f"{n} {w:.2f}" for n, w in zip(self.names, weights, strict=True))
            for what, weights in self.weights.items()
        ]
        return f"weights of branches, found on validation: {'; '.join(of)}"


def weigh_branches(
    model: keras.Model, validation: Samples, *, batch_size: int
) -> BranchWeights | None:
    """Give the branches of a fusion of two the weights that validation likes, half of the way, in place.

    Of each number by itself, by the concordance of the weighted mean: sound may know arousal, and the
    picture valence. None where there is one branch.
    """
    fusion, heads = fusion_of(model), heads_of(model)
    if fusion is None or len(heads) != 2:
        return None
    said = probabilities(keras.Model(model.inputs, list(heads.values())), validation, batch_size)
    labels = output_of(model).standardised(validation.labels)
    first = np.array(
        [_best(*(one[:, [t]] for one in said), labels[:, [t]]) for t in range(labels.shape[1])]
    )
    shares = np.stack([2 * first, 2 * (1 - first)])
    fusion.weight.assign(ops.convert_to_tensor(shares, "float32"))
    return BranchWeights(dict(zip(heads, shares, strict=True)), validation.names)


def _best(first: np.ndarray, second: np.ndarray, labels: np.ndarray) -> float:
    """The weight of the first of two, half of the way from 0.5 to the best one. All (n, 1)."""
    scores = [mean_ccc(labels, weight * first + (1 - weight) * second) for weight in _WEIGHTS]
    nearest = np.lexsort((np.abs(_WEIGHTS - 0.5), -np.round(scores, 6)))[
        0
    ]  # of equals the most equal
    return float(0.5 + _TRUST * (_WEIGHTS[nearest] - 0.5))
