"""Media files that are sound, but odd: sizes, rates, codecs, channels, lengths; and what writes them."""

import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.helpers.media_files import RATE, numbered_frames, tone, write_media

SEED = 6
Case = tuple[str, Callable[[Path], object]]  # its kind, and what writes it


def content(of: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(of)


def pictures(folder: Path) -> Iterator[Case]:
    """Sizes, frame rates, codecs and covers; `folder` holds `good.mp4`."""
    for width, height in ((16, 16), (2, 2), (4096, 16), (16, 4096), (4096, 4096)):
        yield "odd picture", _film(frames=numbered_frames(3, width, height), fps=2)
    for width, height in ((4098, 16), (16, 8192), (8192, 8192)):
        yield "too large", _film(frames=numbered_frames(2, width, height), fps=2)
    big = write_media(
        folder / "big.mp4", sound=tone(), frames=numbered_frames(2, 8192, 4096), fps=1
    )
    for declared in ((160, 120), (0, 0), (65535, 65535)):
        yield "declared size", content(_declared(big.read_bytes(), *declared))
        yield "declared size", content(_declared((folder / "good.mp4").read_bytes(), *declared))
    yield "odd picture", _film(frames=numbered_frames(3), fps=1)
    yield "odd picture", _film(frames=numbered_frames(1500, 16, 16), fps=1000)
    yield "odd picture", _film(frames=numbered_frames(40), rotation=90)
    uneven = np.cumsum(np.random.default_rng(SEED).uniform(0.005, 0.075, 45))
    yield "odd picture", _film(frames=numbered_frames(45), times=uneven)
    yield "ten minutes", _film(frames=numbered_frames(20), times=np.arange(20) * 1000.0)
    for codec, pixels in (
        ("mpeg4", "yuv420p"),
        ("mjpeg", "yuvj420p"),
        ("libvpx-vp9", "yuv420p"),
        ("ffv1", "yuv444p16le"),
        ("libx264", "yuv444p10le"),
        ("libx264", "gray"),
        ("rawvideo", "yuv420p"),
        ("prores", "yuv422p10le"),
    ):
        yield "other codec", _stream(video=(codec, pixels))
    yield "another size", _stream(resized=True)
    yield "with a cover", _covered


def sounds() -> Iterator[Case]:
    """Samples that are none, channels, codecs and sample rates."""
    loud = tone()
    spoiled = {"NaN": (1000, np.nan), "infinite": (1000, np.inf), "huge": (1000, 1e30)}
    for name, (at, value) in spoiled.items():
        sound = loud.copy()
        sound[at] = value
        yield f"sound {name}", _film(sound=sound, container="matroska", audio_codec="pcm_f32le")
    yield "odd sound", _film(sound=np.sign(loud))  # clipped
    yield "odd sound", _film(sound=50 * loud, container="matroska", audio_codec="pcm_f32le")
    yield "odd sound", _film(sound=loud * 0 + 0.5, container="matroska", audio_codec="pcm_f32le")
    for silence in (0.0, 1e-40):
        quiet = (loud * silence).astype(np.float32)
        yield "silent", _film(sound=quiet, container="matroska", audio_codec="pcm_f32le")
    for layout, channels in (("stereo", 2), ("5.1", 6)):
        yield "odd sound", _film(sound=np.stack([loud] * channels), layout=layout)
    yield "odd sound", _stream(audio=("aac", RATE), layout="7.1")
    yield "odd sound", _stream(audio=("pcm_f32le", RATE), layout="hexadecagonal")
    for codec, rate in (
        ("aac", 8_000),
        ("aac", 96_000),
        ("pcm_s16le", 192_000),
        ("pcm_u8", 4_000),
        ("flac", 44_100),
        ("libopus", 48_000),
        ("mp3", 22_050),
        ("ac3", 32_000),
    ):
        yield "odd sound", _stream(audio=(codec, rate))
    for rate in (0, 1, 3_999, 2**31 - 1):
        yield "absurd rate", _stream(audio=("pcm_s16le", 16_000), says=rate)


def lengths() -> Iterator[Case]:
    """Streams that lack, are empty, too short or too long."""
    second = numbered_frames(25)
    yield "no sound", lambda p: write_media(p, frames=second)
    yield "no picture", lambda p: write_media(p, sound=tone())
    yield "empty stream", lambda p: write_media(p, sound=tone(), frames=second[:0])
    yield "empty stream", lambda p: write_media(p, sound=tone()[:1], frames=second)
    yield "one frame", _film(frames=second[:1])
    yield "too short", _film(sound=tone(0.03, before=0, after=0))
    yield "too short", _film(sound=tone(4.0), frames=second[:5])
    yield "longer sound", _film(sound=tone(1.3), frames=second)
    yield "longer picture", _film(sound=tone(0.5), frames=numbered_frames(45))
    minutes = np.tile(tone(1.0, before=0, after=0), 600)
    slow = numbered_frames(1, 16, 16).repeat(600, axis=0)
    yield "ten minutes", _film(sound=minutes, frames=slow, fps=1)
    yield "ten minutes", _film(sound=minutes)
    yield "ten minutes", _film(frames=slow, fps=1)
    yield "ten minutes", _film(sound=tone(), frames=slow[:2], times=np.array([0.0, 600.0]))


def _film(**changes) -> Callable[[Path], object]:
    """A good small clip, but for what is changed."""
    return lambda path: write_media(
        path, **{"sound": tone(), "frames": numbered_frames(40, 64, 48)} | changes
    )


def _declared(mp4: bytes, width: int, height: int) -> bytes:
    """An mp4 whose index says another size than its stream."""
    at = mp4.index(b"avc1", mp4.index(b"stsd")) + 28
    return mp4[:at] + struct.pack(">HH", width, height) + mp4[at + 4 :]


def _stream(
    *,
    video: tuple[str, str] = ("libx264", "yuv420p"),
    audio: tuple[str, int] = ("aac", RATE),
    layout: str = "mono",
    says: int | None = None,
    resized: bool = False,
) -> Callable[[Path], object]:
    """A matroska file with other codecs, pixel format and sample rate; `says`: declared rate."""

    def write(path: Path) -> None:
        with av.open(str(path), "w", format="avi" if says is not None else "matroska") as out:
            picture = out.add_stream(video[0], rate=25)
            picture.width, picture.height, picture.pix_fmt = 64, 48, video[1]
            sound = out.add_stream(audio[0], rate=audio[1], layout=layout)
            for i, image in enumerate(numbered_frames(40, 64, 48)):
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.pts, frame.time_base = i, Fraction(1, 25)
                out.mux(picture.encode(frame.reformat(format=video[1])))
            out.mux(picture.encode())
            samples = tone()[np.arange(int(1.6 * audio[1])) * RATE // audio[1]]
            samples = samples.repeat(len(sound.layout.channels))[None]  # (1, n * channels)
            heard = av.AudioFrame.from_ndarray(samples, format="flt", layout=layout)
            heard.rate, heard.pts, heard.time_base = audio[1], 0, Fraction(1, audio[1])
            for converted in av.AudioResampler(format=sound.format).resample(heard):
                out.mux(sound.encode(converted))
            out.mux(sound.encode())
        if says is not None:
            real, other = struct.pack("<I", audio[1]), struct.pack("<I", says)
            path.write_bytes(path.read_bytes().replace(real, other))
        if resized:
            _append_another_size(path)

    return write


def _append_another_size(path: Path) -> None:
    """Half way, the H.264 stream goes on in another size."""
    raw = []
    for width in (64, 96):
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = width, 48, "yuv420p"
        encoder.time_base = Fraction(1, 25)
        encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
        for image in numbered_frames(20, width, 48):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
            raw += [bytes(packet) for packet in encoder.encode(frame)]
    with av.open(str(path), "w", format="matroska") as out:
        picture = out.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = out.add_stream("aac", rate=RATE, layout="mono")
        out.start_encoding()
        for i, encoded in enumerate(raw):
            packet = av.Packet(encoded)
            packet.stream, packet.time_base = picture, Fraction(1, 25)
            packet.pts = packet.dts = i
            packet.is_keyframe = i in (0, 20)
            out.mux(packet)
        heard = av.AudioFrame.from_ndarray(tone()[None], format="fltp", layout="mono")
        heard.rate, heard.pts = RATE, 0
        out.mux(sound.encode(heard))
        out.mux(sound.encode())


def _covered(path: Path) -> None:
    """A cover picture stands before the film, as shops' files have it."""
    good = write_media(path.with_suffix(".tmp"), sound=tone(), frames=numbered_frames(40, 64, 48))
    with av.open(str(good)) as read, av.open(str(path), "w", format="mp4") as out:
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 320, 320, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        streams = {s: out.add_stream_from_template(s) for s in read.streams}
        frame = av.VideoFrame.from_ndarray(np.full((320, 320, 3), 255, np.uint8), format="rgb24")
        out.mux(cover.encode(frame.reformat(format="yuvj420p")))
        out.mux(cover.encode())
        for packet in read.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream]
                out.mux(packet)
    good.unlink()
