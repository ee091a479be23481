"""Mixup: one partner and one share for everything of a sample."""

import numpy as np
import pytest

from ravdess_exp.training.dataset import Batches
from ravdess_exp.training.mixup import mixed
from tests.training.test_fit import easy


def test_inputs_and_labels_are_mixed_by_the_same_shares(rng):
    numbers = np.arange(1, 9, dtype=np.float32)
    sound, picture = numbers[:, None, None] * np.ones((1, 3, 2), np.float32), numbers[:, None]
    labels = np.eye(8, dtype=np.float32)
    heard, seen, shares = mixed([sound, picture, labels], 0.4, rng)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(seen[:, 0], shares @ numbers, rtol=1e-5)
    np.testing.assert_allclose(heard, seen[:, :, None] * np.ones((1, 3, 2)), rtol=1e-5)
    assert (np.diag(shares) >= 0).all() and (shares.max(axis=1) < 1).any()


def test_the_same_seed_mixes_the_same_and_another_epoch_does_not(rng):
    data = easy(rng, 20, one_hot=True)
    read = [list(Batches(data, batch_size=8, mixup=0.3, shuffle=True, seed=1)) for _ in range(2)]
    for (one, its), (two, others) in zip(*read, strict=True):
        np.testing.assert_array_equal(one[0], two[0])
        np.testing.assert_array_equal(its, others)
    batches = Batches(data, batch_size=20, mixup=0.3)
    (_, first), (_, second) = (next(iter(batches)) for _ in range(2))
    assert not np.array_equal(first, second)


def test_numbers_as_labels_cannot_be_mixed(rng):
    with pytest.raises(ValueError, match="expected one-hot samples"):
        Batches(easy(rng, 20), batch_size=8, mixup=0.3)
