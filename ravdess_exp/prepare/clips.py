"""Fill the prepared store from the clips, in parallel, and read it back as arrays."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import joblib
import numpy as np

from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.errors import ClipError, DecodeError, FeatureError, PreparationError, RavdessError
from ravdess_exp.media.crops import crop_faces, fill_gaps, frame_times, loudest_half
from ravdess_exp.media.decode import Recording
from ravdess_exp.media.silence import speech_interval
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.prepare.store import ContentDigests, Store
from ravdess_exp.prepare.workers import in_workers
from ravdess_exp.terminal import progress_bar

_LARGE = ("feature", "faces")  # of an entry: what is not held in memory
_ATTEMPTS = 2  # a damaged entry is found while reading, and made once more


@dataclass(frozen=True)
class Job:
    """What is to be made of one clip: entry names by kind, and which of them are wanted."""

    path: Path
    keys: dict[str, str]
    wanted: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """Prepared clips in the manifest's order.

    features: n arrays (N, T_i) float32, or empty without sound; faces: (n, F, S, S, 3) uint8, or
    None without picture; both stay on disk until they are asked for. found: (n, F) bool, whether a
    face was found in the frame itself.
    """

    clips: tuple[Clip, ...]
    features: Rows
    faces: Rows | None
    found: np.ndarray | None
    intervals: np.ndarray  # (n, 2) seconds of the speech in the clip
    sound_digests: dict[str, str]  # by clip name
    contents: dict[str, str]  # SHA-256 of the file by clip name
    failures: list[tuple[Path, str]]
    made: int  # clips that needed media work; 0 where all was there

    def features_of(self, clips: Sequence[Clip]) -> Rows:
        """The audio features of these clips, in their order."""
        rows = {clip.name: row for row, clip in enumerate(self.clips)}
        return self.features.take([rows[clip.name] for clip in clips])

    def same_sound(self) -> list[list[str]]:
        """Groups of clips whose decoded sound is identical."""
        groups: dict[str, list[str]] = {}
        for name, digest in self.sound_digests.items():
            groups.setdefault(digest, []).append(name)
        return [names for names in groups.values() if len(names) > 1]


def prepare(
    clips: Sequence[Clip],
    *,
    recipe: Recipe,
    store: Store,
    modality: str,
    workers: int,
    max_failed: float,
    clip_seconds: float,
    rejected: Sequence[tuple[Path, str]] = (),
    progress: bool = True,
) -> Prepared:
    """Make what the store lacks and return all of it.

    A clip that cannot be used is left out and listed with its reason; `rejected` files count with
    them. Raises `PreparationError` where more than `max_failed` (a share) of all fail.

    workers: processes; -1 is as many as there are cores. A clip that takes longer than
    `clip_seconds`, or over which its process dies, has failed, and the next start tries it again.
    1 is this process alone, which starts at once and has no such protection.
    """
    store.sweep()
    wanted = {"both": ("feature", "faces"), "audio": ("feature",), "video": ("faces",)}[modality]
    jobs, contents, failures = _plan(clips, recipe, store, wanted)
    limit = max_failed * (len(clips) + len(rejected))
    made, entries, rows = 0, {}, Rows(store.root)
    for _ in range(_ATTEMPTS):
        left = [job for n, job in jobs.items() if n not in entries and job.path not in failures]
        missing = [job for job in left if not _done(store, job)]
        made += len(missing)
        make = partial(make_entries, recipe=recipe, store=store)
        failures |= _run(missing, make, workers, clip_seconds, progress)
        read = {n: _read(store, j, rows) for n, j in jobs.items() if n not in entries}
        entries |= {n: e for n, e in read.items() if e is not None}
        if all(name in entries or job.path in failures for name, job in jobs.items()):
            break
    failures |= {jobs[n].path: e for n, e in entries.items() if isinstance(e, str)}
    listed = [*rejected, *sorted(failures.items())]
    if len(listed) > limit:
        raise PreparationError(_too_many(listed, len(clips) + len(rejected), max_failed))
    good = tuple(
        c for c in clips if isinstance(entries.get(c.name), dict) and c.path not in failures
    )
    return _gather(good, entries, rows, contents, listed, made)


def read_waveforms(
    prepared: Prepared, clips: Sequence[Clip], *, recipe: Recipe, store: Store
) -> list[np.ndarray]:
    """The trimmed waveforms, (samples,) float32, of clips that are prepared."""
    settings = recipe.settings()["speech"]
    entries = [store.get(store.key("speech", prepared.contents[c.name], settings)) for c in clips]
    if any(entry is None for entry in entries):
        raise PreparationError(f"data.store={store.root}: lost entries meanwhile; start again")
    return [entry["waveform"] for entry in entries]


def _plan(
    clips: Sequence[Clip], recipe: Recipe, store: Store, wanted: tuple[str, ...]
) -> tuple[dict[str, Job], dict[str, str], dict[Path, str]]:
    digests = ContentDigests(store)
    settings = recipe.settings()
    jobs, contents, failures = {}, {}, {}
    for clip in clips:
        try:
            content = digests(clip.path)
        except OSError as error:
            failures[clip.path] = f"cannot be read ({error.strerror})"
            continue
        keys = {kind: store.key(kind, content, settings[kind]) for kind in settings}
        # a failure belongs to all settings together: any of them may be what it failed by
        keys["failure"] = store.key("failure", content, settings | {"wanted": list(wanted)})
        contents[clip.name] = content
        jobs[clip.name] = Job(clip.path, keys, ("speech", *wanted))
    digests.save()
    return jobs, contents, failures


def _done(store: Store, job: Job) -> bool:
    return store.has(job.keys["failure"]) or all(store.has(job.keys[k]) for k in job.wanted)


def _run(
    jobs: list[Job], make: Callable, workers: int, clip_seconds: float, progress: bool
) -> dict[Path, str]:
    """Make the entries of all jobs; returns the clips that failed in a way not worth keeping."""
    if not jobs:
        return {}
    if workers == 1:
        results = ((job, make(job)) for job in jobs)
    else:
        workers = min(joblib.effective_n_jobs(workers), len(jobs))
        results = in_workers(make, jobs, workers=workers, seconds=clip_seconds)
    with closing(results):
        bar = progress_bar(results, total=len(jobs), label="preparing", shown=progress)
        return {job.path: reason for job, reason in bar if reason}


def make_entries(job: Job, *, recipe: Recipe, store: Store) -> str | None:
    """Make what is missing of one clip, decoding its file at most once.

    A clip that is no good (`ClipError`) gets an entry of kind `failure`. Returns the reason where
    it failed for one that may pass.
    """
    try:
        _make(job, recipe, store)
    except ClipError as error:
        store.put(job.keys["failure"], reason=np.array(str(error)))
    except RavdessError:
        raise  # the disk, or the installation: not this clip's fault
    except Exception as error:  # a library's surprise costs one clip, not the run
        return f"{type(error).__name__}: {error}"
    return None


def _make(job: Job, recipe: Recipe, store: Store) -> None:
    missing = {kind for kind in job.wanted if not store.has(job.keys[kind])}
    speech = None if "speech" in missing else store.get(job.keys["speech"])
    if speech is None or "faces" in missing:
        with Recording(job.path) as recording:
            if speech is None:
                speech = speech_of(recording, recipe)
                store.put(job.keys["speech"], **speech)
            if "faces" in missing:
                store.put(job.keys["faces"], **faces_of(recording, speech, recipe))
    if "feature" in missing:
        store.put(job.keys["feature"], feature=feature_of(speech, recipe))


def feature_of(speech: dict, recipe: Recipe) -> np.ndarray:
    """The audio feature of `speech_of`, (N, T) or (N,); raises `FeatureError` where it is none."""
    feature = recipe.feature(speech["waveform"])
    if not np.isfinite(feature).all():
        raise FeatureError("the audio feature has values that are not numbers")
    return feature


def speech_of(recording: Recording, recipe: Recipe) -> dict[str, np.ndarray]:
    """Trimmed waveform (samples,), its interval in seconds, and the digest of all of the sound."""
    rate = recipe.feature.sample_rate
    waveform = recording.sound(rate)
    start, end = speech_interval(waveform, sample_rate=rate, top_db=recipe.top_db)
    return {
        "waveform": waveform[start:end],
        "interval": np.array([start, end]) / rate + recording.sound_start,
        "digest": np.array(recording.sound_digest()),
    }


def faces_of(recording: Recording, speech: dict | None, recipe: Recipe) -> dict[str, np.ndarray]:
    """Crops (F, S, S, 3) uint8, boxes (F, 4) in pixels, and where a face was found, (F,) bool.

    speech: of `speech_of`, which the frames are spread over; None: over the whole picture. Raises
    `FaceError` where no frame has a face.
    """
    return _crops(recording.frames(_times(recording, speech, recipe)), recipe)


def _times(recording: Recording, speech: dict | None, recipe: Recipe) -> list[float]:
    first, last = recording.seconds
    if speech is None:
        return frame_times((first, last), recipe.frames)
    interval = speech["interval"]
    if first > interval[1] or last < interval.mean():
        raise DecodeError(
            f"the picture lasts from {first:.2f} to {last:.2f} s, the speech from "
            f"{interval[0]:.2f} to {interval[1]:.2f} s"
        )
    span, rate = tuple(interval), recipe.feature.sample_rate
    if recipe.loudest:
        span = loudest_half(speech["waveform"], span, sample_rate=rate)
    return frame_times(span, recipe.frames)


def _crops(frames: np.ndarray, recipe: Recipe) -> dict[str, np.ndarray]:
    """frames: (F, H, W, 3)."""
    detected = recipe.detector(frames)
    boxes = fill_gaps(detected)
    crops = crop_faces(
        frames,
        boxes,
        margin=recipe.detector.margin,
        size=recipe.size,
        align=recipe.detector.align,
        gray=recipe.gray,
    )
    return {
        "faces": crops,
        "boxes": np.array([[b.x, b.y, b.width, b.height] for b in boxes]),
        "found": np.array([box is not None for box in detected]),
    }


def _read(store: Store, job: Job, rows: Rows) -> dict | str | None:
    """Entry of a clip as one dict; the reason of a failed clip; None where something lacks.

    Its feature and its faces are put into `rows`, and their indices are what stands in the dict.
    """
    failure = store.get(job.keys["failure"])
    if failure is not None:
        return str(failure["reason"])
    merged = {}
    for kind in job.wanted:
        entry = store.get(job.keys[kind], without="waveform")
        if entry is None:
            return None
        merged |= entry
    return merged | {kind: rows.append(merged[kind]) for kind in _LARGE if kind in merged}


def _gather(clips, entries, rows, contents, failures, made) -> Prepared:
    found = [entries[clip.name] for clip in clips]
    with_faces = bool(found) and "faces" in found[0]
    return Prepared(
        clips=clips,
        features=rows.take([one["feature"] for one in found if "feature" in one]),
        faces=rows.take([one["faces"] for one in found]) if with_faces else None,
        found=np.stack([one["found"] for one in found]) if with_faces else None,
        intervals=np.array([one["interval"] for one in found]),
        sound_digests={c.name: str(one["digest"]) for c, one in zip(clips, found, strict=True)},
        contents={clip.name: contents[clip.name] for clip in clips},
        failures=failures,
        made=made,
    )


def _too_many(failures: list[tuple[Path, str]], total: int, limit: float) -> str:
    shown = "\n".join(f"  {path}: {reason}" for path, reason in failures[:10])
    more = f"\n  ... and {len(failures) - 10} more" if len(failures) > 10 else ""
    return (
        f"{len(failures)} of {total} clips failed, more than data.max_failed={limit} allows; "
        f"mend or remove them, or raise the limit:\n{shown}{more}"
    )
