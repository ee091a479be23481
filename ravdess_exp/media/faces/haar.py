"""OpenCV's Haar cascade."""

import functools
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from ravdess_exp.errors import ConfigError
from ravdess_exp.media.faces.detector import Box, with_second_look
from ravdess_exp.media.limits import SMALLEST_FACE

_WINDOW = 24  # pixels of the cascade
_PIXELS = 36  # of a face that it finds at several scales, as it must


@dataclass(frozen=True, kw_only=True)
class Haar:
    """OpenCV's frontal face cascade (Viola & Jones, 2001). It finds no eyes, so nothing is aligned."""

    margin: float
    detect_side: int
    smallest: float = SMALLEST_FACE
    align: ClassVar[bool] = False
    computed_by: ClassVar[tuple[str, ...]] = ("opencv-python-headless",)

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`."""
        detect = functools.partial(_haar_boxes, smallest=self.smallest)
        return with_second_look(
            frames, self.detect_side, detect, smallest=self.smallest, pixels=_PIXELS
        )


def _haar_boxes(images: list[np.ndarray], *, smallest: float) -> list[list[Box]]:
    cascade = _load_haar()
    boxes = []
    for image in images:
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        faces = cascade.detectMultiScale(
            gray, scaleFactor=1.1, minNeighbors=5, minSize=_floor(gray, smallest)
        )
        boxes.append([Box(*map(float, face)) for face in faces])
    return boxes


def _floor(image: np.ndarray, smallest: float) -> tuple[int, int]:
    side = max(_WINDOW, round(smallest * min(image.shape)))
    return side, side


@functools.lru_cache(maxsize=1)
def _load_haar() -> cv2.CascadeClassifier:
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    if cascade.empty():
        raise ConfigError(f"face=haar: OpenCV {cv2.__version__} ships no cascade; install 4.x")
    return cascade
