"""Make the entries of one clip: its speech, its audio feature, its faces and its picture feature."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ravdess_exp.compiled import load_librosa
from ravdess_exp.errors import ClipError, DecodeError, FeatureError, RavdessError
from ravdess_exp.features.flow import register
from ravdess_exp.media.crops import crop_faces, fill_gaps, frame_times, loudest_half
from ravdess_exp.media.decode import Recording
from ravdess_exp.media.silence import find_speech
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.prepare.store import Store
from ravdess_exp.prepare.threads import one_thread


@dataclass(frozen=True)
class Job:
    """What is made of one clip. keys: names of entries by kind; kinds: the ones to be made."""

    path: Path
    keys: dict[str, str]
    kinds: tuple[str, ...]

    def missing(self, store: Store) -> set[str]:
        """The kinds of entries that are still to be made of it."""
        return {kind for kind in self.kinds if not store.has(self.keys[kind])}

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
    speech = None if "speech" in missing else store.get(job.keys["speech"])
    faces = store.get(job.keys["faces"]) if "picture" in missing - {"faces"} else None
    if "picture" in missing and faces is None:
        missing.add("faces")
    if speech is None or "faces" in missing:
        with Recording(job.path) as recording:
            if speech is None:
                speech = speech_of(recording, recipe)
                store.put(job.keys["speech"], **speech)
            if "faces" in missing:
                faces = faces_of(recording, speech, recipe)
                store.put(job.keys["faces"], **faces)
    if "picture" in missing:
        store.put(job.keys["picture"], picture=picture_of(faces["faces"], recipe))
    if "feature" in missing:
        store.put(job.keys["feature"], feature=feature_of(speech["waveform"], recipe))


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
    return crops_of(recording.frames([*start, *_times(recording, speech, recipe)]), recipe)


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
