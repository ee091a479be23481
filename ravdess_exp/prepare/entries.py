"""Make the entries of one clip: its speech, its audio feature, its faces and its picture feature."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ravdess_exp.compiled import load_librosa
from ravdess_exp.corpus.segment import Segment
from ravdess_exp.errors import ClipError, DecodeError, FaceError, FeatureError, RavdessError
from ravdess_exp.features.flow import register
from ravdess_exp.media.crops import crop_faces, fill_gaps, frame_times, loudest_half
from ravdess_exp.media.decode import Recording
from ravdess_exp.media.faces import no_face
from ravdess_exp.media.silence import find_speech
from ravdess_exp.prepare.opened import open_clip
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.prepare.store import Store
from ravdess_exp.prepare.threads import one_thread


@dataclass(frozen=True)
class Job:
    """What is made of one clip. keys: names of entries by kind; kinds: the ones to be made.

    A job without an audio feature needs no sound: where there is none, or none that is speech, the
    kind `unheard` takes the place of `speech` and says why.
    """

    name: str  # of the clip
    path: Path
    keys: dict[str, str]
    kinds: tuple[str, ...]
    segment: Segment | None = None

    @property
    def needs_sound(self) -> bool:
        """Whether a clip without sound fails; else the sound only tells where the speech is."""
        return "feature" in self.kinds

    @property
    def needs_picture(self) -> bool:
        """Whether a clip without picture fails; else the picture is not looked at."""
        return "faces" in self.kinds

    def missing(self, store: Store) -> set[str]:
        """The kinds of entries that are still to be made of it."""
        missing = {kind for kind in self.kinds if not store.has(self.keys[kind])}
        if not self.needs_sound and store.has(self.keys["unheard"]):
            missing.discard("speech")
        return missing

    def is_done(self, store: Store) -> bool:
        """Whether the store has all entries, or the reason why they cannot be made."""
        return store.has(self.keys["failure"]) or not self.missing(store)


def make_entries(job: Job, *, recipe: Recipe, store: Store) -> str | None:
    """Make the missing entries of one clip, decoding its file at most once.

    A clip that cannot be used (`ClipError`) gets an entry of kind `failure` with the reason.
    Returns the reason of a failure that may not come again, which is not kept; None otherwise.
    """
    try:
        _make_missing(job, recipe, store)
    except ClipError as error:
        store.put(job.keys["failure"], reason=np.array(str(error)))
    except RavdessError:
        raise  # the disk, or the installation: not this clip's fault
    except Exception as error:  # a library's surprise costs one clip, not the run
        return f"{type(error).__name__}: {error}"
    return None


def _make_missing(job: Job, recipe: Recipe, store: Store) -> None:
    missing = job.missing(store)
    speech, unheard = _stored_speech(job, store)
    faces = store.get(job.keys["faces"]) if "picture" in missing - {"faces"} else None
    if "picture" in missing and faces is None:
        missing.add("faces")
    if (speech is None and not unheard) or "faces" in missing:
        with ExitStack() as stack:
            if speech is None and not unheard:
                recording, speech = _listen(job, recipe, store, stack)
            else:
                recording = stack.enter_context(_opened(job, recipe, sound=job.needs_sound))
            if "faces" in missing:
                faces = faces_of(recording, speech, recipe)
                store.put(job.keys["faces"], **faces)
    if "picture" in missing:
        store.put(job.keys["picture"], picture=picture_of(faces["faces"], recipe))
    if "feature" in missing:
        store.put(job.keys["feature"], feature=feature_of(speech["waveform"], recipe))


def _stored_speech(job: Job, store: Store) -> tuple[dict[str, np.ndarray] | None, bool]:
    """The speech of a clip that the store has, and whether it is known that there is none."""
    speech = store.get(job.keys["speech"])
    unheard = speech is None and not job.needs_sound and store.has(job.keys["unheard"])
    return speech, unheard


def _opened(job: Job, recipe: Recipe, *, sound: bool) -> Recording:
    needs = {"sound": sound, "picture": job.needs_picture, "longest": recipe.longest}
    return open_clip(job.path, job.segment, **needs)


def _listen(
    job: Job, recipe: Recipe, store: Store, stack: ExitStack
) -> tuple[Recording, dict[str, np.ndarray] | None]:
    """The open recording, and its speech, which is kept; None where there is none and need not be.

    What is wrong with a picture is found when the file is opened without its sound.
    """
    try:
        recording = stack.enter_context(_opened(job, recipe, sound=True))
        speech = speech_of(recording, recipe)
    except ClipError as error:
        if job.needs_sound:
            raise
        recording = stack.enter_context(_opened(job, recipe, sound=False))
        interval = np.array(recording.seconds)
        store.put(job.keys["unheard"], reason=np.array(str(error)), interval=interval)
        return recording, None
    store.put(job.keys["speech"], **speech)
    return recording, speech


def feature_of(waveform: np.ndarray, recipe: Recipe) -> np.ndarray:
    """The audio feature of trimmed sound (samples,): (N, T) or (N,).

    Raises `FeatureError` where it has values that are not numbers.
    """
    load_librosa()
    with one_thread():
        feature = recipe.feature(waveform)
    if not np.isfinite(feature).all():
        raise FeatureError("the audio feature has values that are not numbers")
    return feature


def picture_of(crops: np.ndarray, recipe: Recipe) -> np.ndarray:
    """The picture feature (F, D) of crops as `faces_of` gives them: a reference apart is first.

    Raises `FeatureError` where it has values that are not numbers.
    """
    reference = None if recipe.reference == "none" else crops[0]
    with one_thread():
        feature = recipe.picture(crops[int(recipe.starts_apart) :], reference)
    if not np.isfinite(feature).all():
        raise FeatureError("the picture feature has values that are not numbers")
    return feature


def speech_of(recording: Recording, recipe: Recipe) -> dict[str, np.ndarray]:
    """Trimmed waveform (samples,), its interval in seconds, the digest of all of the sound, a remark.

    A constant offset that is loud enough to be taken for sound is taken off the waveform. remark: why
    there may be more in it than speech, or nothing.
    """
    load_librosa()
    rate = recipe.feature.sample_rate
    with one_thread():
        waveform = recording.sound(rate)
        speech = find_speech(waveform, sample_rate=rate, top_db=recipe.top_db)
    spoken = waveform[speech.start : speech.end]
    return {
        "waveform": spoken - np.float32(speech.offset) if speech.offset else spoken,
        "interval": np.array([speech.start, speech.end]) / rate + recording.sound_start,
        "digest": np.array(recording.sound_digest()),
        "remark": np.array(speech.remark),
    }


def faces_of(recording: Recording, speech: dict | None, recipe: Recipe) -> dict[str, np.ndarray]:
    """Crops (K, S, S, 3) uint8, boxes (K, 4) in pixels, and where a face was found, (K,) bool.

    K is `recipe.crops`: with a reference from the start, the picture's first frame comes first,
    also where the picture starts after 0 s. speech: of `speech_of`, which the frames are spread
    over; None: over the whole picture. Raises `FaceError` where no frame has a face.
    """
    start = recording.seconds[:1] if recipe.starts_apart else ()
    frames = recording.frames([*start, *_times(recording, speech, recipe)])
    try:
        return crops_of(frames, recipe)
    except FaceError:
        raise no_face(recipe.detector, frames) from None


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


def crops_of(frames: np.ndarray, recipe: Recipe) -> dict[str, np.ndarray]:
    """What `faces_of` gives of frames (K, H, W, 3) uint8."""
    with one_thread():
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
        if recipe.register:
            crops = np.concatenate([crops[:1], register(crops[1:], crops[0])])
    return {
        "faces": crops,
        "boxes": np.array([[b.x, b.y, b.width, b.height] for b in boxes]),
        "found": np.array([box is not None for box in detected]),
    }
