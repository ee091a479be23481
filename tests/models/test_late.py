"""The product of branches: what it computes, what drops out, and that it survives saving."""

import keras
import numpy as np
import pytest

from ravdess_exp.models.late import (
    Calibrated,
    LateProduct,
    average_model,
    branch_models,
    finished_model,
    head_name,
    heads_of,
)


@pytest.fixture
def said(rng) -> list[np.ndarray]:
    """Probabilities of two branches, of five clips and three classes."""
    return [rng.dirichlet(np.ones(3), 5).astype(np.float32) for _ in range(2)]


@pytest.fixture
def raw(rng) -> list[np.ndarray]:
    return [rng.normal(size=(5, 4, 6, 1)), rng.normal(size=(5, 2, 8, 8, 3))]


def product(temperature=(1.0, 1.0), weight=(1.0, 1.0)) -> LateProduct:
    layer = LateProduct()
    layer.build([(None, 3)] * 2 + [(None, 4, 6, 1), (None, 2, 8, 8, 3)])
    layer.set_weights([np.array(temperature, np.float32), np.array(weight, np.float32)])
    return layer


def normalised(values: np.ndarray) -> np.ndarray:
    return values / values.sum(axis=1, keepdims=True)


def test_a_temperature_of_one_changes_nothing(said):
    np.testing.assert_allclose(Calibrated()(said[0]), said[0], atol=1e-6)


def test_a_temperature_changes_how_sure_and_not_which(said):
    layer = Calibrated()
    layer(said[0])
    layer.temperature.assign(2.5)
    found = layer(said[0]).numpy()
    np.testing.assert_allclose(found, normalised(said[0] ** 0.4), atol=1e-6)
    np.testing.assert_array_equal(found.argmax(axis=1), said[0].argmax(axis=1))
    certain = np.eye(3, dtype=np.float32)[:1]
    assert np.isfinite(layer(certain)).all()


def test_the_product_is_that_of_the_formula(said, raw):
    layer = product((2.0, 0.5), (1.4, 0.6))
    found = layer([*said, *raw]).numpy()
    expected = normalised(said[0] ** (1.4 / 2.0) * said[1] ** (0.6 / 0.5))
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("lost", [0, 1])
def test_a_branch_without_input_drops_out_clip_by_clip(said, raw, lost):
    """What is left says what it would say alone, whatever its weight."""
    layer = product((2.0, 0.5), (1.4, 0.6))
    raw[lost][2] = 0.0
    found = layer([*said, *raw]).numpy()
    temperature = (2.0, 0.5)[1 - lost]
    alone = normalised(said[1 - lost] ** (1 / temperature))
    np.testing.assert_allclose(found[2], alone[2], atol=1e-5)
    both = product((2.0, 0.5), (1.4, 0.6))([*said, raw[0] + 1, raw[1] + 1]).numpy()
    np.testing.assert_allclose(found[[0, 1, 3, 4]], both[[0, 1, 3, 4]], atol=1e-6)


def test_without_any_input_nothing_is_claimed(said, raw):
    found = product()([*said, *(np.zeros_like(one) for one in raw)]).numpy()
    np.testing.assert_allclose(found, 1 / 3, atol=1e-6)


def late_model(seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    inputs = [keras.Input((4, 6, 1), name="audio"), keras.Input((2, 3), name="video")]
    heads = {
        tensor.name: keras.layers.Dense(3, activation="softmax", name=head_name(tensor.name))(
            keras.layers.Flatten()(tensor)
        )
        for tensor in inputs
    }
    return finished_model(inputs, heads)


def test_saved_and_loaded_it_is_the_same_and_still_has_its_branches(rng, tmp_path):
    model = average_model([late_model(0), late_model(1)])
    model.get_layer("product").set_weights(
        [np.array([1.5, 0.7], np.float32), np.array([1.2, 0.8], np.float32)]
    )
    model.get_layer("emotion").temperature.assign(1.3)
    inputs = [rng.normal(size=(5, *tensor.shape[1:])) for tensor in model.inputs]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_array_equal(
        loaded.predict(inputs, verbose=0), model.predict(inputs, verbose=0)
    )
    assert list(heads_of(loaded)) == ["audio", "video"]
    said = [branch.predict(inputs, verbose=0) for branch in branch_models(loaded).values()]
    whole = normalised(normalised(said[0] ** 1.2 * said[1] ** 0.8) ** (1 / 1.3))
    np.testing.assert_allclose(loaded.predict(inputs, verbose=0), whole, atol=1e-5)


def test_one_head_has_no_branches():
    audio = keras.Input((4,), name="audio")
    head = keras.layers.Dense(3, activation="softmax", name=head_name("audio"))
    model = finished_model([audio], {"audio": head(audio)})
    assert model.output_names == ["emotion"]
    assert not branch_models(model) and list(heads_of(model)) == ["audio"]
