"""What a model of numbers ends in: the mean of its branches, in the numbers' own units."""

import keras
import numpy as np
import pytest
from keras import layers

from ravdess_exp.models.late import (
    average_model,
    branch_models,
    finished_model,
    fusion_of,
    head_name,
)
from ravdess_exp.models.numbers import LateMean
from ravdess_exp.models.outputs import ClassOutput, NumberOutput, output_for, output_of

LABELS = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 20.0]], np.float32)


def late_model(seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    inputs = [keras.Input((4, 6, 1), name="audio"), keras.Input((2, 3), name="video")]
    heads = {
        one.name: layers.Dense(2, name=head_name(one.name))(layers.Flatten()(one)) for one in inputs
    }
    return finished_model(inputs, heads, NumberOutput.of(LABELS))


def inputs_of(rng, count: int = 5) -> list[np.ndarray]:
    return [rng.normal(size=(count, 4, 6, 1)), rng.normal(size=(count, 2, 3))]


def test_standardised_by_the_training_clips():
    output = output_for(LABELS, 2)
    np.testing.assert_allclose(output.standardised(LABELS).mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(output.standardised(LABELS).std(axis=0), 1, atol=1e-6)
    assert output_for(np.array([0, 1, 1]), 2) == ClassOutput(2)
    constant = NumberOutput.of(np.full((3, 1), 4.0))
    assert (constant.standardised(np.full((3, 1), 4.0)) == 0).all()


def test_branches_are_averaged_and_brought_to_units(rng):
    model, given = late_model(0), inputs_of(rng)
    fusion_of(model).weight.assign([[1.5, 0.5], [0.5, 1.5]])
    audio, video = (one.predict(given, verbose=0) for one in branch_models(model).values())
    whole = audio * [0.75, 0.25] + video * [0.25, 0.75]
    np.testing.assert_allclose(model.predict(given, verbose=0), whole, rtol=1e-5)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_missing_input_drops_out(rng, missing):
    model, given = late_model(0), inputs_of(rng)
    given[missing] = np.zeros_like(given[missing])
    other = list(branch_models(model).values())[1 - missing]
    np.testing.assert_allclose(
        model.predict(given, verbose=0), other.predict(given, verbose=0), rtol=1e-5
    )


def test_without_any_input_the_mean_of_training_is_told(rng):
    given = [np.zeros_like(one) for one in inputs_of(rng)]
    np.testing.assert_allclose(
        late_model(0).predict(given, verbose=0), np.tile([3.0, 20.0], (5, 1)), rtol=1e-6
    )


def test_saved_and_loaded_it_is_the_same(rng, tmp_path):
    model, given = average_model([late_model(0), late_model(1)]), inputs_of(rng)
    fusion_of(model).weight.assign([[1.5, 0.5], [0.5, 1.5]])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_array_equal(loaded.predict(given, verbose=0), model.predict(given, verbose=0))
    output = output_of(loaded)
    np.testing.assert_allclose(output.mean, [3, 20])
    assert isinstance(fusion_of(loaded), LateMean)
    members = [late_model(seed).predict(given, verbose=0) for seed in (0, 1)]
    fusion_of(loaded).weight.assign(np.ones((2, 2)))
    np.testing.assert_allclose(
        loaded.predict(given, verbose=0), np.mean(members, axis=0), rtol=1e-5
    )
