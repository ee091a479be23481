"""Write the demo corpus as mp4 files; what is there already is not made again."""

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path

import av
import joblib
import numpy as np
import soxr
from filelock import Timeout

from ravdess_exp.corpus.demo import face, voice
from ravdess_exp.corpus.demo.clip import FPS, render
from ravdess_exp.corpus.demo.trials import Trial, trials
from ravdess_exp.corpus.listing import DEMO_MARKER as MARKER
from ravdess_exp.errors import CorpusError, OutputError
from ravdess_exp.files import LOCK, locked
from ravdess_exp.terminal import progress_bar

_VERSION = 1  # raise it when clips come out differently
_FILE_RATE = 48_000  # Hz, as RAVDESS's

log = logging.getLogger(__name__)


def generate_demo(
    root: Path,
    *,
    clips_per_actor: int = 20,
    seed: int = 0,
    n_jobs: int = -1,
    progress: bool = True,
) -> Path:
    """Write what is missing of the demo corpus under `root`, and return `root`.

    24 actors, `clips_per_actor` (8 to 60) each. Every clip depends on its name and `seed` alone.
    Where another process writes the same corpus, this waits for it. Raises `CorpusError` where
    `root` holds another corpus, which is left as it is; `OutputError` where it cannot be written.
    """
    settings = {"version": _VERSION, "seed": seed, "clips_per_actor": clips_per_actor}
    write_all(root, settings, lambda: trials(clips_per_actor), n_jobs=n_jobs, progress=progress)
    return root


def write_all(
    root: Path,
    settings: dict,
    wanted: Callable[[], Iterable[Trial]],
    *,
    n_jobs: int,
    progress: bool,
    last: Callable[[], None] = lambda: None,
) -> None:
    """Write what is missing of a demo corpus with these settings, its clips first; see `generate_demo`.

    wanted: gives its clips; last: writes what belongs to it beside the clips.
    """
    if _is_complete(root, settings):
        return
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _alone(root):
            if not _is_complete(root, settings):  # by another process meanwhile
                _write_marker(root, settings)
                _write_missing(root, wanted(), settings["seed"], n_jobs, progress)
                last()
                _write_marker(root, settings | {"complete": True})
    except OSError as error:
        raise OutputError(f"{root}: the demo corpus cannot be written ({error})") from error


def _is_complete(root: Path, settings: dict) -> bool:
    """Whether all clips are there; raises `CorpusError` where `root` is for something else.

    The lock comes into an empty folder first, then the marker, then the clips. So a folder with
    other files and neither of the two is not ours.
    """
    names = {path.name for path in root.iterdir()} if root.is_dir() else set()
    if names and not names & {MARKER, LOCK}:
        raise CorpusError(
            f"{root}: not empty and not a demo corpus (no {MARKER}); nothing is written into it. "
            "Set data.root to another folder, or data=ravdess to use your clips"
        )
    if MARKER not in names:
        return False
    marker = json.loads((root / MARKER).read_text())
    made_with = {name: marker.get(name) for name in settings}
    if made_with != settings:
        raise CorpusError(
            f"{root}: holds a demo corpus made with {made_with}, not with {settings}; remove the "
            "folder or set data.root to another one"
        )
    return bool(marker.get("complete"))


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(root / LOCK))
        except Timeout:
            log.info("%s: another process writes the demo corpus; waiting for it", root)
            stack.enter_context(locked(root / LOCK, wait=True))
        yield


def _write_missing(
    root: Path, wanted: Iterable[Trial], seed: int, n_jobs: int, progress: bool
) -> None:
    missing = [trial for trial in wanted if not (root / trial.path).exists()]
    jobs = min(joblib.effective_n_jobs(n_jobs), max(1, len(missing)))
    made = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(
        joblib.delayed(write_clip)(trial, root, seed) for trial in missing
    )
    for _ in progress_bar(made, total=len(missing), label="demo corpus", shown=progress):
        pass


def write_clip(trial: Trial, root: Path, seed: int) -> None:
    """Make one clip and put it in its place only when it is whole."""
    path = root / trial.path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    sound, frames = render(trial, seed)
    _encode(unfinished, sound, frames)
    unfinished.replace(path)


def _encode(path: Path, sound: np.ndarray, frames: np.ndarray) -> None:
    """H.264 and AAC in mp4, the same bytes each time: one thread, no time stamps of today."""
    with av.open(str(path), "w", format="mp4") as container:
        video = container.add_stream(
            "libx264", rate=FPS, options={"preset": "ultrafast", "crf": "27", "threads": "1"}
        )
        video.width, video.height, video.pix_fmt = face.WIDTH, face.HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=_FILE_RATE, layout="mono")
        audio.bit_rate = 96_000
        for number, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        samples = soxr.resample(sound, voice.RATE, _FILE_RATE).astype(np.float32)
        chunk = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        chunk.rate, chunk.pts, chunk.time_base = _FILE_RATE, 0, Fraction(1, _FILE_RATE)
        container.mux(audio.encode(chunk))
        container.mux(audio.encode())


def _write_marker(root: Path, content: dict) -> None:
    unfinished = root / f"{MARKER}.{os.getpid()}.tmp"
    unfinished.write_text(json.dumps(content))
    unfinished.replace(root / MARKER)
