"""A visual backbone of gradients: where edges lie in each cell of a face, and how they moved.

Few clips teach convolutions little about faces that is not about these faces. So the first layers are
given: gradients in place and in time, in cells, less those of the reference; what follows is learned.
"""

import keras
import numpy as np
from keras import layers, ops

from ravdess_exp.models.layers import StandardiseClip, WithoutFirstFrame
from ravdess_exp.models.wide import wide_and_deep

_LEAST_POWER = (
    0.2  # of a frame's mean power of gradients, in every cell: a bare cheek moves nowhere
)


def gradients(
    faces,
    *,
    reference: str,
    cell: int,
    orientations: int,
    dense: int,
    dropout: float,
    momentum: float,
    starts_apart: bool = False,
):
    """Edges and their motion in cells, then Dense ReLU beside them: (B, K, H, W, C) -> (B, F, D).

    D is the number of cells times (orientations + 2), and `dense`. reference: `first`; see
    models/reference.py.
    """
    if reference != "first":
        raise ValueError("gradients are taken less those of the first frame: reference=first")
    x = StandardiseClip(dtype="float32")(faces)
    x = EdgesAndMotion(cell, orientations, dtype="float32")(x)  # (B, K, h, w, orientations + 2)
    x = WithoutFirstFrame(dtype="float32")(x) if starts_apart else x
    # one scale a kind of value; places keep theirs, since where nothing moves is nothing to learn
    x = layers.BatchNormalization(momentum=momentum, center=False, scale=False)(x)
    x = layers.Reshape((x.shape[1], int(np.prod(x.shape[2:]))))(x)
    return wide_and_deep(x, dense=dense, dropout=dropout)


@keras.saving.register_keras_serializable(package="ravdess_exp")
class EdgesAndMotion(keras.layers.Layer):
    """Grey crops (B, K, H, W, C) -> (B, K, H // cell, W // cell, orientations + 2), less the first frame's.

    The first values are how much the picture changes along each of the orientations, in the mean over
    a cell: histograms of gradients (Dalal & Triggs, 2005) without their table. The last two are how far
    the cell moved since the first frame, right and down, as the product of the gradients in place and
    in time says it (Lucas & Kanade, 1981, one step). Each is the mean of the picture's and its mirror
    image's: which side of a face moves says little. What does not fill a cell, right and below, is left
    out. The first frame's own values are 0.
    """

    def __init__(self, cell: int, orientations: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.cell = cell
        self.orientations = orientations

    def call(self, crops):
        grey = ops.mean(crops, axis=-1)  # (B, K, H, W)
        across, down = _differences(grey)
        return ops.concatenate(
            [self._edges(across, down), self._motion(grey, across, down)], axis=-1
        )

    def _edges(self, across, down):
        """(B, K, h, w, orientations)."""
        angles = np.arange(self.orientations) * np.pi / self.orientations
        strengths = [
            self._cells(ops.abs(across * float(np.cos(a)) + down * float(np.sin(a))))
            for a in angles
        ]
        mirrored = [ops.flip(strengths[-number], axis=3) for number in range(self.orientations)]
        edges = (ops.stack(strengths, axis=-1) + ops.stack(mirrored, axis=-1)) / 2
        return edges - edges[:, :1]

    def _motion(self, grey, across, down):
        """(B, K, h, w, 2), in pixels: the negative sign of the source is left to the weights."""
        change = grey - grey[:, :1]
        across, down = ((g + g[:, :1]) / 2 for g in (across, down))
        power = across**2 + down**2
        least = _LEAST_POWER * ops.mean(power, axis=(2, 3), keepdims=True) + 1e-6
        power = self._cells(power) + least
        right = self._cells(across * change) / power
        below = self._cells(down * change) / power
        right = (right - ops.flip(right, axis=3)) / 2  # to the right is to the left in a mirror
        below = (below + ops.flip(below, axis=3)) / 2
        return ops.stack([right, below], axis=-1)

    def _cells(self, values):
        """The mean over each cell: (B, K, H, W) -> (B, K, h, w)."""
        frames, height, width = values.shape[1:]
        h, w = height // self.cell, width // self.cell
        values = values[:, :, : h * self.cell, : w * self.cell]
        split = ops.reshape(values, (-1, frames, h, self.cell, w, self.cell))
        return ops.mean(split, axis=(3, 5))

    def compute_output_shape(self, input_shape):
        batch, frames, height, width, _ = input_shape
        return (batch, frames, height // self.cell, width // self.cell, self.orientations + 2)

    def get_config(self):
        own = {"cell": self.cell, "orientations": self.orientations}
        return {**super().get_config(), **own}


def _differences(grey):
    """Half the difference of both neighbours, across and down, 0 at the borders: twice (B, K, H, W)."""
    across = ops.pad((grey[..., 2:] - grey[..., :-2]) / 2, [[0, 0], [0, 0], [0, 0], [1, 1]])
    down = ops.pad((grey[..., 2:, :] - grey[..., :-2, :]) / 2, [[0, 0], [0, 0], [1, 1], [0, 0]])
    return across, down
