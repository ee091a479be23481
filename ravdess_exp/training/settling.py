"""What is left to find when a model is trained, on validation clips: temperatures, or weights of branches."""

import keras

from ravdess_exp.models.late import fusion_of
from ravdess_exp.models.outputs import LAST
from ravdess_exp.models.product import Calibrated
from ravdess_exp.training.branch_weights import weigh_branches
from ravdess_exp.training.calibration import calibrate
from ravdess_exp.training.dataset import Samples


def settle(model: keras.Model, validation: Samples, *, weights: str, batch_size: int) -> str | None:
    """Fit it in place; returns a sentence that says what was found, None where nothing was.

    weights: of the branches of a late fusion, `equal` or `validation`. Numbers have no temperature.
    """
    if not validation.are_numbers:
        return calibrate(model, validation, weights=weights, batch_size=batch_size).sentence()
    if weights == "equal":
        return None
    found = weigh_branches(model, validation, batch_size=batch_size)
    return found.sentence() if found else None


def carry_over(fitted: keras.Model, model: keras.Model) -> None:
    """Give a model the temperatures and weights of another one of the same kind."""
    if fusion_of(fitted) is not None:
        fusion_of(model).set_weights(fusion_of(fitted).get_weights())
    last = fitted.get_layer(LAST)
    if isinstance(last, Calibrated):
        model.get_layer(LAST).set_weights(last.get_weights())
