"""MTCNN, by the package `mtcnn`, which runs on TensorFlow."""

import functools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ravdess_exp.errors import ConfigError
from ravdess_exp.media.faces.detector import Box, with_second_look
from ravdess_exp.media.limits import SMALLEST_FACE
from ravdess_exp.terminal import quiet_stderr

_TESTED = "1.0."  # version of mtcnn whose `detect_faces` takes a list of equal frames


_PIXELS = 24  # of a face that its first network sees, and some to spare


@dataclass(frozen=True, kw_only=True)
class Mtcnn:
    """Multi-task cascaded convolutional networks (Zhang et al., 2016, IEEE SPL 23(10)).

    Frames are reduced so that their longer side is `detect_side`, all frames of a clip go through
    the networks as one batch, and frames without a face are tried again at full size.
    `min_face_size` stays at the package's default of 20 pixels: larger values make mtcnn 1.0.0
    build a pyramid level that its first network cannot take, and report no face at all.
    """

    margin: float
    align: bool
    detect_side: int
    smallest: float = SMALLEST_FACE
    computed_by: ClassVar[tuple[str, ...]] = ("mtcnn",)

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`."""
        return with_second_look(
            frames, self.detect_side, _mtcnn_boxes, smallest=self.smallest, pixels=_PIXELS
        )


def _mtcnn_boxes(images: list[np.ndarray]) -> list[list[Box]]:
    return [
        [Box(*map(float, face["box"]), _eyes(face["keypoints"])) for face in faces]
        for faces in _load_mtcnn().detect_faces(images)
    ]


def _eyes(points: dict) -> tuple[float, ...]:
    """mtcnn's `left_eye` is the one on the left of the picture; make sure of it."""
    left, right = sorted((points["left_eye"], points["right_eye"]))
    return tuple(map(float, (*left, *right)))


@functools.lru_cache(maxsize=1)  # once a process: building the networks takes a second
def _load_mtcnn():
    with quiet_stderr():
        import mtcnn
        import tensorflow as tf
        from mtcnn.metadata import __version__ as version

        if not version.startswith(_TESTED):
            raise ConfigError(f"face=mtcnn is tested with mtcnn {_TESTED}*, found {version}")
        for gpu in tf.config.list_physical_devices("GPU"):  # or a worker would take all its memory
            tf.config.experimental.set_memory_growth(gpu, True)
        return mtcnn.MTCNN()
