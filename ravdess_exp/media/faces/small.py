"""Why no face was found: it may be there, and smaller than a face is expected to be."""

import math
from dataclasses import replace

import numpy as np

from ravdess_exp.errors import FaceError
from ravdess_exp.media.faces.detector import Box, Detector

_LEAST = 0.02  # of the frame's shorter side: what is looked for, to say that it is too small
_SMALLER = (0.05, 0.03)  # that are tried before it
_SPARE = 0.9  # boxes of one face differ from frame to frame


def no_face(detector: Detector, frames: np.ndarray) -> FaceError:
    """The error of a clip in which the detector finds no face, with the size of one that is too small.

    frames: (K, H, W, 3) uint8. A small thing counts as a face where half of the frames show it; the
    setting that the message names has been tried.
    """
    nobody = FaceError(f"no face found in any of its {len(frames)} frames")
    if getattr(detector, "smallest", 0) <= _LEAST:  # it looks for nobody, or for the smallest
        return nobody
    boxes = _found(detector, frames, _LEAST)
    if not boxes or 2 * len(boxes) < len(frames):
        return nobody
    height, width = frames.shape[1:3]
    wide, high = (
        float(np.median([getattr(b, side) for b in boxes])) for side in ("width", "height")
    )
    share = min(wide, high) / min(height, width)
    asked = math.floor(100 * _SPARE * share) / 100
    tried = [s for s in (asked, *_SMALLER) if s < detector.smallest]
    finds = next((s for s in tried if _found(detector, frames, s)), _LEAST)
    asks = f", and face.smallest={detector.smallest:g} asks for {detector.smallest:.0%}"
    return FaceError(
        f"the face is too small: {wide:.0f} x {high:.0f} pixels in a picture of {width} x {height}, "
        f"{share:.1%} of its shorter side{asks if share < detector.smallest else ''}; "
        f"face.smallest={finds:g} finds it"
    )


def _found(detector: Detector, frames: np.ndarray, smallest: float) -> list[Box]:
    found = replace(detector, smallest=smallest)(frames)
    return [box for box in found if box is not None]
