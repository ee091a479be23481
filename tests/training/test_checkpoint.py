"""A training that was stopped goes on as if nothing had happened, or says why it does not."""

import json
import re
from pathlib import Path

import keras
import numpy as np
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.errors import ConfigError, OutputError
from ravdess_exp.run.build import build
from ravdess_exp.run.identity import training_facts
from ravdess_exp.training.augment import Augment
from ravdess_exp.training.checkpoint import Checkpoint, Checkpoints
from ravdess_exp.training.dataset import Batches, Samples
from ravdess_exp.training.fit import fit
from ravdess_exp.training.seeding import seed_everything
from tests.training.test_fit import easy, settings

FACTS = {"seed": 0, "training.epochs": 6}


def with_dropout() -> keras.Model:
    """Has all that layers can remember: weights, batch statistics, seeds of dropout."""
    audio = keras.Input((7, 4, 1))
    x = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(audio))
    x = keras.layers.Dropout(0.5)(keras.layers.BatchNormalization(momentum=0.8)(x))
    return keras.Model([audio], keras.layers.Dense(7, activation="softmax")(x))


def masks() -> Augment:
    return validate(compose_config(["augment=masks"])).augment.build()


class Killed(BaseException):
    """Stands for a kill: nothing of ours catches it."""


def train(data: Samples, folder: Path, *overrides: str, kill_in: int | None = None):
    """Train in this folder, up to the report of an epoch at most."""
    seed_everything(0)
    model = with_dropout()
    checkpoints = Checkpoints(folder / "checkpoint")
    checkpoints.agree(FACTS)

    def report(epoch, row):
        reported.append(epoch)
        if epoch == kill_in:
            raise Killed

    reported: list[int] = []
    try:
        history = fit(
            model,
            Batches(data, batch_size=16, augment=masks(), shuffle=True),
            Batches(data, batch_size=16),
            settings=settings("epochs=6", "learning_rate=0.02", *overrides),
            on_epoch=report,
            checkpoints=checkpoints,
        )
    except Killed:
        return None, None, reported
    return model, history, reported


@pytest.mark.slow
@pytest.mark.parametrize(
    "overrides",
    [
        ("schedule=cosine",),
        ("schedule=plateau", "warmup_epochs=0", "patience=3", "monitor=val_loss", "epochs=12"),
        ("schedule=constant", "patience=1", "epochs=30", "learning_rate=0.3"),
    ],
    ids=["cosine", "plateau", "stopped early"],
)
def test_killed_at_any_epoch_it_ends_in_the_same_weights(rng, tmp_path, overrides):
    """Twice, and once more when all is done: bit for bit, with the same history."""
    data = easy(rng)
    model, history, _ = train(data, tmp_path / "whole", *overrides)
    for epoch in (len(history.epochs) // 2, len(history.epochs)):
        assert train(data, tmp_path / "killed", *overrides, kill_in=epoch)[0] is None
    again, its_history, reported = train(data, tmp_path / "killed", *overrides)
    assert its_history.epochs == history.epochs
    assert its_history.best_epoch == history.best_epoch
    assert its_history.earlier_seconds > 0
    assert reported == list(range(1, len(history.epochs) + 1)), "each epoch is told once"
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    finished, its_history, _ = train(data, tmp_path / "killed", *overrides)
    assert its_history.epochs == history.epochs, "a finished training learns no more"
    for one, other in zip(model.get_weights(), finished.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def some(epoch: int, value: float = 0.0) -> Checkpoint:
    return Checkpoint(epoch, {"model_0": np.full((5, 7), value + epoch)}, {"rows": [{"loss": 0.1}]})


@pytest.fixture
def folder(tmp_path) -> Path:
    """Checkpoints of epochs 1 to 3 were saved there."""
    checkpoints = Checkpoints(tmp_path / "run" / "checkpoint")
    assert checkpoints.agree(FACTS) is False, "nothing to go on with"
    for epoch in (1, 2, 3):
        checkpoints.save(some(epoch))
    return checkpoints.folder


def test_the_newest_is_gone_on_with_and_the_one_before_it_kept(folder):
    assert [path.name for path in sorted(folder.iterdir())] == [
        "epoch_00002.npz", "epoch_00003.npz",
    ]  # fmt: skip
    checkpoints = Checkpoints(folder)
    assert checkpoints.agree(FACTS)
    found = checkpoints.take()
    assert found.epoch == 3 and found.state == {"rows": [{"loss": 0.1}]}
    np.testing.assert_array_equal(found.arrays["model_0"], some(3).arrays["model_0"])
    checkpoints.remove()
    assert not folder.exists() and Checkpoints(folder).take() is None


def test_a_kill_while_one_is_written_costs_an_epoch_at_most(folder, monkeypatch):
    real = np.savez

    def cut_off(path, **arrays):
        real(path, **arrays)
        path.write_bytes(path.read_bytes()[:300])
        raise Killed

    monkeypatch.setattr(np, "savez", cut_off)
    with pytest.raises(Killed):
        Checkpoints(folder).save(some(4))
    assert Checkpoints(folder).take().epoch == 3


def test_no_damaged_byte_is_taken_for_a_weight(folder, rng):
    """A flipped bit, or a cut: the state before it, or exactly what was saved.

    Every bit of the ZIP directory is tried: no sum guards it, and a flip there can hide an array.
    """
    newest = folder / "epoch_00003.npz"
    sound = newest.read_bytes()
    epochs = []
    directory = sound.index(b"PK\x01\x02")
    flips = [(at, bit) for at in range(directory, len(sound)) for bit in range(8)]
    flips += [(rng.integers(len(sound)), rng.integers(8)) for _ in range(200)]
    cuts = rng.integers(len(sound), size=30)
    every = [sound[:at] + bytes([sound[at] ^ 1 << bit]) + sound[at + 1 :] for at, bit in flips]
    for spoiled in (*every, *(sound[:at] for at in cuts)):
        newest.write_bytes(spoiled)
        found = Checkpoints(folder).take()
        epochs.append(found.epoch)
        expected = some(found.epoch).arrays["model_0"]
        np.testing.assert_array_equal(found.arrays["model_0"], expected)
    assert epochs.count(2) > 50, "most of them matter"


def test_damage_is_told(folder, caplog):
    for path in folder.iterdir():
        path.write_bytes(b"PK\x03\x04 nothing")
    assert Checkpoints(folder).take() is None, "a fresh start"
    assert caplog.text.count("is damaged") == 2
    assert "epoch_00003.npz is damaged (BadZipFile" in caplog.text


def test_no_pickle_is_read(folder, caplog, tmp_path):
    class Hostile:
        def __reduce__(self):
            return Path.touch, (tmp_path / "executed",)

    np.savez(folder / "epoch_00009.npz", header=np.array([Hostile()], dtype=object))
    assert Checkpoints(folder).take().epoch == 3
    assert "epoch_00009.npz is damaged (ValueError: Object arrays cannot" in caplog.text
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (FACTS | {"training.epochs": 9}, "training.epochs=6, and now training.epochs=9"),
        (FACTS | {"split.test": [4]}, r"split.test=None, and now split.test=\[4\]"),
    ],
    ids=["another value", "a new key"],
)
def test_other_settings_are_refused_by_key(folder, facts, said):
    with pytest.raises(ConfigError, match=rf"run holds a training with {said} is asked for"):
        Checkpoints(folder).agree(facts)
    with pytest.raises(ConfigError, match=r"or begin anew with training\.resume=false"):
        Checkpoints(folder).agree(facts)


def test_a_training_of_another_version_begins_anew(folder, caplog):
    """Also where that version did not know a setting of today; another value is still refused."""
    before = Checkpoints(folder)
    before.agree(FACTS)
    facts = FACTS | {"version of keras": "99", "training.later": 0.1}
    with pytest.raises(ConfigError, match=r"training\.epochs=9 is asked for"):
        before.agree(facts | {"training.epochs": 9})
    assert before.agree(facts) is False and before.take() is None and not folder.exists()
    assert re.search("run: a training begun by keras .* begins anew", caplog.text)


def test_settings_that_change_no_weight_may_differ():
    def facts(*overrides):
        return training_facts(build(validate(compose_config(list(overrides)))), "float32")

    plain = facts()
    free = [
        "name=x",
        "data.workers=1",
        "data.clip_seconds=99",
        "evaluation=robust",
        "tracking=none",
        "training.resume=false",
    ]
    assert facts(*free) == plain
    for changed in ("seed=1", "augment=none", "split.test=[23]", "training.patience=3"):
        assert facts(changed) != plain, changed
    json.dumps(plain)


def test_a_full_disk_is_an_error_that_names_the_file(folder):
    (folder / "unfinished.epoch_00004.npz").symlink_to("/dev/full")
    with pytest.raises(OutputError, match=r"epoch_00004\.npz: cannot be written \(No space left"):
        Checkpoints(folder).save(some(4))
    assert Checkpoints(folder).take().epoch == 3
    assert len(list(folder.iterdir())) == 2
