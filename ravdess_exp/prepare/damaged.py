"""Damaged clips in parallel: made by workers, kept in the store, read as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.segment import Segment
from ravdess_exp.errors import ClipError, RavdessError
from ravdess_exp.media.decode import Recording
from ravdess_exp.prepare.clips import kinds_of, removed_during_the_run, run_jobs
from ravdess_exp.prepare.damage import Damage, damaged_arrays
from ravdess_exp.prepare.opened import open_clip
from ravdess_exp.prepare.preparation import Preparation
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.prepare.store import Store
from ravdess_exp.prepare.warm import warm_up


@dataclass(frozen=True)
class DamageJob:
    """One clip with every damage. content: SHA-256 of its file; keys: of entries, by damage."""

    name: str
    path: Path
    content: str
    keys: Mapping[Damage, str]
    segment: Segment | None = None


@dataclass(frozen=True)
class Damaged:
    """The clips that could still be prepared: rows of `features`, and of `faces` where there are any.

    kept: their places among the clips that were asked for, in order.
    """

    kept: tuple[int, ...]
    features: Rows
    faces: Rows


def damaged_clips(
    clips: Sequence[Clip],
    damages: Sequence[Damage],
    *,
    contents: Mapping[str, str],
    preparation: Preparation,
    seed: int,
    progress: bool = True,
) -> dict[Damage, Damaged]:
    """These clips with each damage. contents: SHA-256 of the files by clip name.

    A clip that cannot be prepared any more is not among those that are kept: so it would be with a
    file of a user's.
    """
    store = Store(preparation.store)
    settings = preparation.recipe.settings() | {"modality": preparation.modality, "seed": seed}
    jobs = []
    for clip in clips:
        content = contents[clip.name]
        keys = {d: store.key("damaged", content, settings | asdict(d)) for d in damages}
        jobs.append(DamageJob(clip.name, clip.path, content, keys, clip.segment))
    make = partial(make_damaged, preparation=preparation, seed=seed, store=store)
    missing = [job for job in jobs if not all(map(store.has, job.keys.values()))]
    seconds = preparation.clip_seconds * max(1, len(damages))
    kinds = ("speech", *kinds_of(preparation.modality, preparation.recipe))
    warm = partial(warm_up, preparation.recipe, kinds)
    failed = run_jobs(
        missing, make, warm, preparation.workers, seconds, progress, label="damaging test clips"
    )
    return {damage: _read(damage, jobs, failed, store) for damage in damages}


def make_damaged(
    job: DamageJob, *, preparation: Preparation, seed: int, store: Store
) -> str | None:
    """Make the missing entries of a clip; one that cannot be made has the reason in its entry.

    Returns the reason of a failure that may not come again, which is not kept; None otherwise.
    """
    for damage, key in job.keys.items():
        if store.has(key):
            continue
        rng = damage.generator(job.content, seed)
        try:
            with _opened(job, preparation) as recording:
                arrays = damaged_arrays(
                    recording,
                    damage,
                    rng,
                    recipe=preparation.recipe,
                    modality=preparation.modality,
                )
        except ClipError as error:
            arrays = {"reason": np.array(str(error))}
        except RavdessError:
            raise  # the disk, or the installation: not this clip's fault
        except Exception as error:  # a library's surprise costs one clip, not the run
            return f"{type(error).__name__}: {error}"
        store.put(key, **arrays)
    return None


def _opened(job: DamageJob, preparation: Preparation) -> Recording:
    """With what the model needs; one of the picture alone can do without sound that is damaged."""
    needs = {"picture": preparation.modality != "audio", "longest": preparation.recipe.longest}
    try:
        return open_clip(job.path, job.segment, sound=True, **needs)
    except ClipError:
        if preparation.modality != "video":
            raise
    return open_clip(job.path, job.segment, sound=False, **needs)


def _read(
    damage: Damage, jobs: Sequence[DamageJob], failed: Mapping[str, str], store: Store
) -> Damaged:
    kept, features, faces = [], Rows(store.root), Rows(store.root)
    for place, job in enumerate(jobs):
        entry = store.get(job.keys[damage])
        if entry is None and job.name not in failed:
            raise removed_during_the_run(store)
        if entry is None or "reason" in entry:
            continue
        kept.append(place)
        if "feature" in entry:
            features.append(entry["feature"])
        if "faces" in entry:
            faces.append(entry["faces"])
    return Damaged(tuple(kept), features, faces)
