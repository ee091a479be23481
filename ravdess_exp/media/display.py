"""How a file says that its picture is to be shown: cut, with pixels that are not square, turned."""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np

from ravdess_exp.errors import DecodeError

_CROPPING = ("mov", "matroska")  # the containers that have a crop of their own
_TO_VIDEO = (0x18538067, 0x1654AE6B, 0xAE, 0xE0)  # Matroska: Segment, Tracks, TrackEntry, Video
_EDGES = (0x54BB, 0x54AA, 0x54CC, 0x54DD)  # and in Video PixelCropTop, -Bottom, -Left, -Right
_MOST_OBLONG = 16  # a pixel's width to its height, or the other way; more is a damaged header
_RIGHT_ANGLE = 0.5  # degrees from one that FFmpeg's player takes for it


@dataclass(frozen=True)
class Display:
    """What a container says of one picture stream.

    crop: pixels to leave out at the top, bottom, left and right. pixel: width of a pixel to its height.
    max_side: pixels that a picture may have on a side when its pixels are made square.
    """

    crop: tuple[int, int, int, int]
    pixel: Fraction
    max_side: int

    def shown(self, frame: av.VideoFrame) -> np.ndarray:
        """RGB image (height, width, 3) uint8, as FFmpeg's own player shows it."""
        image = frame.to_ndarray(format="rgb24", threads=1)  # PyAV would start some for each frame
        top, bottom, left, right = self.crop
        image = image[top : image.shape[0] - bottom, left : image.shape[1] - right]
        return np.ascontiguousarray(_turned(self._with_square_pixels(image), _matrix(frame)))

    def _with_square_pixels(self, image: np.ndarray) -> np.ndarray:
        """The shorter side of the pixels is drawn out, as far as the largest picture goes."""
        height, width = image.shape[:2]
        wide, high = width * max(self.pixel, 1), height * max(1 / self.pixel, 1)
        fit = min(1, self.max_side / max(wide, high))
        size = max(1, round(wide * fit)), max(1, round(high * fit))
        if size == (width, height):
            return image
        shrinks = size[0] < width or size[1] < height
        return cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def read_display(
    container: av.container.InputContainer, stream: av.VideoStream, *, max_side: int
) -> Display:
    """Raises `DecodeError` for a crop that leaves nothing, or pixels that no picture has."""
    crop = _crop(container, stream)
    if sum(crop[:2]) >= stream.height or sum(crop[2:]) >= stream.width:
        raise DecodeError(f"the crop {crop} leaves nothing of {stream.width} x {stream.height}")
    pixel = stream.sample_aspect_ratio or Fraction(1)  # 0: nothing is said
    if not 1 / _MOST_OBLONG <= pixel <= _MOST_OBLONG:
        raise DecodeError(
            f"pixels of {pixel.numerator}:{pixel.denominator}, at most {_MOST_OBLONG}:1 or "
            f"1:{_MOST_OBLONG}"
        )
    return Display(crop, pixel, max_side)


def _crop(
    container: av.container.InputContainer, stream: av.VideoStream
) -> tuple[int, int, int, int]:
    """Pixels that the container (not the codec, whose crop is applied in decoding) leaves out.

    FFmpeg reads them from `clap` and `PixelCrop`, but PyAV does not hand them on. So the stream's
    header is written once more, to memory, in the one form in which they are simple to read.
    """
    if not container.format.name.startswith(_CROPPING):
        return 0, 0, 0, 0
    written = io.BytesIO()
    # a codec that Matroska has no name for: then there is no telling, and the whole picture counts
    with (
        suppress(av.FFmpegError, ValueError),
        av.open(written, "w", format="matroska") as header,
    ):
        header.add_stream_from_template(stream)
        header.start_encoding()
    data = written.getvalue()
    for element in _TO_VIDEO:
        data = next((body for name, body in _elements(data) if name == element), b"")
    edges = {name: int.from_bytes(body) for name, body in _elements(data)}
    return tuple(edges.get(edge, 0) for edge in _EDGES)


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Names and bodies of EBML elements that lie side by side (RFC 8794, sections 4 to 6)."""
    at = 0
    while at < len(data):
        name_length = 9 - data[at].bit_length()
        size_at = at + name_length
        size_length = 9 - data[size_at].bit_length()
        body_at = size_at + size_length
        most = (1 << 7 * size_length) - 1  # which stands for: as far as there is
        size = int.from_bytes(data[size_at:body_at]) & most
        end = len(data) if size == most else body_at + size
        yield int.from_bytes(data[at:size_at]), data[body_at:end]
        at = end


def _matrix(frame: av.VideoFrame) -> np.ndarray:
    """The display matrix, (3, 3) int32: of the container, or of the codec where that has one."""
    try:
        for data in frame.side_data:
            if data.type is av.sidedata.sidedata.Type.DISPLAYMATRIX:
                return np.frombuffer(bytes(data), np.int32).reshape(3, 3)
    except ValueError:  # PyAV 18 gives none of a frame's data where it does not know one kind
        turn = np.radians(frame.rotation)
        cosine, sine = 2**16 * np.cos(turn), 2**16 * np.sin(turn)
        return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 2**30]]).astype(np.int32)
    return np.eye(3, dtype=np.int32)


def _turned(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Turned and mirrored as the matrix says; of its scale only the pixels' shape counts.

    (x, y) is shown at (x, y) @ matrix[:2, :2], with y downwards. As in FFmpeg's player a turn by
    no right angle keeps the picture's size, and what then lies outside is lost.
    """
    linear = matrix[:2, :2].astype(float)
    scale = np.hypot(*linear)
    if not scale.all():
        return image  # it would show nothing
    linear /= scale
    clockwise = np.degrees(np.arctan2(linear[0, 1], linear[0, 0]))
    if np.linalg.det(linear) < 0:  # upside down first, then turned
        image = image[::-1]
    turns = round(clockwise / 90)
    if abs(clockwise - 90 * turns) <= _RIGHT_ANGLE:
        return np.rot90(image, -turns)
    height, width = image.shape[:2]
    centre = (width - 1) / 2, (height - 1) / 2
    turn = cv2.getRotationMatrix2D(centre, -clockwise, 1.0)
    return cv2.warpAffine(np.ascontiguousarray(image), turn, (width, height))
