"""Training: learns, is seeded, keeps the epoch that was best on validation."""

import keras
import numpy as np
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.errors import TrainingError
from ravdess_exp.scoring.metrics import uar
from ravdess_exp.training.dataset import Batches, Samples
from ravdess_exp.training.fit import History, _class_weights, fit
from ravdess_exp.training.losses import SmoothedCrossentropy, Uar
from ravdess_exp.training.seeding import seed_everything
from tests.training.test_dataset import CLIPS


def settings(*overrides: str):
    stopped = ["training=early_stopping", *(f"training.{o}" for o in overrides)]
    return validate(compose_config(stopped)).training


def easy(rng, count: int = 60, one_hot: bool = False) -> Samples:
    """The class is written into the sound, with noise."""
    labels = np.arange(count) % 7
    audio = rng.normal(0, 0.5, (count, 7, 4, 1))
    audio[np.arange(count), labels] += 1.0
    clips = tuple(CLIPS[i % 10] for i in range(count))
    return Samples(clips, audio.astype(np.float32), None, labels, Classes().names, one_hot)


def small_model() -> keras.Model:
    audio = keras.Input((7, 4, 1))
    x = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(audio))
    return keras.Model([audio], keras.layers.Dense(7, activation="softmax")(x))


def train(samples, validation, *overrides, seed=0):
    seed_everything(seed)
    model = small_model()
    batches = Batches(samples, batch_size=16, shuffle=True, seed=seed)
    seen = []
    history = fit(
        model,
        batches,
        Batches(validation, batch_size=16),
        settings=settings("epochs=12", "learning_rate=0.02", *overrides),
        on_epoch=lambda epoch, row: seen.append((epoch, row)),
    )
    assert [epoch for epoch, _ in seen] == list(range(1, len(history.epochs) + 1))
    return model, history


OF_LABELS = [(), ("class_weights=true",), ("label_smoothing=0.1",), ("monitor=val_accuracy",)]
OTHERS = [  # they do not see how labels are written
    ("schedule=constant", "clip_norm=null"),
    ("schedule=plateau", "warmup_epochs=0", "monitor=val_loss"),
]


@pytest.mark.parametrize(
    ("overrides", "one_hot"),
    [(o, one_hot) for o in OF_LABELS for one_hot in (False, True)]
    + list(zip(OTHERS, (False, True), strict=True)),
    ids=str,
)
def test_every_setting_learns(rng, overrides, one_hot):
    _, history = train(easy(rng, one_hot=one_hot), easy(rng, one_hot=one_hot), *overrides)
    assert max(row["val_uar"] for row in history.epochs) > 0.8


@pytest.mark.parametrize("own", [(), ("ema=0.9", "clip_norm=1.0", "weight_decay=0.01")], ids=str)
def test_a_step_is_traced_once(rng, own):
    """To trace it is most of what a small training takes."""

    class Counting(keras.Model):
        def train_step(self, data):
            traced.append(data)
            return super().train_step(data)

    traced, data, plain = [], easy(rng, 28), small_model()
    fit(
        Counting(plain.inputs, plain.outputs[0]),
        Batches(data, batch_size=16, shuffle=True),
        Batches(data, batch_size=16),
        settings=settings("epochs=2", *own),
        on_epoch=lambda epoch, row: None,
    )
    assert len(traced) == 1


def test_two_runs_with_the_same_seed_predict_the_same(rng):
    data, validation = easy(rng), easy(rng)
    inputs = validation.inputs(range(60))
    one, two, other = (
        train(data, validation, seed=s)[0].predict(inputs, verbose=0) for s in (5, 5, 6)
    )
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_the_weights_kept_are_of_the_best_epoch_on_validation(rng):
    validation = easy(rng)
    model, history = train(easy(rng), validation, "learning_rate=0.2", "schedule=constant")
    scores = [row["val_uar"] for row in history.epochs]
    assert history.best_epoch == int(np.argmax(scores)) + 1
    predicted = model.predict(validation.inputs(range(60)), verbose=0).argmax(axis=1)
    assert uar(validation.labels, predicted) == pytest.approx(max(scores), abs=1e-6)


def test_training_stops_when_validation_no_longer_improves(rng):
    hopeless = easy(rng)
    shuffled = Samples(**{**vars(hopeless), "labels": rng.permutation(hopeless.labels)})
    _, history = train(easy(rng), shuffled, "epochs=100", "patience=3")
    assert len(history.epochs) == history.best_epoch + 3 < 100


def test_a_loss_that_is_no_number_is_an_error(rng):
    broken = easy(rng)
    broken.audio[:] = np.nan
    with pytest.raises(TrainingError, match="the loss is nan in epoch 1"):
        train(broken, easy(rng))


def test_the_learning_rate_warms_up_and_falls(rng):
    _, history = train(easy(rng), easy(rng), "warmup_epochs=2", "patience=50")
    rates = [row["learning_rate"] for row in history.epochs]
    assert rates[0] == pytest.approx(0.01) and rates[1] == pytest.approx(0.02)
    assert all(np.diff(rates[1:]) < 0) and rates[-1] < 1e-4


def test_uar_metric_is_scikit_learns(rng):
    from sklearn.metrics import recall_score

    labels, probabilities = rng.integers(0, 6, 200), rng.random((200, 7))
    expected = recall_score(labels, probabilities.argmax(axis=1), average=None, labels=range(6))
    for true in (labels, np.eye(7)[labels]):
        metric = Uar(7)
        metric.update_state(true[:90], probabilities[:90])
        metric.update_state(true[90:], probabilities[90:])
        assert float(metric.result()) == pytest.approx(expected.mean(), abs=1e-6)


def test_smoothing_of_integer_labels_is_that_of_one_hot_ones(rng):
    labels, probabilities = rng.integers(0, 7, 20), rng.dirichlet(np.ones(7), 20)
    ours = SmoothedCrossentropy(7, 0.1)(labels, probabilities)
    keras_ = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)(
        np.eye(7)[labels], probabilities
    )
    assert float(ours) == pytest.approx(float(keras_), rel=1e-5)


def test_class_weights_balance_the_training_clips(rng):
    data = easy(rng, 20)
    counts = np.bincount(data.labels, minlength=7)
    weights = _class_weights(Batches(data, batch_size=4))
    assert len({round(weights[c] * counts[c], 6) for c in range(7)}) == 1


def test_what_no_epoch_is_chosen_for_is_the_mean_of_the_last_ones():
    """Of each training that has validation clips, which a refit has not; the best epoch counts once."""
    of = [0.9, 0.1, 0.2, 0.3, 0.4, 0.5]
    rows = [{"loss": 1.0, "val_uar": uar} for uar in of]
    assert History(rows, 1).last_validation_uar() == pytest.approx(0.3)
    assert History(rows[:2], 1).last_validation_uar() == pytest.approx(0.5)
    others = {"member_1": [{"val_uar": 0.7}], "refit_0": [{"loss": 1.0}]}
    assert History(rows, 1, others=others).last_validation_uar() == pytest.approx(0.5)
