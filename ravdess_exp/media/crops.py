"""Face crops: which frames of a clip, and the square around the face in each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ravdess_exp.errors import FaceError
from ravdess_exp.media.faces import Box

# Where a face lies about its eyes, so that an aligned square covers what a detector's box does.
_FACE_SIDE = 2.1  # distances between the eyes
_EYES_ABOVE_CENTRE = 0.14  # sides of the square


def frame_times(interval: tuple[float, float], count: int) -> list[float]:
    """`count` times in seconds, evenly spaced from the first sound to the last.

    The first frame shows the face as speech sets in, still near rest: what later frames are held
    against. A single frame is taken from the middle.
    """
    if count == 1:
        return [sum(interval) / 2]
    return np.linspace(*interval, count).tolist()


def loudest_half(
    waveform: np.ndarray, interval: tuple[float, float], *, sample_rate: int
) -> tuple[float, float]:
    """The half of the speech that holds the most energy, as start and end in seconds of the clip.

    waveform: (samples,), the speech that lies in `interval`.
    """
    half = len(waveform) // 2
    total = np.concatenate([[0.0], np.cumsum(np.square(waveform, dtype=np.float64))])
    start = interval[0] + int(np.argmax(total[half:] - total[: len(total) - half])) / sample_rate
    return start, start + half / sample_rate


def fill_gaps(boxes: Sequence[Box | None]) -> list[Box]:
    """A frame without a face takes the box of the nearest frame of the same clip that has one.

    Of two equally near ones the earlier counts. Raises `FaceError` where no frame has one.
    """
    with_face = [i for i, box in enumerate(boxes) if box is not None]
    if not with_face:
        raise FaceError(f"no face found in any of its {len(boxes)} frames")
    return [boxes[min(with_face, key=lambda j: (abs(j - i), j))] for i in range(len(boxes))]


def crop_faces(
    frames: np.ndarray,
    boxes: Sequence[Box],
    *,
    margin: float,
    size: int,
    align: bool,
    gray: bool = False,
) -> np.ndarray:
    """Squares around the face, (F, H, W, 3) -> (F, size, size, 3) uint8, or one channel if `gray`.

    A square has the face's width or height, whichever is more, and `margin` of that on each side.
    With `align`, and where all boxes have eyes, it is turned so that the eyes are level and they
    lie in the same two places in every frame; turn and scale are the clip's median, so that a
    frame's own expression does not change them. Where a square leaves the frame, the frame's edge
    is repeated.
    """
    if align and all(box.eyes for box in boxes):
        squares = _aligned(np.array([box.eyes for box in boxes]), margin)
    else:
        squares = [_upright(box, margin) for box in boxes]
    crops = [_cut(f, s, size) for f, s in zip(frames, squares, strict=True)]
    if gray:
        crops = [cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[..., None] for crop in crops]
    return np.stack(crops)


@dataclass(frozen=True)
class _Square:
    """Centre and side in pixels, and the turn of its upper edge in radians."""

    x: float
    y: float
    side: float
    turn: float


def _upright(box: Box, margin: float) -> _Square:
    side = max(box.width, box.height) * (1 + 2 * margin)
    return _Square(box.x + box.width / 2, box.y + box.height / 2, side, 0.0)


def _aligned(eyes: np.ndarray, margin: float) -> list[_Square]:
    """eyes: (F, 4)."""
    across = np.median(eyes[:, 2:] - eyes[:, :2], axis=0)
    distance, turn = float(np.hypot(*across)), float(np.arctan2(across[1], across[0]))
    side = _FACE_SIDE * distance * (1 + 2 * margin)
    down = np.array([-np.sin(turn), np.cos(turn)]) * _EYES_ABOVE_CENTRE * side
    centres = (eyes[:, :2] + eyes[:, 2:]) / 2 + down
    return [_Square(float(x), float(y), side, turn) for x, y in centres]


def _cut(frame: np.ndarray, square: _Square, size: int) -> np.ndarray:
    scale = size / square.side
    blur = int(1 / scale) if scale < 0.5 else 0
    frame, square = _around(frame, square, spare=blur + 2)
    cosine, sine = scale * np.cos(square.turn), scale * np.sin(square.turn)
    matrix = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0]])
    matrix[:, 2] = (size - 1) / 2 - matrix[:, :2] @ (square.x - 0.5, square.y - 0.5)
    if blur:  # warping samples points; what lies between them must be averaged first
        frame = cv2.blur(frame, (blur, blur))
    return cv2.warpAffine(
        frame, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def _around(frame: np.ndarray, square: _Square, *, spare: int) -> tuple[np.ndarray, _Square]:
    """The part of the frame that the square needs, `spare` pixels more on each side where there are.

    Averaging the whole frame takes several times as long as everything else here.
    """
    reach = square.side / 2 * (abs(np.cos(square.turn)) + abs(np.sin(square.turn)))
    spans = []
    for centre, length in ((square.y, frame.shape[0]), (square.x, frame.shape[1])):
        first, last = np.clip([centre - reach, centre + reach], 0, length - 1)
        spans.append(slice(max(0, int(first) - spare), int(last) + spare + 1))
    rows, columns = spans
    moved = replace(square, x=square.x - columns.start, y=square.y - rows.start)
    return frame[rows, columns], moved
