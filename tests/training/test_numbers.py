"""Numbers in training: losses, metrics, ridge regression, weights of branches, a whole fit."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.models.fusion import ModelParts
from ravdess_exp.models.late import Late, finished_model, fusion_of, head_name
from ravdess_exp.models.outputs import NumberOutput, output_for
from ravdess_exp.scoring.numbers.measures import ccc
from ravdess_exp.training.branch_weights import weigh_branches
from ravdess_exp.training.concordance import Concordance, ConcordanceLoss
from ravdess_exp.training.dataset import Batches, Samples, relabelled, shuffled_labels, together
from ravdess_exp.training.linear import fit_linear
from ravdess_exp.training.regressors import NumberRidge
from tests.helpers.learners import small_learner

NAMES = ("arousal", "valence")


def sound(rng, count: int = 96, noise: float = 0.3) -> Samples:
    """Clips of eight speakers whose numbers are sums of what is heard, in units of their own."""
    values = rng.normal(size=(count, 7, 4, 1)).astype(np.float32)
    true = np.stack([values[:, 0].sum(axis=(1, 2)), values[:, 1].sum(axis=(1, 2))], axis=1)
    labels = 50 + 10 * (true + noise * rng.normal(size=true.shape))
    clips = tuple(_clip(i) for i in range(count))
    return Samples(clips, values, None, labels.astype(np.float32), NAMES, False)


def _clip(number: int):
    return Clip((number,), f"c{number:03d}", Path("x"), str(1 + number % 8), "")


def small_model(samples: Samples) -> keras.Model:
    audio = keras.Input((7, 4, 1), name="audio")
    head = keras.layers.Dense(2, name=head_name("joint"))(keras.layers.Flatten()(audio))
    return finished_model([audio], {"joint": head}, output_for(samples.labels, 2))


def test_loss_and_metric_are_the_coefficient(rng):
    true, told = rng.normal(size=(64, 2)), rng.normal(size=(64, 2))
    told += true
    expected = np.mean([ccc(true[:, t], told[:, t]) for t in range(2)])
    found = keras.ops.convert_to_numpy(ConcordanceLoss()(true, told))
    assert float(found) == pytest.approx(1 - expected, abs=1e-5)
    metric = Concordance(2)
    for rows in (slice(0, 10), slice(10, 64)):  # over batches, and not their mean
        metric.update_state(true[rows], told[rows])
    assert float(metric.result()) == pytest.approx(expected, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["mse", "ccc"])
def test_a_network_learns_numbers_in_their_units(rng, tmp_path, loss):
    train, validation = sound(rng), sound(rng, 48)
    learner = small_learner(tmp_path, epochs=20, learning_rate=0.1, choose="best", loss=loss)
    trained = replace(learner, make_model=small_model)(train, validation)
    said = trained.model.predict([validation.audio], verbose=0)
    assert min(ccc(validation.labels[:, t], said[:, t]) for t in range(2)) > 0.8
    best = max(row["val_ccc"] for row in trained.history.epochs)
    assert trained.history.epochs[trained.history.best_epoch - 1]["val_ccc"] == best


def linear_parts(fusion) -> ModelParts:
    return ModelParts(
        audio_encoder=keras.layers.Flatten(), backbone=None, pooling=None, fusion=fusion
    )


def test_ridge_regression_learns_numbers_in_their_units(rng):
    train, test = sound(rng), sound(rng, 48)
    fusion = Late(dropout=0.0, l2=0.0, weights="equal")
    fitted = fit_linear(
        linear_parts(fusion), {"audio": NumberRidge(c=None, projection=None)}, train
    )
    said = fitted.model.predict([test.audio], verbose=0)
    assert min(ccc(test.labels[:, t], said[:, t]) for t in range(2)) > 0.85
    assert fitted.c["audio"] in NumberRidge._candidates


def test_ridge_regression_does_not_depend_on_the_units(rng):
    train = sound(rng)
    other = replace(train, labels=train.labels * 0.001 - 7)
    ridge, parts = (
        NumberRidge(c=1.0, projection=None),
        linear_parts(Late(dropout=0, l2=0, weights="equal")),
    )
    said = [
        fit_linear(parts, {"audio": ridge}, one).model.predict([train.audio], verbose=0)
        for one in (train, other)
    ]
    np.testing.assert_allclose(said[1], said[0] * 0.001 - 7, atol=1e-4)


def test_a_branch_that_knows_a_number_counts_more_of_it(rng):
    """Sound knows arousal, the picture valence; the other is noise to each."""
    labels = rng.normal(size=(60, 2)).astype(np.float32)
    heard, seen = labels.copy(), labels.copy()
    heard[:, 1], seen[:, 0] = rng.normal(size=60), rng.normal(size=60)
    inputs = [keras.Input((2, 1), name="audio"), keras.Input((1, 2), name="video")]
    heads = {
        one.name: keras.layers.Dense(2, kernel_initializer="identity", name=head_name(one.name))(
            keras.layers.Flatten()(one)
        )
        for one in inputs
    }
    model = finished_model(inputs, heads, NumberOutput(np.zeros(2), np.ones(2)))
    clips = tuple(_clip(i) for i in range(60))
    samples = Samples(clips, heard[:, :, None], seen[:, None, :], labels, NAMES, False)
    found = weigh_branches(model, samples, batch_size=32)
    weights = fusion_of(model).weight.numpy()
    assert weights[0, 0] == pytest.approx(1.5, abs=0.1) and weights[1, 1] == pytest.approx(
        1.5, abs=0.1
    )
    np.testing.assert_allclose(weights.sum(axis=0), 2)
    assert "audio arousal 1.5" in found.sentence()


def test_mixed_clips_have_mixed_numbers(rng):
    batches = Batches(sound(rng, 16), batch_size=16, mixup=0.4, shuffle=True, seed=1)
    (_, labels), *_ = list(batches)
    assert labels.shape == (16, 2) and labels.dtype == np.float32
    assert not set(labels[:, 0].tolist()) <= set(batches.samples.labels[:, 0].tolist())


def test_numbers_are_shuffled_together(rng):
    samples = sound(rng, 16)
    labels = {
        c.name: tuple(of) for c, of in zip(samples.clips, samples.labels.tolist(), strict=True)
    }
    shuffled = shuffled_labels(labels, {name: name for name in labels}, seed=0)
    assert shuffled != labels and sorted(shuffled.values()) == sorted(labels.values())
    again = relabelled(samples, shuffled)
    assert again.labels.dtype == np.float32 and again.are_numbers
    assert len(together(samples, again)) == 32
    assert samples.label_text(0).startswith("arousal ")
