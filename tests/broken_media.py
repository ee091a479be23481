"""Media files that no one should have to open, by kind, and processes that write and prepare them.

`python -m tests.broken_media write FOLDER` writes them under RAVDESS's names; `prepare FOLDER`
prepares them with two workers and leaves in `outcomes.json` what became of each.
"""

import json
import os
import resource
import signal
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from ravdess_exp.corpus.manifest import expected_names, scan
from ravdess_exp.features.audio import Mfcc
from ravdess_exp.features.prepare import prepare
from ravdess_exp.features.recipe import Recipe
from ravdess_exp.features.store import Store
from ravdess_exp.media.faces import Box, Centre
from tests.media_files import RATE, numbered_frames, tone, write_media

SEED = 6
RECIPE = Recipe(
    feature=Mfcc(
        sample_rate=16_000,
        n_mfcc=13,
        n_fft=512,
        hop_length=256,
        deltas=False,
        standardise="sample",
        frames=40,
    ),
    detector=Centre(margin=0.0, share=0.5),
    top_db=30.0,
    frames=6,
    size=32,
    gray=False,
    loudest=False,
)


@dataclass(frozen=True)
class Saboteur:
    """A face detector that does what the file `trap` says, if it is there, over a white clip.

    Elsewhere it takes the middle. It stands for a decoder or a network that fails for good.
    """

    trap: str
    margin: float = 0.0
    align: bool = False

    def __call__(self, frames: np.ndarray) -> list[Box]:
        """See `Detector`."""
        trap = Path(self.trap)
        if frames.mean() > 200 and trap.exists():
            match trap.read_text():
                case "hang":
                    time.sleep(600)
                case "exit":
                    os._exit(3)
                case "memory":
                    raise MemoryError("no more")
                case name:
                    os.kill(os.getpid(), signal.Signals[name])
        return Centre(margin=0.0, share=0.5)(frames)


def white(path: Path) -> Path:
    """A clip over which the `Saboteur` acts."""
    return write_media(path, sound=tone(), frames=np.full((40, 48, 64, 3), 255, np.uint8))


Case = tuple[str, Callable[[Path], object]]  # its kind, and what writes it


def cases(folder: Path) -> Iterator[Case]:
    """Every broken or odd file, each with its kind. folder: for the good ones they are made from."""
    good = good_files(folder)
    yield from _cut(good)
    yield from _flipped(good)
    yield from _fields(good["front"])
    yield from _no_media()
    yield from _pictures(folder)
    yield from _sounds()
    yield from _lengths()
    yield from _no_files()


def good_files(folder: Path) -> dict[str, bytes]:
    """One small clip in each container; `front` is an mp4 with its index in front."""
    rng = np.random.default_rng(SEED)
    noise = cv2.blur(rng.integers(0, 255, (35, 64, 80, 3), dtype=np.uint8)[0], (3, 3))
    frames = np.stack([np.roll(noise, 2 * i, axis=1) for i in range(40)])
    common = {"sound": tone(), "frames": frames, "options": {"crf": "30", "g": "10"}}
    mp4 = write_media(folder / "good.mp4", **common)
    front = _remuxed(mp4, folder / "front.mp4", {"movflags": "faststart"})
    paths = {"mp4": mp4, "front": front}
    for suffix, container in (("mkv", "matroska"), ("avi", "avi")):
        audio = "aac" if suffix == "mkv" else "pcm_s16le"
        paths[suffix] = write_media(
            folder / f"good.{suffix}", **common, container=container, audio_codec=audio
        )
    return {name: path.read_bytes() for name, path in paths.items()}


def _remuxed(source: Path, target: Path, options: dict) -> Path:
    with av.open(str(source)) as read, av.open(str(target), "w", options=options) as out:
        streams = {s: out.add_stream_from_template(s) for s in read.streams}
        for packet in read.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream]
                out.mux(packet)
    return target


def _cut(good: dict[str, bytes]) -> Iterator[Case]:
    for whole in good.values():
        for tenth in range(1, 10):
            yield "cut", _bytes(whole[: len(whole) * tenth // 10])
        for missing in (1, 100):
            yield "cut", _bytes(whole[:-missing])


def _flipped(good: dict[str, bytes]) -> Iterator[Case]:
    """A few bits of the headers, or of the payload; mp4 has its header behind, the others in front."""
    rng = np.random.default_rng(SEED)
    for name, whole in good.items():
        head = range(len(whole) - 2000, len(whole)) if name == "mp4" else range(2000)
        for kind, where, count in (("header", head, 30), ("payload", range(2000, len(whole)), 20)):
            for _ in range(count):
                content = bytearray(whole)
                for at in rng.choice(where, size=rng.integers(1, 9)):
                    content[at] ^= 1 << rng.integers(8)
                yield f"{kind} flipped", _bytes(bytes(content))


def _fields(front: bytes) -> Iterator[Case]:
    """Four bytes of an mp4's index at a time, set to what a field should never hold."""
    start, end = front.index(b"moov"), front.index(b"mdat")
    for i, at in enumerate(range(start, end - 4, 20)):
        for value in (0, 0xFFFF_FFFF) if i % 2 else (0x7FFF_FFFF, 1):
            yield "absurd field", _bytes(front[:at] + struct.pack(">I", value) + front[at + 4 :])


def _no_media() -> Iterator[Case]:
    _, png = cv2.imencode(".png", numbered_frames(1)[0])
    texts = (
        "no film",
        "ffconcat version 1.0\nfile good.mp4\n",  # a playlist of another file
        "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.mp4\n",  # one of an address
        "<html><body>404 Not Found</body></html>",
        '{"error": "rate limit exceeded"}',
    )
    for content in (
        *(text.encode() for text in texts),
        png.tobytes(),
        b"",
        b"\0",
        bytes(100_000),
        b"\xff" * 5000,
        b"RIFF" + struct.pack("<I", 2**32 - 1) + b"AVI LIST",
        struct.pack(">I", 24) + b"ftypisom" + bytes(12),
        struct.pack(">I", 8) + b"moov",
        b"\x1a\x45\xdf\xa3" + bytes(500),
        b"FLV\x01\x05" + bytes(500),
        np.random.default_rng(SEED).bytes(20_000),
    ):
        yield "no media", _bytes(content)
    yield (
        "no media",
        lambda p: write_media(p, sound=tone(), container="wav", audio_codec="pcm_s16le"),
    )
    yield "no media", _zipped


def _zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("01-01-01-01-01-01-01.mp4", b"inside")


def _pictures(folder: Path) -> Iterator[Case]:
    for width, height in ((16, 16), (2, 2), (4096, 16), (16, 4096), (4096, 4096)):
        yield "odd picture", _film(frames=numbered_frames(3, width, height), fps=2)
    for width, height in ((4098, 16), (16, 8192), (8192, 8192)):
        yield "too large", _film(frames=numbered_frames(2, width, height), fps=2)
    big = write_media(
        folder / "big.mp4", sound=tone(), frames=numbered_frames(2, 8192, 4096), fps=1
    )
    for declared in ((160, 120), (0, 0), (65535, 65535)):
        yield "declared size", _bytes(_declared(big.read_bytes(), *declared))
        yield "declared size", _bytes(_declared((folder / "good.mp4").read_bytes(), *declared))
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


def _sounds() -> Iterator[Case]:
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


def _lengths() -> Iterator[Case]:
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


def _no_files() -> Iterator[Case]:
    yield "no file", lambda p: os.mkfifo(p)
    yield "no file", lambda p: p.symlink_to("/dev/zero")
    yield "no file", lambda p: p.symlink_to("/dev/null")
    yield "no file", lambda p: p.symlink_to("nowhere.mp4")
    yield "no file", lambda p: p.symlink_to(p.name)  # to itself
    yield "no file", lambda p: _sparse(p, 2**40)


def _sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


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
            content = path.read_bytes()
            at = content.index(struct.pack("<I", audio[1]), content.index(b"auds"))
            path.write_bytes(content.replace(struct.pack("<I", audio[1]), struct.pack("<I", says)))
            assert at
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
        for i, content in enumerate(raw):
            packet = av.Packet(content)
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


def write(folder: Path) -> None:
    """Write all cases under the names of clips, and which kind each of them is."""
    (folder / "corpus").mkdir()
    (folder / "made").mkdir()
    kinds = {}
    for name, (kind, make) in zip(expected_names(), cases(folder / "made"), strict=False):
        make(folder / "corpus" / f"{name}.mp4")
        kinds[name] = kind
    (folder / "kinds.json").write_text(json.dumps(kinds))


def prepare_all(folder: Path) -> None:
    """Prepare the cases, and leave the reason of each failure; none of a valid sample."""
    found = prepare(
        scan(folder / "corpus").clips,
        recipe=RECIPE,
        store=Store(folder / "store"),
        modality="both",
        workers=2,
        clip_seconds=30.0,
        max_failed=1.0,
        progress=False,
    )
    reasons = {path.stem: reason for path, reason in found.failures}
    for clip, feature, faces in zip(found.clips, found.features, found.faces, strict=True):
        sound = feature.shape[0] == 13 and feature.shape[1] > 0 and np.isfinite(feature).all()
        picture = faces.shape == (6, 32, 32, 3) and faces.dtype == np.uint8
        reasons[clip.name] = "" if sound and picture else f"{feature.shape}, {faces.shape}"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # KiB, largest worker
    (folder / "outcomes.json").write_text(json.dumps({"reasons": reasons, "peak_mib": peak}))


if __name__ == "__main__":
    {"write": write, "prepare": prepare_all}[sys.argv[1]](Path(sys.argv[2]))
