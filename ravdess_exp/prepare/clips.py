"""Prepare clips in parallel: plan what the store lacks, make it, and read all of it as arrays."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import joblib
import numpy as np

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.errors import PreparationError, TooManyFailuresError
from ravdess_exp.prepare.entries import Job, make_entries
from ravdess_exp.prepare.jobs import plan_jobs
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.prepare.store import Store
from ravdess_exp.prepare.warm import warm_up
from ravdess_exp.prepare.workers import in_workers
from ravdess_exp.terminal import progress_bar

_LARGE = ("feature", "faces", "picture")  # of an entry: what is not held in memory
ATTEMPTS = 2  # a damaged entry is seen only when it is read, and then made once more


@dataclass(frozen=True)
class Prepared:
    """Prepared clips in the manifest's order.

    features: n arrays (N, T_i) float32, or empty without sound; faces: (n, K, S, S, 3) uint8, K as
    `Recipe.crops`, or of a picture feature (n, F, D) float32, or None without picture; both stay on
    disk until they are asked for. found: (n, K) bool, whether a face was found in the frame itself.
    """

    clips: tuple[Clip, ...]
    features: Rows
    faces: Rows | None
    found: np.ndarray | None
    intervals: np.ndarray  # (n, 2) seconds of the speech in the clip; without, of the picture
    sound_digests: dict[str, str]  # by clip name, of those that have sound
    contents: dict[str, str]  # SHA-256 by clip name: of the file, or of the part of it that it is
    failures: list[tuple[Path | str, str]]
    made: int  # clips that needed media work; 0 where all was there
    remarks: Mapping[str, str] = field(default_factory=dict)  # on the sound, by clip name
    unheard: Mapping[str, str] = field(default_factory=dict)  # why a clip has no speech, by name
    files: Mapping[str, str] = field(
        default_factory=dict
    )  # SHA-256 of all of the file, by clip name

    def features_of(self, clips: Sequence[Clip]) -> Rows:
        """The audio features of these clips, in their order."""
        return self.features.take(self._rows(clips))

    def faces_of(self, clips: Sequence[Clip]) -> Rows:
        """The crops, or the picture features, of these clips, in their order."""
        return self.faces.take(self._rows(clips))

    def _rows(self, clips: Sequence[Clip]) -> list[int]:
        rows = {clip.name: row for row, clip in enumerate(self.clips)}
        return [rows[clip.name] for clip in clips]

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
    """Make the entries that the store lacks, and return the arrays of all clips.

    A clip that cannot be used is left out and listed with its reason; `rejected` files count with
    them. Raises `TooManyFailuresError` where more than `max_failed` (a share) of all fail.

    workers: number of processes; -1 takes one for each core. A clip fails if it takes longer than
    `clip_seconds` or its process dies, and the next start tries it again. 1 works in this process,
    which starts at once and has no such protection.
    """
    store.sweep()
    jobs, contents, files, failures = plan_jobs(
        clips, recipe=recipe, store=store, kinds=kinds_of(modality, recipe)
    )
    total = len(clips) + len(rejected)
    made, entries, rows = 0, {}, Rows(store.root)
    for _ in range(ATTEMPTS):
        left = [job for n, job in jobs.items() if n not in entries and n not in failures]
        missing = [job for job in left if not job.is_done(store)]
        made += len(missing)
        make = partial(make_entries, recipe=recipe, store=store)
        kinds = tuple(set().union(*(job.missing(store) for job in missing)))
        warm = partial(warm_up, recipe, kinds)
        failures |= run_jobs(missing, make, warm, workers, clip_seconds, progress)
        read = {n: _read(store, j, rows) for n, j in jobs.items() if n not in entries}
        entries |= {n: e for n, e in read.items() if e is not None}
        if all(name in entries or name in failures for name in jobs):
            break
    failures |= {n: e for n, e in entries.items() if isinstance(e, str)}
    listed = [*rejected, *_listed(clips, failures)]
    if len(listed) > max_failed * total:
        raise TooManyFailuresError(_too_many(listed, total, max_failed), listed)
    complete = tuple(
        c for c in clips if isinstance(entries.get(c.name), dict) and c.name not in failures
    )
    return replace(_gather(complete, entries, rows, contents, listed, made), files=files)


def read_waveforms(
    prepared: Prepared, clips: Sequence[Clip], *, recipe: Recipe, store: Store
) -> list[np.ndarray]:
    """The trimmed waveforms, (samples,) float32, of clips that are prepared."""
    settings = recipe.settings()["speech"]
    entries = [store.get(store.key("speech", prepared.contents[c.name], settings)) for c in clips]
    if any(entry is None for entry in entries):
        raise removed_during_the_run(store)
    return [entry["waveform"] for entry in entries]


def read_crops(
    prepared: Prepared, clips: Sequence[Clip], *, recipe: Recipe, store: Store
) -> Iterator[np.ndarray]:
    """The crops, (K, S, S, 3) uint8, of clips that are prepared, one clip after the other."""
    settings = recipe.settings()["faces"]
    for clip in clips:
        entry = store.get(store.key("faces", prepared.contents[clip.name], settings))
        if entry is None:
            raise removed_during_the_run(store)
        yield entry["faces"]


def removed_during_the_run(store: Store) -> PreparationError:
    """The error of an entry that was there when the run began."""
    return PreparationError(
        f"data.store={store.root}: entries were removed during the run; start again"
    )


def kinds_of(modality: str, recipe: Recipe) -> tuple[str, ...]:
    """The kinds of entries that are made of each clip, besides its speech."""
    seen = ("faces",) if recipe.picture is None else ("faces", "picture")
    return {"both": ("feature", *seen), "audio": ("feature",), "video": seen}[modality]


def run_jobs(
    jobs: Sequence,
    make: Callable,
    warm: Callable[[], None],
    workers: int,
    clip_seconds: float,
    progress: bool,
    label: str = "preparing",
) -> dict[str, str]:
    """Call `make` on each job, which has a `name`, in this process or in workers: see `prepare`.

    warm: called in each process before its first job; see `warm_up`, whose errors are raised.
    Returns the reasons of the failures that may not come again, by the job's name.
    """
    if not jobs:
        return {}
    if workers == 1:
        warm()
        results = ((job, make(job)) for job in jobs)
    else:
        workers = min(joblib.effective_n_jobs(workers), len(jobs))
        results = in_workers(make, jobs, warm=warm, workers=workers, seconds=clip_seconds)
    with closing(results):
        bar = progress_bar(results, total=len(jobs), label=label, shown=progress)
        return {job.name: reason for job, reason in bar if reason}


def _read(store: Store, job: Job, rows: Rows) -> dict | str | None:
    """All entries of a clip in one dict; the reason of a failed clip; None where one is missing.

    What is large goes into `rows`; the dict has the indices there. Crops that a picture feature was
    made of are not read.
    """
    failure = store.get(job.keys["failure"])
    if failure is not None:
        return str(failure["reason"])
    merged = {}
    for kind in job.kinds:
        crops = kind == "faces" and "picture" in job.kinds
        entry = store.get(job.keys[kind], without="faces" if crops else "waveform")
        if entry is None and kind == "speech" and not job.needs_sound:
            entry = store.get(job.keys["unheard"])
        if entry is None:
            return None
        merged |= entry
    return merged | {kind: rows.append(merged[kind]) for kind in _LARGE if kind in merged}


def _listed(clips: Sequence[Clip], failures: Mapping[str, str]) -> list[tuple[Path | str, str]]:
    """Each file that failed, in order, with the reason, and the place in its corpus that names it."""
    listed = [
        (
            clip.shown,
            f"{clip.origin}: {failures[clip.name]}" if clip.origin else failures[clip.name],
        )
        for clip in clips
        if clip.name in failures
    ]
    return sorted(listed, key=lambda failure: str(failure[0]))


def _gather(clips, entries, rows, contents, failures, made) -> Prepared:
    by_clip = [entries[clip.name] for clip in clips]
    of_clip = list(zip(clips, by_clip, strict=True))
    with_faces = bool(by_clip) and "found" in by_clip[0]
    shown = "picture" if with_faces and "picture" in by_clip[0] else "faces"
    return Prepared(
        clips=clips,
        features=rows.take([one["feature"] for one in by_clip if "feature" in one]),
        faces=rows.take([one[shown] for one in by_clip]) if with_faces else None,
        found=np.stack([one["found"] for one in by_clip]) if with_faces else None,
        intervals=np.array([one["interval"] for one in by_clip]),
        sound_digests={c.name: str(e["digest"]) for c, e in of_clip if "digest" in e},
        unheard={c.name: str(e["reason"]) for c, e in of_clip if "reason" in e},
        contents={clip.name: contents[clip.name] for clip in clips},
        failures=failures,
        made=made,
        # entries of 0.2 have no remark
        remarks={c.name: str(e["remark"]) for c, e in of_clip if str(e.get("remark", ""))},
    )


def _too_many(failures: list[tuple[Path, str]], total: int, limit: float) -> str:
    shown = "\n".join(f"  {path}: {reason}" for path, reason in failures[:10])
    more = f"\n  ... and {len(failures) - 10} more" if len(failures) > 10 else ""
    return (
        f"{len(failures)} of {total} clips failed, more than data.max_failed={limit} allows; "
        f"mend or remove them, or raise the limit:\n{shown}{more}"
    )
