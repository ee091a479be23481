"""Temperatures and weights of branches: the ones with the least log loss, where there is enough to go by."""

import numpy as np
import pytest

from ravdess_exp.training.calibration import (
    branch_weight,
    calibrate,
    cooled,
    log_loss,
    probabilities,
    temperature,
)
from tests.helpers.learners import small_model
from tests.training.test_network import both


def drawn(rng, count: int, sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    """True probabilities (n, 4) and labels that were drawn from them."""
    logits = rng.normal(0, sharpness, (count, 4))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return p, (p.cumsum(axis=1) < rng.random((count, 1))).sum(axis=1)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_what_made_it_too_sure(rng, factor):
    true, labels = drawn(rng, 4000, 1.5)
    said = cooled(true, 1 / factor)
    found = temperature(said, labels)
    assert found == pytest.approx(factor, rel=0.15)
    assert log_loss(cooled(said, found), labels) <= log_loss(said, labels) + 1e-9


def test_a_temperature_stays_within_reason():
    """Of a few clips that are all right, the least log loss would be at a temperature of 0."""
    said = np.full((6, 3), 0.2)
    said[:, 1] = 0.6
    assert temperature(said, np.ones(6, int)) >= 0.05
    assert temperature(said, np.zeros(6, int)) <= 20


def test_weights_go_half_of_the_way(rng):
    """A branch of noise beside one that knows: the best weight is 1, and 0.75 is taken."""
    true, labels = drawn(rng, 1000, 2.0)
    noise = rng.dirichlet(np.ones(4), 1000)
    assert branch_weight(true, noise, labels) == pytest.approx(0.75, abs=0.03)
    assert branch_weight(noise, true, labels) == pytest.approx(0.25, abs=0.03)
    assert branch_weight(true, true, labels) == branch_weight(true, true, labels)


@pytest.mark.parametrize("weights", ["equal", "validation"])
def test_a_calibrated_model_has_less_log_loss_and_the_same_answers(rng, weights):
    data = both(rng)
    model = small_model(data)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(0, 1, weight.shape))  # too sure of what it has not learned
    before = probabilities(model, data, 16)
    found = calibrate(model, data, weights=weights, batch_size=16)
    after = probabilities(model, data, 16)
    assert log_loss(after, data.labels) < log_loss(before, data.labels)
    assert found.temperature == pytest.approx(float(model.get_layer("emotion").temperature))
    assert set(found.weights) == {"audio", "video"}
    if weights == "equal":
        assert set(found.weights.values()) == {1.0}
    assert f"temperature {found.temperature:.2f}" in found.sentence()


def test_of_one_head_the_answers_stay(rng):
    data = both(rng)
    data = type(data)(**{**vars(data), "faces": None})
    model = small_model(data)
    before = probabilities(model, data, 16)
    found = calibrate(model, data)
    after = probabilities(model, data, 16)
    np.testing.assert_array_equal(before.argmax(axis=1), after.argmax(axis=1))
    assert not found.weights and found.temperature != 1
