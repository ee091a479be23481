"""Networks that are trained with every setting: late fusion, averages, refit; and killed anywhere."""

from pathlib import Path

import keras
import numpy as np
import pytest

from ravdess_exp.models.late import branch_models, head_name, heads_of
from ravdess_exp.training.apart import trained_part
from ravdess_exp.training.dataset import Batches, Samples
from ravdess_exp.training.fit import FitSettings, compile_model
from ravdess_exp.training.learner import Trained
from tests.helpers.learners import FIXED, small_learner, small_model
from tests.training.test_checkpoint import Killed
from tests.training.test_fit import easy


def both(rng, count: int = 48) -> Samples:
    """The class is written into the sound, and less plainly into the picture."""
    data = easy(rng, count)
    faces = rng.integers(0, 200, (count, 2, 8, 8, 3), dtype=np.uint8)
    faces[np.arange(count), :, data.labels] += 55
    return Samples(**{**vars(data), "faces": faces})


def learn(
    train: Samples, validation: Samples, folder: Path, *, kill_at: int | None = None, **own
) -> Trained | None:
    """kill_at: which report of an epoch ends it, counted from 1 over all trainings."""
    told = []

    def on_epoch(*of):
        told.append(of)
        if len(told) == kill_at:
            raise Killed

    learner = small_learner(folder, on_epoch=on_epoch, **own)
    try:
        return learner(train, validation)
    except Killed:
        return None


SETTINGS = [
    {},
    {"ema": 0.9},
    {"ema": 0.9, "choose": "last"},
    {"weight_decay": 0.01, "mixup": 0.2},
    {"choose": "last", "refit": True, "members": 2, "ema": 0.5},
]


def said_by(model: keras.Model, samples: Samples) -> np.ndarray:
    return np.asarray(model(samples.inputs(range(len(samples))), training=False))


@pytest.fixture(scope="module", params=SETTINGS, ids=str)
def whole(request, tmp_path_factory) -> tuple[dict, Samples, Samples, Trained]:
    """Settings, clips to train and to validate, and what came of them undisturbed."""
    rng, own = np.random.default_rng(0), request.param | {"epochs": 6}
    train, validation = both(rng, 160), both(rng)
    return own, train, validation, learn(train, validation, tmp_path_factory.mktemp("w"), **own)


def test_every_setting_learns(whole):
    own, _, validation, trained = whole
    right = said_by(trained.model, validation).argmax(axis=1) == validation.labels
    assert right.mean() > 0.6
    assert trained.refitted == own.get("refit", False)
    assert trained.model.output_names == ["emotion"]
    assert float(trained.model.get_layer("emotion").temperature) != 1


@pytest.mark.slow
def test_killed_in_any_training_it_ends_in_the_same_bits(whole, tmp_path):
    own, train, validation, undisturbed = whole
    history = undisturbed.history
    epochs = sum(map(len, [history.epochs, *history.others.values()]))
    moments = [epochs // 2 + 1, epochs]  # of several trainings: in the first refit, and at the end
    if history.others:
        moments.insert(0, epochs // 3)  # in the second member
    for at in moments:
        assert learn(train, validation, tmp_path, kill_at=at, **own) is None
    again = learn(train, validation, tmp_path, **own)
    assert again.history.rows() == history.rows()
    for one, two in zip(undisturbed.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_branches_learn_apart(rng, tmp_path):
    """Another picture, the same sound: the sound's branch ends in the same weights."""
    one, validation = both(rng), both(rng)
    other = Samples(**{**vars(one), "faces": 255 - one.faces})
    heard = [
        branch_models(learn(data, validation, tmp_path / name, choose="last").model)["audio"]
        for name, data in (("one", one), ("other", other))
    ]
    first, second = (said_by(model, validation) for model in heard)
    np.testing.assert_allclose(first, second, rtol=1e-4)


def test_metrics_are_of_the_fused_output(rng, tmp_path):
    trained = learn(both(rng), both(rng), tmp_path, epochs=1)
    assert set(trained.history.epochs[0]) >= {
        "loss", "uar", "val_loss", "val_uar", "val_audio_uar", "val_video_uar", "val_accuracy",
    }  # fmt: skip


def test_averaged_weights_are_those_that_are_kept(rng, tmp_path):
    """With a momentum of nearly 1 the averages stay where the first step was."""
    data = both(rng)
    seen = {}
    for ema in (None, 0.9999):
        trained = learn(data, data, tmp_path / str(ema), ema=ema, choose="last")
        seen[ema] = trained.model.get_layer(head_name("audio")).get_weights()[0]
    start = learn(data, data, tmp_path / "start", learning_rate=1e-9, choose="last")
    before = start.model.get_layer(head_name("audio")).get_weights()[0]
    moved = {ema: np.abs(weights - before).mean() for ema, weights in seen.items()}
    assert moved[0.9999] < 0.3 * moved[None]


def test_weight_decay_leaves_biases_alone(rng, tmp_path):
    """With nothing to learn from, weights shrink and biases do not."""
    data = both(rng)
    model = small_model(data)
    for weight in model.trainable_weights:
        weight.assign(np.ones(weight.shape, np.float32))
    part = trained_part(model)
    settings = FitSettings(**(FIXED | {"weight_decay": 0.5, "schedule": "constant"}))
    compile_model(part, settings=settings, train=Batches(data, batch_size=16))
    zeros = [np.zeros(weight.shape, np.float32) for weight in part.trainable_variables]
    part.optimizer.apply(zeros, part.trainable_variables)
    for weight in model.trainable_weights:
        expected = 1.0 if len(weight.shape) < 2 else 1 - 0.5 * 0.02
        np.testing.assert_allclose(weight.numpy(), expected, rtol=1e-6)


def test_members_differ_and_their_mean_is_the_model(rng, tmp_path):
    data = both(rng)
    together = learn(data, data, tmp_path / "both", members=2, calibrated=False)
    alone = [
        learn(data, data, tmp_path / f"{seed}", seed=seed, calibrated=False) for seed in (0, 1000)
    ]
    for what in ("audio", "video"):
        said = [
            said_by(keras.Model(t.model.inputs, heads_of(t.model)[what]), data)
            for t in (together, *alone)
        ]
        assert not np.allclose(said[1], said[2])
        np.testing.assert_allclose(said[0], (said[1] + said[2]) / 2, atol=1e-6)
    together.model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_array_equal(said_by(loaded, data), said_by(together.model, data))


def test_refit_keeps_temperatures_and_weights(rng, tmp_path):
    trained = learn(both(rng), both(rng), tmp_path, choose="last", refit=True)
    for name in ("product", "emotion"):
        pairs = zip(
            trained.model.get_layer(name).get_weights(),
            trained.validated.get_layer(name).get_weights(),
            strict=True,
        )
        assert all(np.array_equal(*pair) for pair in pairs)
    heads = [model.get_layer(head_name("audio")).get_weights()[0]
             for model in (trained.model, trained.validated)]  # fmt: skip
    assert not np.array_equal(*heads)
