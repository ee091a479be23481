"""What a face detector is, and the search for the largest face that most of them share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

SMALLEST = 0.08  # of the frame's shorter side: anything less is background, or no face


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
    frames: np.ndarray, side: int, detect: Callable[[list[np.ndarray]], list[list[Box]]]
) -> list[Box | None]:
    """The largest face of each frame: in reduced frames first, and at full size where none is seen.

    frames: (F, H, W, 3) uint8; side: pixels of the longer side of a reduced frame. detect: gives
    all boxes of each frame of a list.
    """
    boxes = _detect_reduced(frames, side, detect)
    again = [i for i, box in enumerate(boxes) if box is None]
    if again and max(frames.shape[1:3]) > side:
        boxes_of_those = _detect_reduced(frames[again], max(frames.shape[1:3]), detect)
        for i, box in zip(again, boxes_of_those, strict=True):
            boxes[i] = box
    return boxes


def _detect_reduced(frames: np.ndarray, side: int, detect: Callable) -> list[Box | None]:
    """Detect on frames whose longer side is at most `side`; the boxes are those at full size."""
    height, width = frames.shape[1:3]
    scale = min(1.0, side / max(height, width))
    size = (round(width * scale), round(height * scale))
    small = [cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in frames]
    return [
        _largest(of_one, size, scale) for of_one in detect(small if scale < 1 else list(frames))
    ]


def _largest(boxes: list[Box], size: tuple[int, int], scale: float) -> Box | None:
    """The largest box, at full size; None where all are too small to be a face."""
    plausible = [box for box in boxes if min(box.width, box.height) >= SMALLEST * min(size)]
    if not plausible:
        return None
    box = max(plausible, key=lambda b: b.width * b.height)
    eyes = box.eyes and tuple(value / scale for value in box.eyes)
    return Box(box.x / scale, box.y / scale, box.width / scale, box.height / scale, eyes)
