"""Rows on disk: what comes back is what was put in, and the disk's errors are named."""

import os
import resource

import numpy as np
import pytest

from ravdess_exp.errors import OutputError
from ravdess_exp.prepare.rows import Rows


@pytest.fixture
def rows(tmp_path, rng):
    found = Rows(tmp_path)
    found.arrays = [rng.integers(0, 256, (6, 4, 4, 3), dtype=np.uint8) for _ in range(5)]
    assert [found.append(array) for array in found.arrays] == list(range(5))
    return found


def test_they_are_what_one_array_would_be(rows):
    whole = np.stack(rows.arrays)
    np.testing.assert_array_equal(np.asarray(rows), whole)
    np.testing.assert_array_equal(rows[[3, 0, 3]], whole[[3, 0, 3]])
    np.testing.assert_array_equal(rows[1:4], whole[1:4])
    np.testing.assert_array_equal(rows[np.int64(-1)], whole[-1])
    np.testing.assert_array_equal(rows[np.array([2, 1])], whole[[2, 1]])
    assert rows.shape == whole.shape and rows[0].dtype == whole.dtype and len(rows) == 5
    with pytest.raises(IndexError):
        rows[5]


def test_a_view_shares_the_file(rows):
    view = rows.take([4, 1])
    np.testing.assert_array_equal(view[:], np.stack(rows.arrays)[[4, 1]])
    np.testing.assert_array_equal(view.take([1])[0], rows.arrays[1])
    assert len(view) == 2 and len(rows) == 5


def test_rows_of_different_shapes_and_types(tmp_path, rng):
    arrays = [rng.random((24, n), dtype=np.float32) for n in (3, 50, 7)] + [np.empty((0, 2))]
    arrays.append(rng.random((4, 6))[:, ::2])  # not contiguous
    rows = Rows(tmp_path)
    for array in arrays:
        rows.append(array)
    for array, found in zip(arrays, rows, strict=True):
        np.testing.assert_array_equal(found, array)
        assert found.dtype == array.dtype
    with pytest.raises(ValueError, match="do not make one array"):
        rows[[0, 1]]


def test_nothing_is_left_behind(rows, tmp_path):
    assert not list(tmp_path.iterdir()), "the file has no name, so a kill leaves nothing either"


def test_a_full_disk_is_named(tmp_path):
    """Rows may have 30 kB here."""
    rows = Rows(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    try:
        rows.append(np.zeros(20_000, np.uint8))
        with pytest.raises(OutputError, match=r"cannot be written \(File too large\); a run needs"):
            rows.append(np.zeros(20_000, np.uint8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(rows) == 1 and not rows[0].any()
    with pytest.raises(OutputError, match="no_such: cannot be written"):
        Rows(tmp_path / "no_such")


def test_a_file_that_lost_its_end_is_named(rows):
    os.ftruncate(rows._file.fileno(), 500)
    with pytest.raises(OutputError, match="cannot be read again"):
        rows[:]
