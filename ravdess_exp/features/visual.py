"""Face crops: which frames of a clip, and the square around the face in each."""

from collections.abc import Sequence

import cv2
import numpy as np

from ravdess_exp.errors import FaceError
from ravdess_exp.media.faces import Box


def frame_times(interval: tuple[float, float], count: int) -> list[float]:
    """`count` times in seconds, evenly spaced over the speech: the middles of equal parts of it."""
    start, end = interval
    step = (end - start) / count
    return [start + (i + 0.5) * step for i in range(count)]


def fill_gaps(boxes: Sequence[Box | None]) -> list[Box]:
    """A frame without a face takes the box of the nearest frame of the same clip that has one.

    Of two equally near ones the earlier counts. Raises `FaceError` where no frame has one.
    """
    found = [i for i, box in enumerate(boxes) if box is not None]
    if not found:
        raise FaceError(f"no face found in any of its {len(boxes)} frames")
    return [boxes[min(found, key=lambda j: (abs(j - i), j))] for i in range(len(boxes))]


def crop_face(frame: np.ndarray, box: Box, *, margin: float, size: int) -> np.ndarray:
    """The square around a face, (H, W, 3) -> (size, size, 3) uint8.

    The square has the box's centre and its longer side, and `margin` of that side more on each
    side. Where it leaves the frame, the frame's edge is repeated.
    """
    side = max(box.width, box.height) * (1 + 2 * margin)
    scale = size / side
    left = box.x + box.width / 2 - side / 2
    top = box.y + box.height / 2 - side / 2
    edge = max(0.0, -left, -top, left + side - frame.shape[1], top + side - frame.shape[0])
    pad = int(np.ceil(edge))
    if pad:
        frame = cv2.copyMakeBorder(frame, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    x, y, width = round(left) + pad, round(top) + pad, max(1, round(side))
    square = frame[max(y, 0) : y + width, max(x, 0) : x + width]
    shrink = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(square, (size, size), interpolation=shrink)
