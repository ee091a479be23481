"""Why no face was found: it may be there, and smaller than a face is expected to be."""

import math
from dataclasses import fields, replace

import numpy as np

from ravdess_exp.errors import FaceError
from ravdess_exp.media.faces.detector import Box, Detector

_LEAST = 0.02  # of the frame's shorter side: what is looked for, to say that it is too small
_SPARE = 0.9  # boxes of one face differ from frame to frame


def no_face(detector: Detector, frames: np.ndarray) -> FaceError:
    """The error of a clip in which the detector finds no face, with the size of one that is too small.

    frames: (K, H, W, 3) uint8. A small thing counts as a face where half of the frames show it; the
    setting that the message names has been tried.
    """
    nobody = FaceError(f"no face found in any of its {len(frames)} frames")
    if "smallest" not in {field.name for field in fields(detector)}:
        return nobody
    boxes = _found(detector, frames, min(_LEAST, detector.smallest))
    if not boxes or 2 * len(boxes) < len(frames):
        return nobody
    height, width = frames.shape[1:3]
    wide, high = (
        float(np.median([getattr(b, side) for b in boxes])) for side in ("width", "height")
    )
    share = min(wide, high) / min(height, width)
    asked = math.floor(100 * _SPARE * share) / 100
    finds = next(s for s in (asked, _LEAST) if s >= _LEAST and _found(detector, frames, s))
    return FaceError(
        f"the face is too small: {wide:.0f} x {high:.0f} pixels in a picture of {width} x {height}, "
        f"{share:.1%} of its shorter side, and face.smallest={detector.smallest:g} asks for "
        f"{detector.smallest:.0%}; face.smallest={finds:g} finds it"
    )


def _found(detector: Detector, frames: np.ndarray, smallest: float) -> list[Box]:
    found = replace(detector, smallest=smallest)(frames)
    return [box for box in found if box is not None]
