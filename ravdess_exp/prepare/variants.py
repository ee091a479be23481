"""Variants of clips' sound: made from the stored speech, kept in the store as their audio features.

Which clips have variants is the caller's to say, and it says training clips. What a variant is depends
on the clip's content, the ranges and its number alone: the folds of a study share what one has made.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ravdess_exp.compiled import load_librosa
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.errors import ClipError, PreparationError, RavdessError
from ravdess_exp.features.variants import SoundVariants, varied
from ravdess_exp.prepare.clips import ATTEMPTS, removed_during_the_run, run_jobs
from ravdess_exp.prepare.entries import feature_of
from ravdess_exp.prepare.recipe import Recipe, versions
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.prepare.store import Store
from ravdess_exp.prepare.threads import one_thread
from ravdess_exp.prepare.warm import warm_up


@dataclass(frozen=True)
class VariantJob:
    """The variants of one clip. speech: key of its sound; keys: of its variants, by number from 0."""

    name: str
    content: str  # SHA-256 of the clip's file
    speech: str
    keys: tuple[str, ...]

    def missing(self, store: Store) -> list[int]:
        """The numbers of the variants that the store lacks."""
        return [number for number, key in enumerate(self.keys) if not store.has(key)]


class VariantReader:
    """The variants of prepared clips, made where the store lacks them and read from it once."""

    def __init__(
        self, contents: Mapping[str, str], recipe: Recipe, variants: SoundVariants, store: Path
    ) -> None:
        """contents: SHA-256 of each prepared clip's file by clip name; store: its folder."""
        self.what = (contents, recipe, variants, store)
        self._contents = contents
        self._recipe = recipe
        self._variants = variants
        self._store = Store(store)
        self._rows = Rows(store)
        self._read: dict[
            str, list[int] | str | None
        ] = {}  # by clip name: rows, or why there are none

    def __call__(
        self,
        clips: Sequence[Clip],
        *,
        workers: int,
        clip_seconds: float,
        max_failed: float,
        progress: bool = True,
    ) -> dict[str, Rows]:
        """By clip name the audio features of its variants, in the order of their numbers.

        A clip of which one cannot be made has none. Raises `PreparationError` where that is more
        than `max_failed` (a share) of the clips.
        """
        make = partial(
            make_variants, recipe=self._recipe, variants=self._variants, store=self._store
        )
        warm = partial(warm_up, self._recipe, ("feature",), self._variants)
        for _ in range(ATTEMPTS):
            jobs = {c.name: self._job(c) for c in clips if self._read.get(c.name) is None}
            to_make = [job for job in jobs.values() if job.missing(self._store)]
            reasons = run_jobs(
                to_make, make, warm, workers, clip_seconds, progress, label="varying the sound"
            )
            for name, job in jobs.items():
                self._read[name] = reasons.get(job.name) or self._rows_of(job)
        if None in self._read.values():
            raise removed_during_the_run(self._store)
        failed = {c: self._read[c.name] for c in clips if isinstance(self._read[c.name], str)}
        if len(failed) > max_failed * len(clips):
            clip, reason = next(iter(failed.items()))
            raise PreparationError(
                f"{len(failed)} of {len(clips)} training clips cannot be varied, more than "
                f"data.max_failed={max_failed} allows; narrow augment.sound_*, or take "
                f"augment.sound_variants=0. The first: {clip.shown}: {reason}"
            )
        return {c.name: self._rows.take(self._read[c.name]) for c in clips if c not in failed}

    def _job(self, clip: Clip) -> VariantJob:
        content, settings = self._contents[clip.name], self._recipe.settings()
        speech = self._store.key("speech", content, settings["speech"])
        varied_by = self._variants.ranges() | {"computed_by": versions(self._variants.computed_by)}
        identity = {"feature": settings["feature"], "varied": varied_by}
        numbers = range(self._variants.count)
        keys = [self._store.key("variant", content, identity | {"number": n}) for n in numbers]
        return VariantJob(clip.name, content, speech, tuple(keys))

    def _rows_of(self, job: VariantJob) -> list[int] | str | None:
        """Row numbers of a clip's variants; why one cannot be made; None where one is missing."""
        entries = [self._store.get(key) for key in job.keys]
        if None in entries:
            return None
        for entry in entries:
            if "reason" in entry:
                return str(entry["reason"])
        return [self._rows.append(entry["feature"]) for entry in entries]


def make_variants(
    job: VariantJob, *, recipe: Recipe, variants: SoundVariants, store: Store
) -> str | None:
    """Make the missing variants of a clip.

    One that cannot be made (`ClipError`) gets an entry with the reason. Returns the reason of a
    failure that may not come again, which is not kept; None otherwise.
    """
    speech = store.get(job.speech)
    if speech is None:
        raise removed_during_the_run(store)
    try:
        for number in job.missing(store):
            store.put(job.keys[number], **_entry(speech, job.content, number, recipe, variants))
    except RavdessError:
        raise  # the disk, or the installation: not this clip's fault
    except Exception as error:  # a library's surprise costs one clip, not the run
        return f"{type(error).__name__}: {error}"
    return None


def _entry(
    speech: Mapping[str, np.ndarray],
    content: str,
    number: int,
    recipe: Recipe,
    variants: SoundVariants,
) -> dict[str, np.ndarray]:
    load_librosa()
    rate, rng = recipe.feature.sample_rate, variant_generator(content, number)
    with one_thread():
        sound = varied(speech["waveform"], rng, variants, sample_rate=rate)
    try:
        return {"feature": feature_of(sound, recipe)}
    except ClipError as error:
        return {"reason": np.array(f"its variant {number}: {error}")}


def variant_generator(content: str, number: int) -> np.random.Generator:
    """What draws a variant: the same for one content and number, whatever else was drawn before."""
    digest = hashlib.sha256(f"{content} {number}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest))
