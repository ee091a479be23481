"""Picture features of a set of clips, standardised when a batch reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ravdess_exp.features.picture_input import PictureInput
from ravdess_exp.prepare.rows import Rows


@dataclass(frozen=True)
class PictureRows:
    """Rows (n, F, D) as the model is given them: never more than those of a batch are in memory."""

    rows: Rows
    picture_input: PictureInput

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, F, D)."""
        return self.rows.shape

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: int | slice | Sequence[int]) -> np.ndarray:
        """One clip (F, D) float32; or several, stacked."""
        return self.picture_input(self.rows[rows])

    def take(self, indices: Sequence[int]) -> "PictureRows":
        """A view of these rows, in this order; nothing is read or copied."""
        return PictureRows(self.rows.take(indices), self.picture_input)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return np.asarray(self[:], dtype=dtype)


def picture_rows(
    faces: Rows | None, rows: Sequence[int], picture_input: PictureInput | None
) -> Rows | PictureRows | None:
    """Those of `faces` as a model is given them; crops as they are. None where there is none."""
    if faces is None:
        return None
    taken = faces.take(rows)
    return taken if picture_input is None else PictureRows(taken, picture_input)
