"""Where in the face a picture feature's values come from, so that what weighs them can be drawn over it."""

from collections.abc import Callable

import numpy as np

from ravdess_exp.features.hog import BLOCK, ORIENTATIONS
from ravdess_exp.features.picture import FaceMotion, Flow, Hog, PictureFeature, SeveralPictures


def laid_out(feature: PictureFeature, values: np.ndarray, side: int) -> np.ndarray | None:
    """(F, D) numbers, one a value of the feature -> (F, side, side): spread over the pixels it is of.

    The sum of each frame stays. With `mirror` a value is of two places, and half goes to each. None
    where the feature does not say where its values lie, as a network's do not.
    """
    if isinstance(feature, FaceMotion | SeveralPictures):
        parts = feature.parts() if isinstance(feature, FaceMotion) else feature.features.values()
        widths = [sum(part.blocks(side)) for part in parts]
        split = np.split(values, np.cumsum(widths)[:-1], axis=1)
        maps = [laid_out(part, of, side) for part, of in zip(parts, split, strict=True)]
        return None if any(of is None for of in maps) else np.sum(maps, axis=0)
    lay: Callable | None = {Hog: _hog, Flow: _flow}.get(type(feature))
    if lay is None:
        return None
    found = lay(feature, values.astype(np.float64), side)
    return (found + found[:, :, ::-1]) / 2 if feature.mirror else found


def _hog(feature: Hog, values: np.ndarray, side: int) -> np.ndarray:
    """OpenCV's order: blocks from left to right, in each column from above; so the cells of a block."""
    found = np.zeros((len(values), side, side))
    start = 0
    for cell, width in zip(feature.cells, feature.blocks(side), strict=True):
        blocks = max(0, side // cell - BLOCK + 1)
        part = values[:, start : start + width]
        start += width
        split = part.reshape(len(values), blocks, blocks, BLOCK, BLOCK, ORIENTATIONS).sum(axis=-1)
        cells = np.zeros((len(values), side // cell, side // cell))  # (F, down, across)
        for across in range(BLOCK):
            for down in range(BLOCK):
                of = split[:, :, :, across, down].transpose(0, 2, 1)
                cells[:, down : down + blocks, across : across + blocks] += of
        edge = (side - side // cell * cell) // 2
        inner = slice(edge, edge + side // cell * cell)
        found[:, inner, inner] += cells.repeat(cell, axis=1).repeat(cell, axis=2) / cell**2
    return found


def _flow(feature: Flow, values: np.ndarray, side: int) -> np.ndarray:
    points = values.reshape(len(values), -1, feature.grid, feature.grid).sum(axis=1)
    spread = _spread(side, feature.grid)
    return spread @ points @ spread.T


def _spread(side: int, grid: int) -> np.ndarray:
    """(side, grid): the share of each of the grid's cells that lies on each pixel; columns sum to 1."""
    ends = np.arange(grid + 1) * side / grid
    pixels = np.arange(side)[:, None]
    overlap = np.minimum(pixels + 1, ends[1:]) - np.maximum(pixels, ends[:-1])
    return np.maximum(overlap, 0) * grid / side
