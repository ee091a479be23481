"""What a file says of how its picture is to be shown: it is shown like that."""

import struct
from fractions import Fraction
from itertools import product
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from ravdess_exp.errors import DecodeError
from ravdess_exp.media.decode import Recording
from tests.helpers.media_files import write_media

HEIGHT, WIDTH = 96, 160
RIGHT_ANGLES = [(a, b, c, d) for a, b, c, d in product((-1, 0, 1), repeat=4) if a * d - b * c]
EIGHT = [m for m in RIGHT_ANGLES if abs(m[0]) + abs(m[1]) == 1 and abs(m[2]) + abs(m[3]) == 1]


def picture() -> np.ndarray:
    """No two of its corners look alike, (HEIGHT, WIDTH, 3) uint8."""
    image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    image[:32, :48] = 240
    image[64:, :32] = 150
    image[:24, 128:] = 0
    return image


def shown(path: Path) -> np.ndarray:
    with Recording(path, sound=False) as recording:
        return recording.frames([0.1])[0]


def write(path: Path, image: np.ndarray, **settings) -> Path:
    return write_media(path, frames=np.repeat(image[None], 6, axis=0), **settings)


def assert_alike(frame: np.ndarray, expected: np.ndarray) -> None:
    assert frame.shape == expected.shape
    assert np.abs(frame.astype(int) - expected).mean() < 8


def moved(image: np.ndarray, a: int, b: int, c: int, d: int) -> np.ndarray:
    """Each pixel taken to (x, y) @ ((a, b), (c, d)), by the definition of the matrix."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    new_x, new_y = a * x + c * y, b * x + d * y
    new_x, new_y = new_x - new_x.min(), new_y - new_y.min()
    out = np.empty((new_y.max() + 1, new_x.max() + 1, 3), np.uint8)
    out[new_y, new_x] = image
    return out


def matrix(a: float, b: float, c: float, d: float, scale: float = 1.0) -> list[int]:
    fixed = [round(v * scale * 2**16) for v in (a, b, c, d)]
    return [fixed[0], fixed[1], 0, fixed[2], fixed[3], 0, WIDTH << 16, 0, 1 << 30]


def test_there_are_eight_ways_to_hold_a_camera():
    assert len(EIGHT) == 8


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("linear", EIGHT, ids=str)
def test_every_turn_and_mirror_image(tmp_path, linear, scale):
    path = write(tmp_path / "a.mp4", picture(), matrix=matrix(*linear, scale))
    assert_alike(shown(path), moved(picture(), *linear))


@pytest.mark.parametrize("degrees", [-100, -7, 20, 45])
def test_a_turn_by_any_angle_keeps_the_size(tmp_path, degrees):
    """As in FFmpeg's player."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    centre = (WIDTH - 1) / 2, (HEIGHT - 1) / 2
    image = picture()
    back = cv2.getRotationMatrix2D(centre, degrees, 1.0)  # counter-clockwise
    path = write(
        tmp_path / "a.mp4",
        cv2.warpAffine(image, back, (WIDTH, HEIGHT)),
        matrix=matrix(cosine, sine, -sine, cosine),  # clockwise
    )
    frame = shown(path)
    middle = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(middle, (WIDTH // 2, HEIGHT // 2), HEIGHT // 2 - 4, 1, -1)
    assert frame.shape == image.shape
    assert np.abs(frame.astype(int) - image)[middle > 0].mean() < 8


def test_a_matrix_that_shows_nothing_is_left_alone(tmp_path):
    path = write(tmp_path / "a.mkv", picture(), matrix=[0] * 9, container="matroska")
    assert_alike(shown(path), picture())


@pytest.mark.parametrize("container", ["mp4", "matroska", "avi", "mpegts"])
@pytest.mark.parametrize("pixel", [Fraction(2), Fraction(1, 2), Fraction(16, 11)], ids=str)
def test_pixels_are_made_square(tmp_path, container, pixel):
    size = (round(WIDTH / pixel), HEIGHT) if pixel > 1 else (WIDTH, round(HEIGHT * pixel))
    stored = cv2.resize(picture(), (size[0] // 2 * 2, size[1]), interpolation=cv2.INTER_AREA)
    path = write(tmp_path / "a", stored, pixel=pixel, container=container)
    assert_alike(shown(path), picture())


def test_pixels_are_made_square_before_a_turn(tmp_path):
    stored = cv2.resize(picture(), (WIDTH // 2, HEIGHT), interpolation=cv2.INTER_AREA)
    path = write(tmp_path / "a.mp4", stored, pixel=Fraction(2), matrix=matrix(0, 1, -1, 0))
    assert_alike(shown(path), moved(picture(), 0, 1, -1, 0))


def test_a_matrix_that_stretches(tmp_path):
    """As some phones and editors say what `pixel` says."""
    stored = cv2.resize(picture(), (WIDTH // 2, HEIGHT), interpolation=cv2.INTER_AREA)
    path = write(tmp_path / "a.mp4", stored, matrix=matrix(2, 0, 0, 1))
    assert_alike(shown(path), picture())


def test_pixels_of_no_picture_are_refused(tmp_path):
    path = write(tmp_path / "a.mp4", picture(), pixel=Fraction(60))
    with pytest.raises(DecodeError, match="pixels of 60:1, at most 16:1"):
        shown(path)


def framed(left: int, top: int) -> np.ndarray:
    """`picture` with something around it that must not be seen."""
    image = np.full((HEIGHT + 32, WIDTH + 48, 3), 255, np.uint8)
    image[top : top + HEIGHT, left : left + WIDTH] = picture()
    return image


@pytest.mark.parametrize(("left", "top"), [(0, 0), (2, 6), (48, 32), (22, 10)])
def test_the_codecs_crop(tmp_path, left, top):
    whole = write(tmp_path / "whole.mp4", framed(left, top))
    edges = f"crop_left={left}:crop_right={48 - left}:crop_top={top}:crop_bottom={32 - top}"
    path = tmp_path / "a.mp4"
    with av.open(str(whole)) as source, av.open(str(path), "w") as out:
        (stream,) = source.streams
        copied = out.add_stream_from_template(stream)
        said = av.bitstream.BitStreamFilterContext(f"h264_metadata={edges}", stream, copied)
        for packet in (p for one in source.demux() for p in said.filter(one)):
            packet.stream = copied
            out.mux(packet)
    assert_alike(shown(path), picture())


@pytest.mark.parametrize("container", ["mp4", "matroska"])
@pytest.mark.parametrize(("left", "top"), [(0, 0), (3, 7), (48, 32)])
def test_the_containers_crop(tmp_path, left, top, container):
    path = write(tmp_path / "a.mp4", framed(left, top))
    off = (2 * left - 48, 2 * top - 32)  # of the two centres, in half pixels
    clap = struct.pack(">I4s8i", 40, b"clap", WIDTH, 1, HEIGHT, 1, off[0], 2, off[1], 2)
    path.write_bytes(with_box(path.read_bytes(), clap))
    if container != "mp4":  # where it is `PixelCrop`
        path = copied_to(tmp_path / "a.mkv", path, container)
    assert_alike(shown(path), picture())


def with_box(film: bytes, box: bytes) -> bytes:
    """The file with one more box at the end of its picture's sample description."""
    data, start, end, sizes = bytearray(film), 0, len(film), []
    ahead = {b"stsd": 8, b"avc1": 78}  # bytes before the first box inside
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1"):
        while data[start + 4 : start + 8] != name:
            start += struct.unpack_from(">I", data, start)[0]
            assert start < end
        sizes.append(start)
        end = start + struct.unpack_from(">I", data, start)[0]
        start += 8 + ahead.get(name, 0)
    data[end:end] = box
    for at in sizes:
        struct.pack_into(">I", data, at, struct.unpack_from(">I", data, at)[0] + len(box))
    return bytes(data)


def copied_to(target: Path, path: Path, container: str) -> Path:
    with av.open(str(path)) as source, av.open(str(target), "w", format=container) as out:
        copied = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = copied
                out.mux(packet)
    return target


def test_a_frame_with_data_that_the_library_does_not_know(tmp_path):
    """PyAV 18 lists none of a frame's side data then; the angle is known all the same."""
    path = write(
        tmp_path / "a.mov",
        picture(),
        container="mov",
        video_codec="tiff",
        pix_fmt="rgb24",
        rotation=90,
    )
    with av.open(str(path)) as container, pytest.raises(ValueError, match="not a valid Type"):
        list(next(container.decode(video=0)).side_data)
    np.testing.assert_array_equal(shown(path), np.rot90(picture()))
