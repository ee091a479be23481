"""Media files that no one should have to open, by kind, and processes that write and prepare them.

`python -m tests.helpers.broken_media write FOLDER` writes them under RAVDESS's names; `prepare FOLDER`
prepares them with two workers and leaves in `outcomes.json` what became of each.
"""

import json
import os
import resource
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from ravdess_exp.corpus.manifest import expected_names, scan
from ravdess_exp.features.audio import Mfcc
from ravdess_exp.media.faces import Centre
from ravdess_exp.prepare.clips import prepare
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.prepare.store import Store
from tests.helpers.media_files import numbered_frames, tone, write_media
from tests.helpers.odd_media import SEED, Case, content, lengths, pictures, sounds

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


def cases(folder: Path) -> Iterator[Case]:
    """Every broken or odd file, each with its kind. folder: for the good ones they are made from."""
    good = good_files(folder)
    yield from _cut(good)
    yield from _flipped(good)
    yield from _fields(good["front"])
    yield from _no_media()
    yield from pictures(folder)
    yield from sounds()
    yield from lengths()
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
            yield "cut", content(whole[: len(whole) * tenth // 10])
        for missing in (1, 100):
            yield "cut", content(whole[:-missing])


def _flipped(good: dict[str, bytes]) -> Iterator[Case]:
    """A few bits of the headers, or of the payload; mp4 has its header behind, the others in front."""
    rng = np.random.default_rng(SEED)
    for name, whole in good.items():
        head = range(len(whole) - 2000, len(whole)) if name == "mp4" else range(2000)
        for kind, where, count in (("header", head, 30), ("payload", range(2000, len(whole)), 20)):
            for _ in range(count):
                spoiled = bytearray(whole)
                for at in rng.choice(where, size=rng.integers(1, 9)):
                    spoiled[at] ^= 1 << rng.integers(8)
                yield f"{kind} flipped", content(bytes(spoiled))


def _fields(front: bytes) -> Iterator[Case]:
    """Four bytes of an mp4's index at a time, set to what a field should never hold."""
    start, end = front.index(b"moov"), front.index(b"mdat")
    for i, at in enumerate(range(start, end - 4, 20)):
        for value in (0, 0xFFFF_FFFF) if i % 2 else (0x7FFF_FFFF, 1):
            yield "absurd field", content(front[:at] + struct.pack(">I", value) + front[at + 4 :])


def _no_media() -> Iterator[Case]:
    _, png = cv2.imencode(".png", numbered_frames(1)[0])
    texts = (
        "no film",
        "ffconcat version 1.0\nfile good.mp4\n",  # a playlist of another file
        "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.mp4\n",  # one of an address
        "<html><body>404 Not Found</body></html>",
        '{"error": "rate limit exceeded"}',
    )
    for of in (
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
        yield "no media", content(of)
    yield (
        "no media",
        lambda p: write_media(p, sound=tone(), container="wav", audio_codec="pcm_s16le"),
    )
    yield "no media", _zipped


def _zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("01-01-01-01-01-01-01.mp4", b"inside")


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
