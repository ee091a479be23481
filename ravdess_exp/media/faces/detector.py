"""What a face detector is, and the search for the largest face that most of them share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from ravdess_exp.media.limits import SMALLEST_FACE

_ENLARGED = 2560  # pixels of the longer side at most, where frames are enlarged


@dataclass(frozen=True)
class Box:
    """A face in pixels of the full frame: left, top, width, height; and where the eyes are.

    eyes: (x, y) of the eye on the left of the picture, then of the one on its right; None where the
    detector has no key points.
    """

    x: float
    y: float
    width: float
    height: float
    eyes: tuple[float, float, float, float] | None = None

    def overlap(self, other: "Box") -> float:
        """Intersection over union of two boxes."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        high = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        common = max(0.0, wide) * max(0.0, high)
        return common / (self.width * self.height + other.width * other.height - common)


class Detector(Protocol):
    """Finds at most one face a frame."""

    margin: float
    align: bool
    computed_by: tuple[str, ...]  # packages whose version is part of its name in the store

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """frames: (F, H, W, 3) uint8 RGB. Returns F boxes; None where it finds no face."""
        ...


def with_second_look(
    frames: np.ndarray,
    side: int,
    detect: Callable[[list[np.ndarray]], list[list[Box]]],
    *,
    smallest: float,
    pixels: int,
) -> list[Box | None]:
    """The largest face of each frame: in reduced frames first, and at full size where none is seen.

    frames: (F, H, W, 3) uint8; side: pixels of the longer side of a reduced frame. detect: gives
    all boxes of each frame of a list. smallest: share of the shorter side that a face has; where it
    is below the usual one, frames without a face are looked at once more, so enlarged that such a
    face has the `pixels` that `detect` needs.
    """
    height, width = frames.shape[1:3]
    looks = [min(1.0, side / max(height, width)), 1.0]
    if smallest < SMALLEST_FACE:
        needed = pixels / (smallest * min(height, width))
        looks.append(min(needed, _ENLARGED / max(height, width)))
    boxes: list[Box | None] = [None] * len(frames)
    before = 0.0
    for scale in looks:
        again = [i for i, box in enumerate(boxes) if box is None]
        if not again or scale <= before:
            continue
        for i, box in zip(again, _detect(frames[again], scale, detect, smallest), strict=True):
            boxes[i] = box
        before = scale
    return boxes


def _detect(
    frames: np.ndarray, scale: float, detect: Callable, smallest: float
) -> list[Box | None]:
    """Detect on frames of another scale; the boxes are those at full size."""
    height, width = frames.shape[1:3]
    size = (round(width * scale), round(height * scale))
    if scale > 1:  # one at a time: enlarged ones fill the memory
        enlarged = (cv2.resize(f, size, interpolation=cv2.INTER_CUBIC) for f in frames)
        found = [detect([frame])[0] for frame in enlarged]
    elif scale < 1:
        found = detect([cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in frames])
    else:
        found = detect(list(frames))
    return [_largest(of_one, size, scale, smallest) for of_one in found]


def _largest(boxes: list[Box], size: tuple[int, int], scale: float, smallest: float) -> Box | None:
    """The largest box, at full size; None where all are too small to be a face."""
    plausible = [box for box in boxes if min(box.width, box.height) >= smallest * min(size)]
    if not plausible:
        return None
    box = max(plausible, key=lambda b: b.width * b.height)
    eyes = box.eyes and tuple(value / scale for value in box.eyes)
    return Box(box.x / scale, box.y / scale, box.width / scale, box.height / scale, eyes)
