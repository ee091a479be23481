"""dlib's detector, an extra of the installation."""

import functools
import hashlib
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import cv2
import numpy as np

from ravdess_exp.command import install_command
from ravdess_exp.errors import ConfigError
from ravdess_exp.media.faces.detector import Box, with_second_look
from ravdess_exp.media.faces.landmarks import eyes_in, landmarks_file
from ravdess_exp.media.limits import SMALLEST_FACE

_PIXELS = 80  # of a face that it was trained to find


@dataclass(frozen=True, kw_only=True)
class Dlib:
    """dlib's frontal face detector, HOG and a linear classifier (Dalal & Triggs, 2005; King, 2009).

    Finds faces of 80 pixels and more in the reduced frame. The package `dlib-bin` is an extra of
    the installation. With `align` the eyes come from dlib's key points in the full frame;
    landmarks: the file of its 5- or 68-point predictor, None for the one of a package.
    """

    margin: float
    detect_side: int
    smallest: float = SMALLEST_FACE
    # since 0.3; the defaults are what was done before, and so how a bundle of that time is read
    align: bool = False
    landmarks: str | None = None
    computed_by: ClassVar[tuple[str, ...]] = ("dlib-bin",)

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`. Raises `ConfigError` where the key points' file is missing or no such."""
        boxes = with_second_look(
            frames, self.detect_side, _dlib_boxes, smallest=self.smallest, pixels=_PIXELS
        )
        if not self.align:
            return boxes
        path = landmarks_file(self.landmarks)
        return [
            box and replace(box, eyes=eyes_in(frame, box, path))
            for frame, box in zip(frames, boxes, strict=True)
        ]

    def identity(self) -> dict[str, Any]:
        """What the boxes depend on: of the key points' file its content, not its place."""
        names = ("margin", "detect_side", "smallest")
        settings = {name: getattr(self, name) for name in names}
        if not self.align:
            return settings  # as before there were key points, so that clips stay prepared
        content = landmarks_file(self.landmarks).read_bytes()
        return settings | {"align": True, "landmarks": hashlib.sha256(content).hexdigest()}


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
