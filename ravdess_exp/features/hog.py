"""Histograms of oriented gradients of face crops: where edges lie, and how they are turned.

Source: Dalal & Triggs (2005), "Histograms of oriented gradients for human detection", CVPR.
"""

import cv2
import numpy as np

ORIENTATIONS = 9  # of 20 degrees each
BLOCK = 2  # cells, both ways, that are brought to one contrast together


def hog(crops: np.ndarray, cell: int) -> np.ndarray:
    """(F, S, S) uint8 -> (F, D) float32; D is `hog_width`.

    cell: pixels, both ways. Blocks of 2 x 2 cells overlap by one cell. Where cells do not fill the
    crop, its middle is taken.
    """
    side = crops.shape[1] // cell * cell
    start = (crops.shape[1] - side) // 2
    window = (side, side)
    block = (BLOCK * cell, BLOCK * cell)
    descriptor = cv2.HOGDescriptor(window, block, (cell, cell), (cell, cell), ORIENTATIONS)
    inner = crops[:, start : start + side, start : start + side]
    return np.stack([descriptor.compute(np.ascontiguousarray(one)) for one in inner])


def hog_width(side: int, cell: int) -> int:
    """D of `hog` for crops of this side; 0 where not even one block fits."""
    blocks = max(0, side // cell - BLOCK + 1)
    return blocks**2 * BLOCK**2 * ORIENTATIONS
