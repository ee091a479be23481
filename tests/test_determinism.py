"""The same seed on the same machine: the same predictions to the last digit, whatever is around."""

import os
import random
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.training.dataset import Batches
from ravdess_exp.training.seeding import seed_everything
from tests.conftest import quick_overrides
from tests.helpers.nursery import nursery
from tests.helpers.studies import overrides
from tests.training.test_fit import easy


def draws(seed: int) -> list[np.ndarray]:
    """What each source of chance gives after seeding, and the weights of a new layer."""
    seed_everything(seed)
    augment = validate(compose_config(["augment=masks"])).augment.build()
    data = easy(np.random.default_rng(0))
    batches = Batches(data, batch_size=60, augment=augment, shuffle=True, seed=seed)
    (((audio,), labels),) = batches
    layer = keras.layers.Dense(3)
    layer.build((None, 4))
    dropout = keras.layers.Dropout(0.5)
    return [
        np.array([random.random()]),  # Python's
        np.random.random(3),  # NumPy's global one
        tf.random.uniform((3,)).numpy(),
        layer.kernel.numpy(),
        dropout(np.ones((1, 64), np.float32), training=True).numpy(),
        labels,  # by the order of the clips
        audio,  # by augmentation
    ]


def test_the_seed_covers_every_source_of_chance():
    """Also after others have drawn from them, as an earlier fold of the same process does."""
    names = ("Python", "NumPy", "TensorFlow", "weights", "dropout", "shuffling", "augmentation")
    first = draws(3)
    random.random(), np.random.random(5), tf.random.uniform((7,))
    again, other = draws(3), draws(4)
    for name, one, two, three in zip(names, first, again, other, strict=True):
        np.testing.assert_array_equal(one, two, err_msg=name)
        assert not np.array_equal(one, three), f"{name} does not listen to the seed"


@pytest.mark.slow
def test_neither_workers_nor_the_hash_seed_change_a_prediction(corpus, tmp_path):
    """Two fresh processes, each with a store of its own, at the same time."""
    running = []
    for workers, hashes in ((1, "1"), (2, "2")):
        told = [f"data.workers={workers}", "training.epochs=2", "tracking=none"]
        told += ["audio_encoder=blstm", "audio_encoder.units=4", "audio_encoder.dense=8"]
        place = f"hydra.run.dir={tmp_path}/{workers}"
        quick = quick_overrides(corpus, tmp_path / f"store_{workers}", *told)
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "ravdess_exp", *quick, place],
                cwd=Path(__file__).parents[1],
                env={**os.environ, "PYTHONHASHSEED": hashes},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
    assert [process.wait(300) for process in running] == [0, 0]
    for name in ("predictions.csv", "history.csv", "split.csv"):
        one, two = ((tmp_path / folder / name).read_bytes() for folder in "12")
        assert one == two, name


@pytest.mark.slow
def test_a_fold_alone_is_the_fold_after_another(corpus, store_root, tmp_path):
    """What a process has learned before leaves no trace."""
    small = overrides(corpus, store_root, ("tracking=none", "training.epochs=3"))
    small = [o for o in small if not o.startswith("tracking.")]
    alone = [o for o in small if not o.startswith("hydra.sweep")]
    code, said = nursery().run([*small, "folds=[1,2]"], tmp_path)
    assert code == 0, said
    told = ["folds=one", "split.test_actor=2", "hydra.run.dir=alone"]
    code, said = nursery().run([*alone, *told], tmp_path)
    assert code == 0, said
    one, two = (
        (tmp_path / place / "predictions.csv").read_bytes()
        for place in ("study/actor_02-seed_0", "alone")
    )
    assert one == two
