"""Preparing a clip: as a notebook does it, as we do it, and decoding alone, in turns clip by clip.

naive: the ffmpeg program writes a wav, librosa loads and trims it, OpenCV reads every frame, MTCNN looks
at six of them at full size one by one, crop, librosa's MFCCs. ours: everything that a run does for a new
clip, store included, with each detector. floor: nothing but decoding the sound, and the picture up to the
last frame that is needed. One thread; processor time, of the ffmpeg program too.
"""

import argparse
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import av
import cv2
import librosa
import numpy as np
from turns import clips_below, in_turns, milliseconds, package_mtcnn, ratio, write

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.media.decode import Recording
from ravdess_exp.prepare import clips as module
from ravdess_exp.prepare.clips import prepare
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.prepare.store import Store
from ravdess_exp.run.clips import build_recipe

DETECTORS = ("mtcnn", "haar", "yunet")
STAGES = {  # what the parts of our preparation are called, where `prepare` finds them
    "decode sound": (Recording, "__init__"),
    "resample": (Recording, "sound"),
    "digest": (Recording, "sound_digest"),
    "trim": (module, "speech_interval"),
    "decode picture": (Recording, "frames"),
    "crop": (module, "crop_faces"),
    "store": (Store, "put"),
}


def naive(path: Path) -> None:
    """The assignment, a library call after the other."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
        command = [
            "ffmpeg",
            "-v",
            "error",
            "-y",
            "-threads",
            "1",
            "-i",
            path,
            "-vn",
            "-ac",
            "1",
            wav.name,
        ]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)  # noqa: S603 - no shell
        sound, rate = librosa.load(wav.name, sr=16_000)
    speech, (start, end) = librosa.effects.trim(sound, top_db=30)
    capture = cv2.VideoCapture(str(path))
    per_second, frames = capture.get(cv2.CAP_PROP_FPS), []
    while (read := capture.read())[0]:
        frames.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
    first, last = (min(int(t / rate * per_second), len(frames) - 1) for t in (start, end))
    for frame in (frames[i] for i in np.linspace(first, last, 6).astype(int)):
        faces = package_mtcnn().detect_faces(frame)
        x, y, width, height = max((f["box"] for f in faces), key=lambda b: b[2] * b[3])
        crop = frame[max(y, 0) : y + height, max(x, 0) : x + width]
        _ = cv2.resize(crop, (64, 64)) / 255.0
    _ = librosa.feature.mfcc(y=speech, sr=rate, n_mfcc=24)


def floor(path: Path, last_needed: dict[Path, float]) -> None:
    """Decode the sound, and the picture up to the last frame that is needed."""
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for packet in container.demux(container.streams.audio[0], container.streams.video[0]):
            if (
                packet.stream.type == "video"
                and float(packet.dts or 0) * packet.time_base > last_needed[path]
            ):
                continue
            packet.decode()


def recipe(face: str) -> Recipe:
    """How clips are prepared with MFCCs, which the other ways make too, and this detector."""
    return build_recipe(validate(compose_config([f"face={face}", "audio=mfcc"])))


def prepared(paths: list[Path], using: Recipe, *, workers: int = 1, modality: str = "both"):
    """Prepare clips into an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        return prepare(
            [Clip.from_path(path) for path in paths],
            recipe=using,
            store=Store(Path(folder)),
            modality=modality,
            workers=workers,
            max_failed=0.0,
            clip_seconds=60.0,
            progress=False,
        )


def ours(path: Path, using: Recipe) -> None:
    """All that a run does for one clip which the store has not got."""
    prepared([path], using)


def stages(paths: list[Path], using: Recipe) -> dict[str, float]:
    """Milliseconds of processor time a clip by stage, and of the rest."""
    took = defaultdict(float)

    def timed(name: str, function):
        @functools.wraps(function)
        def call(*arguments, **keywords):
            started = time.process_time()
            try:
                return function(*arguments, **keywords)
            finally:
                took[name] += time.process_time() - started

        return call

    places = [*STAGES.items(), ("detect faces", (type(using.detector), "__call__"))]
    places.append(("feature", (type(using.feature), "__call__")))
    originals = [(owner, name, getattr(owner, name)) for _, (owner, name) in places]
    for title, (owner, name) in places:
        setattr(owner, name, timed(title, getattr(owner, name)))
    try:
        started = time.process_time()
        for path in paths:
            ours(path, using)
        whole = time.process_time() - started
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)
    measured = {name: 1000 * took[name] / len(paths) for name, _ in places}
    return measured | {"rest": 1000 * whole / len(paths) - sum(measured.values())}


def heavier(path: Path, folder: Path, megabytes: float) -> Path:
    """The clip re-encoded to RAVDESS's own size, which is mostly noise of the camera."""
    out, rng = folder / path.name, np.random.default_rng(0)
    with av.open(str(path)) as source, av.open(str(out), "w") as target:
        video, audio = source.streams.video[0], source.streams.audio[0]
        seconds = float(video.duration * video.time_base)
        written = target.add_stream("libx264", rate=video.average_rate, options={"preset": "fast"})
        written.width, written.height, written.pix_fmt = video.width, video.height, "yuv420p"
        written.bit_rate = int(8e6 * megabytes / seconds)
        copied = target.add_stream_from_template(audio)
        noise = rng.normal(0, 6, (8, video.height, video.width, 1))
        for packet in source.demux(video, audio):
            if packet.stream is audio and packet.dts is not None:
                packet.stream = copied
                target.mux(packet)
            elif packet.stream is video:
                for number, frame in enumerate(packet.decode()):
                    image = frame.to_ndarray(format="rgb24") + noise[(frame.pts or number) % 8]
                    new = av.VideoFrame.from_ndarray(image.clip(0, 255).astype(np.uint8), "rgb24")
                    new.pts, new.time_base = frame.pts, frame.time_base
                    target.mux(written.encode(new))
        target.mux(written.encode())
    return out


def last_frames(paths: list[Path]) -> dict[Path, float]:
    """Seconds of the last frame that a clip's speech needs."""
    corpus = prepared(paths, recipe("none"), modality="audio")
    ends = corpus.intervals[:, 1].tolist()
    return {clip.path: end for clip, end in zip(corpus.clips, ends, strict=True)}


def compare(paths: list[Path], title: str) -> dict:
    """Time the ways in turns, print a table, return its figures."""
    needed = last_frames(paths)
    ways = {"naive": naive, "floor": functools.partial(floor, last_needed=needed)}
    recipes = {name: recipe(name) for name in DETECTORS}
    ways |= {name: functools.partial(ours, using=using) for name, using in recipes.items()}
    took = in_turns(ways, [paths[0], *paths])
    megabytes = np.median([path.stat().st_size for path in paths]) / 1e6
    print(
        f"\n{title}: {len(paths)} clips, median {megabytes:.2f} MB; processor time, medians of turns\n"
    )
    print("| way | ms a clip | clips a second | naive / it | it / floor |")
    print("|---|---|---|---|---|")
    rows = {}
    for name, values in took.items():
        ms = milliseconds(values)[1]
        rows[name] = {
            "ms": ms,
            "naive_over": ratio(took["naive"], values)[1],
            "over_floor": ratio(values, took["floor"])[1],
        }
        label = f"ours, {name}" if name in DETECTORS else name
        print(
            f"| {label} | {ms:.0f} | {1000 / ms:.1f} | {rows[name]['naive_over']:.1f} | "
            f"{rows[name]['over_floor']:.2f} |"
        )
    by_stage = {name: stages(paths, using) for name, using in recipes.items()}
    print("\n| stage, ms a clip | " + " | ".join(DETECTORS) + " |\n|---|" + "---|" * len(DETECTORS))
    for stage in by_stage[DETECTORS[0]]:
        print(f"| {stage} | " + " | ".join(f"{by_stage[n][stage]:.1f}" for n in DETECTORS) + " |")
    return {"clips": len(paths), "megabytes": float(megabytes), "ways": rows, "stages": by_stage}


def two_processes(paths: list[Path], folder: Path) -> dict[str, float]:
    """How many times as fast two processes are as one, by wall time: the command from its start, and
    the further clips alone, which is what it comes to when there are many.
    """
    few = len(paths) // 3
    took = {}
    for count in (few, len(paths)):
        root = folder / f"clips_{count}"
        root.mkdir()
        for path in paths[:count]:
            shutil.copy(path, root)
        for workers in (1, 2):
            store = folder / f"store_{count}_{workers}"
            call = [sys.executable, "-m", "ravdess_exp", "task=prepare", "data=ravdess"]
            call += [f"data.root={root}", f"data.store={store}", f"data.workers={workers}"]
            started = time.perf_counter()
            subprocess.run(call, cwd=folder, check=True, capture_output=True)  # noqa: S603 - no shell
            took[count, workers] = time.perf_counter() - started
    one, two = (took[len(paths), n] - took[few, n] for n in (1, 2))
    return {
        "clips": len(paths),
        "from the start": took[len(paths), 1] / took[len(paths), 2],
        "further clips": one / two,
    }


def main() -> int:
    """Print the tables and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, help="clips; default: the demo corpus")
    parser.add_argument("--clips", type=int, default=30, help="default: %(default)s")
    parser.add_argument(
        "--heavy", type=int, default=8, help="clips re-encoded; default: %(default)s"
    )
    parser.add_argument(
        "--parallel", type=int, default=450, help="clips for two processes; %(default)s"
    )
    arguments = parser.parse_args()
    if not shutil.which("ffmpeg"):
        raise SystemExit("the naive way needs the ffmpeg program on the path, which is not there")
    cv2.setNumThreads(1)
    _, clips = clips_below(arguments.root)
    spread = np.linspace(0, len(clips) - 1, arguments.clips).astype(int)
    paths = [clips[i].path for i in spread]
    measured = {"as they are": compare(paths, "As they are")}
    with tempfile.TemporaryDirectory() as folder:
        heavy = [heavier(path, Path(folder), 4.0) for path in paths[: arguments.heavy]]
        measured["heavy"] = compare(heavy, "Re-encoded to RAVDESS's size")
    if arguments.parallel:
        many = [clip.path for clip in clips[: arguments.parallel]]
        with tempfile.TemporaryDirectory() as folder:
            faster = measured["two processes"] = two_processes(many, Path(folder))
        print(
            f"\ntwo processes, {faster['clips']} clips, the default detector: "
            f"{faster['from the start']:.2f} times as fast as one from the start, "
            f"{faster['further clips']:.2f} times for further clips"
        )
    write("prepare", measured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
