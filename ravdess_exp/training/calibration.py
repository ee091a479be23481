"""How sure a model may be, and how much each branch counts: found on validation clips alone."""

from dataclasses import dataclass

import keras
import numpy as np
from scipy.optimize import minimize_scalar

from ravdess_exp.models.late import heads_of
from ravdess_exp.training.dataset import Batches, Samples

_TEMPERATURES = (0.05, 20.0)  # where a temperature is looked for
_WEIGHTS = np.linspace(0, 1, 21)  # of the first of two branches
_TRUST = 0.5  # how far to go from equal weights to those that validation likes best
_LEAST = 1e-30


@dataclass(frozen=True)
class Temperatures:
    """What was fitted. temperature: of the model; temperatures, weights: by branch of a late fusion."""

    temperature: float
    temperatures: dict[str, float]
    weights: dict[str, float]

    def sentence(self) -> str:
        """For the log."""
        of = [
            f"{what} {self.weights[what]:.2f} at temperature {self.temperatures[what]:.2f}"
            for what in self.weights
        ]
        branches = f" (weights of branches: {', '.join(of)})" if of else ""
        return f"calibrated on validation: temperature {self.temperature:.2f}{branches}"


def calibrate(
    model: keras.Model, validation: Samples, *, weights: str = "equal", batch_size: int = 32
) -> Temperatures:
    """Fit the temperatures of a model of `models.late.finished_model`, in place.

    validation: clips that the model has not learned from. weights: of branches, `equal` or
    `validation`, which goes half of the way from equal ones to those with the least log loss: of
    three speakers' clips the best ones say little more than that.
    """
    heads = heads_of(model)
    said = probabilities(keras.Model(model.inputs, list(heads.values())), validation, batch_size)
    said = said if isinstance(said, list) else [said]
    labels, branches = validation.labels, list(heads) if len(heads) > 1 else []
    found = [1.0] * len(said)
    shares = np.ones(len(said))
    if branches:
        found = [temperature(p, labels) for p in said]
        calibrated = [cooled(p, t) for p, t in zip(said, found, strict=True)]
        if weights == "validation" and len(said) == 2:
            first = branch_weight(*calibrated, labels)
            shares = 2 * np.array([first, 1 - first])
        product = model.get_layer("product")
        product.temperature.assign(np.array(found, np.float32))
        product.weight.assign(shares.astype(np.float32))
        # by the model itself, since it alone knows which inputs are there
        said = [probabilities(keras.Model(model.inputs, product.output), validation, batch_size)]
    of_all = temperature(said[0], labels)
    model.get_layer("emotion").temperature.assign(of_all)
    return Temperatures(
        of_all,
        dict(zip(branches, map(float, found), strict=False)),
        dict(zip(branches, map(float, shares), strict=False)),
    )


def temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the least log loss of (n, classes) probabilities and (n,) int labels."""
    low, high = np.log(_TEMPERATURES)
    found = minimize_scalar(
        lambda log: log_loss(cooled(probabilities, np.exp(log)), labels),
        bounds=(low, high),
        method="bounded",
    )
    return float(np.exp(found.x))


def branch_weight(first: np.ndarray, second: np.ndarray, labels: np.ndarray) -> float:
    """The weight in [0, 1] of the first of two branches, half of the way from 0.5 to the best one.

    first, second: (n, classes) calibrated probabilities. Each weight is judged at the temperature
    that suits its product, since a sharper product is no better weighed.
    """

    def loss(weight: float) -> float:
        product = _normalised(weight * _log(first) + (1 - weight) * _log(second))
        return log_loss(cooled(product, temperature(product, labels)), labels)

    best = _WEIGHTS[np.argmin([loss(weight) for weight in _WEIGHTS])]
    return float(0.5 + _TRUST * (best - 0.5))


def cooled(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """(n, classes) at a temperature: softmax(log(p) / temperature)."""
    return _normalised(_log(probabilities) / temperature)


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean of -log of the probability of the true class."""
    return float(-_log(probabilities)[np.arange(len(labels)), labels].mean())


def probabilities(model: keras.Model, samples: Samples, batch_size: int):
    """What a model says of each clip, in order: (n, classes), or a list of them by output."""
    batches = Batches(samples, batch_size=batch_size, filled=True)  # one size is traced, not two
    parts = [model.predict_on_batch(inputs) for inputs, _ in batches]
    count = len(samples)  # without what filled the last batch
    if isinstance(parts[0], list | tuple):
        return [np.concatenate(of)[:count] for of in zip(*parts, strict=True)]
    return np.concatenate(parts)[:count]


def _log(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities.astype(np.float64), _LEAST))


def _normalised(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
