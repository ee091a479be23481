"""Arrays in a file without a name: written once, read row by row, never in memory as a whole."""

import copy
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from ravdess_exp.errors import OutputError

_Row = tuple[int, tuple[int, ...], np.dtype]  # offset, shape, type


class Rows:
    """Arrays (rows) on disk, read when they are asked for; behave as a list of them.

    The file has no name, so it goes with the process, however that ends. `take` gives a view of
    some rows that shares it. Where all rows have one shape, `shape`, slices and lists of indices
    are those of one array.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - open as long as this
        except OSError as error:
            raise self._refused(error) from error
        self._end = 0
        self._rows: list[_Row] = []

    def append(self, row: np.ndarray) -> int:
        """Write one more; returns its index. Raises `OutputError` where the disk does not take it."""
        content = memoryview(row.tobytes())
        try:
            written = 0
            while written < len(content):  # a disk that fills up takes a part first
                written += os.pwrite(self._file.fileno(), content[written:], self._end + written)
        except OSError as error:
            raise self._refused(error) from error
        self._rows.append((self._end, row.shape, row.dtype))
        self._end += len(content)
        return len(self._rows) - 1

    def take(self, indices: Sequence[int]) -> Self:
        """A view of these rows, in this order; nothing is read or copied."""
        view = copy.copy(self)  # of the same file
        view._rows = [self._rows[i] for i in indices]
        return view

    def followed_by(self, other: Self) -> Self:
        """A view of these rows and then another view's; both of one file, nothing is copied."""
        if other._file is not self._file:
            raise ValueError("rows of two files are no view of one")
        view = copy.copy(self)
        view._rows = [*self._rows, *other._rows]
        return view

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[np.ndarray]:
        return map(self._read, self._rows)

    def __getitem__(self, rows: int | slice | Sequence[int]) -> np.ndarray:
        """One row; or several, stacked."""
        if isinstance(rows, int | np.integer):
            return self._read(self._rows[rows])
        numbers = range(len(self))[rows] if isinstance(rows, slice) else rows
        chosen = [self._rows[i] for i in numbers]
        _, shape, dtype = chosen[0]
        stacked = np.empty((len(chosen), *shape), dtype)
        for row, into in zip(chosen, stacked, strict=True):
            self._read(row, into)
        return stacked

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return np.asarray(self[:], dtype=dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, ...), as the first row has it."""
        return len(self._rows), *self._rows[0][1]

    def _refused(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self._folder}: cannot be written ({error.strerror}); a run needs room there for its "
            "arrays, so make some and start again"
        )

    def _read(self, row: _Row, into: np.ndarray | None = None) -> np.ndarray:
        offset, shape, dtype = row
        array = np.empty(shape, dtype) if into is None else into
        if array.shape != shape or array.dtype != dtype:
            raise ValueError(f"rows of shapes {array.shape} and {shape} do not make one array")
        if array.nbytes and os.preadv(self._file.fileno(), [array], offset) != array.nbytes:
            raise OutputError(
                f"{self._folder}: the arrays of this run cannot be read again, since its file there "
                "has lost its end; start again"
            )
        return array
