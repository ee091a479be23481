"""dlib's detector, an extra of the installation."""

import functools
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from ravdess_exp.command import install_command
from ravdess_exp.errors import ConfigError
from ravdess_exp.media.faces.detector import Box, with_second_look


@dataclass(frozen=True, kw_only=True)
class Dlib:
    """dlib's frontal face detector, HOG and a linear classifier (Dalal & Triggs, 2005; King, 2009).

    Finds faces of 80 pixels and more in the reduced frame. It finds no eyes. The package `dlib-bin`
    is an extra of the installation.
    """

    margin: float
    detect_side: int
    align: ClassVar[bool] = False
    computed_by: ClassVar[tuple[str, ...]] = ("dlib-bin",)

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`."""
        return with_second_look(frames, self.detect_side, _dlib_boxes)


def _dlib_boxes(images: list[np.ndarray]) -> list[list[Box]]:
    detector = _load_dlib()
    boxes = []
    for image in images:
        faces = detector(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), 0)
        boxes.append([Box(f.left(), f.top(), f.width(), f.height()) for f in faces])
    return boxes


@functools.lru_cache(maxsize=1)
def _load_dlib():
    try:
        import dlib
    except ImportError as error:
        raise ConfigError(
            f"face=dlib needs the package dlib-bin: {install_command('dlib')}"
        ) from error
    return dlib.get_frontal_face_detector()
