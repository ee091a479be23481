"""One file to what a model says, by the very functions that prepared the clips it learned from."""

import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import overload

import numpy as np

from ravdess_exp.errors import (
    ClipError,
    MissingStreamError,
    RavdessError,
    TooLongError,
)
from ravdess_exp.media.container import Source
from ravdess_exp.media.decode import Recording
from ravdess_exp.predict.bundle import Bundle, Member
from ravdess_exp.predict.prediction import Prediction
from ravdess_exp.prepare.entries import faces_of, feature_of, picture_of, speech_of
from ravdess_exp.prepare.store import largest_file
from ravdess_exp.prepare.warm import warm_up

File = str | Path | bytes
_CONTENT = "<bytes>"  # the name of what comes without one
_MET = {
    "train": "the model learned from this very clip",
    "validation": "the model was chosen by this very clip",
    "test": "the model was scored on this very clip",
}


@dataclass
class _Arrays:
    """What a file gave. None: is missing.

    feature: (N, T) or (N,); faces: crops (K, S, S, 3) uint8, or of a picture feature (F, D) float32.
    """

    feature: np.ndarray | None = None
    faces: np.ndarray | None = None
    interval: tuple[float, float] | None = None
    share: float | None = None
    remarks: list[str] = field(default_factory=list)


class Predictor:
    """A bundle, ready for one file after the other; the first takes seconds, later ones a fraction."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @overload
    def predict(self, files: File) -> Prediction: ...
    @overload
    def predict(self, files: Iterable[File]) -> list[Prediction]: ...
    def predict(self, files):
        """What the model says of a file, given by its path or as its bytes; of several, a list.

        Never raises for what is wrong with a file: its prediction has the reason.
        """
        if isinstance(files, str | Path | bytes):
            return self.predict_file(files)
        return [self.predict_file(one) for one in files]

    def predict_file(
        self, file: File, *, name: str | None = None, segment: tuple[float, float] | None = None
    ) -> Prediction:
        """See `predict`. name: to call it by. segment: seconds, of a file of any length."""
        started = time.perf_counter()
        shown = name or (_CONTENT if isinstance(file, bytes) else str(file))
        bundle = self.bundle
        made = Prediction(
            file=shown, classes=bundle.classes, numbers=bundle.numbers, window=segment
        )
        try:
            source = file if isinstance(file, bytes) else _regular(Path(file))
            arrays = self._read(source, segment)
            if segment is None:
                arrays.remarks += self._met_before(source)
            said = self._said(arrays)
            values = tuple(map(float, said))
            made = replace(
                made,
                probabilities=None if bundle.numbers else values,
                values=values if bundle.numbers else None,
                sure=self._is_sure(said),
                interval=arrays.interval,
                faces=arrays.share,
                remarks=tuple(arrays.remarks),
            )
        except Exception as error:  # a library's surprise costs one file, not the others
            if isinstance(error, RavdessError) and not isinstance(error, ClipError):
                raise  # the installation, not this file
            if not isinstance(error, ClipError | OSError):
                warm_up(self.bundle.recipe, self._kinds())  # raises where it is the installation
            made = replace(made, reason=_reason(error))
        return replace(made, seconds=time.perf_counter() - started)

    def warm(self) -> "Predictor":
        """Have libraries compile and networks be built now, rather than over the first file.

        Raises `InstallationError` where what is installed cannot do that.
        """
        warm_up(self.bundle.recipe, self._kinds())
        self._said(_Arrays())
        return self

    def _kinds(self) -> tuple[str, ...]:
        """Of entries of a prepared clip: what is made of a file."""
        seen = ("faces",) if self.bundle.recipe.picture is None else ("faces", "picture")
        heard = () if self.bundle.modality == "video" else ("feature",)
        return ("speech", *heard, *(() if self.bundle.modality == "audio" else seen))

    def _read(self, source: Source, segment: tuple[float, float] | None) -> _Arrays:
        """Decode what the model needs; with a remark where it goes on without a part of it."""
        modality, arrays = self.bundle.modality, _Arrays()
        open_ = partial(Recording, source, longest=self.bundle.recipe.longest, segment=segment)
        try:
            recording = open_(picture=modality != "audio")
        except MissingStreamError as error:
            if modality == "audio" or (modality == "video" and error.missing == "picture"):
                raise
            if modality == "both":
                arrays.remarks.append(self._goes_without(error.missing))
            rest = {"sound": error.missing != "sound", "picture": error.missing != "picture"}
            recording = open_(**rest)
        except ClipError:
            if modality != "video":
                raise
            recording = open_(sound=False)  # as in preparation: its sound may be what is damaged
        with recording:
            self._look(recording, arrays, whole=segment is None)
        return arrays

    def _goes_without(self, missing: str) -> str:
        """The remark that an input is missing; raises `MissingStreamError` where it is needed."""
        if not self.bundle.facts.missing_inputs:
            raise MissingStreamError(
                missing,
                ", and this model needs both; one that is trained with fusion=late or "
                "augment=modality_dropout can do without",
            )
        return f"no {missing} in the file: predicted without it, as the model was trained to"

    def _look(self, recording: Recording, arrays: _Arrays, *, whole: bool) -> None:
        recipe, modality = self.bundle.recipe, self.bundle.modality
        speech = None
        if recording.has_sound:
            try:
                speech = speech_of(recording, recipe)
            except ClipError:
                if modality != "video":
                    raise
        if speech is not None:
            arrays.interval = tuple(map(float, speech["interval"]))
            if whole and str(speech["remark"]):  # a window may well have speech from end to end
                arrays.remarks.append(str(speech["remark"]))
            if modality != "video":
                arrays.feature = feature_of(speech["waveform"], recipe)
        if recording.has_picture:
            if speech is None:
                arrays.interval = recording.seconds
                arrays.remarks.append("no speech to go by: frames of the whole picture")
            seen = faces_of(recording, speech, recipe)
            arrays.faces, arrays.share = seen["faces"], float(seen["found"].mean())
            if recipe.picture is not None:
                arrays.faces = picture_of(seen["faces"], recipe)

    def _said(self, arrays: _Arrays) -> np.ndarray:
        """(classes,) or (numbers,) float32, the mean over members."""
        return np.mean([_member_says(member, arrays) for member in self.bundle.members], axis=0)

    def _is_sure(self, probabilities: np.ndarray) -> bool | None:
        threshold = self.bundle.facts.sure
        return None if threshold is None else bool(threshold.keeps(probabilities[None])[0])

    def _met_before(self, source: Source) -> list[str]:
        """Whether its bytes are those of a clip that the model knows."""
        if isinstance(source, bytes):
            digest = hashlib.sha256(source).hexdigest()
        elif source.stat().st_size > largest_file(self.bundle.recipe.longest):
            return []  # no clip that trained a model
        else:
            with source.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        met = self.bundle.facts.set_of(digest)
        return [_MET[met]] if met else []


def _member_says(member: Member, arrays: _Arrays) -> np.ndarray:
    """(classes,) or (numbers,) float32; zeros stand for an input that is missing, as in training."""
    inputs = []
    for tensor in member.model.inputs:
        if tensor.name == "audio" and arrays.feature is not None:
            inputs.append(member.audio_input(arrays.feature)[None])  # -> (1, N, M, 1)
        elif tensor.name == "video" and arrays.faces is not None:
            inputs.append(_seen(member, arrays.faces)[None])
        else:
            inputs.append(np.zeros((1, *tensor.shape[1:]), np.float32))
    return member.model.predict_on_batch(inputs)[0]


def _seen(member: Member, faces: np.ndarray) -> np.ndarray:
    """(K, S, S, 3) uint8 -> the same shape in [0, 1]; (F, D) standardised; float32."""
    if member.picture_input is not None:
        return member.picture_input(faces)
    return faces.astype(np.float32) / np.float32(255.0)


def _regular(path: Path) -> Path:
    """The path, where it is a file; a pipe would be read for ever."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file")
    return path


def _reason(error: Exception) -> str:
    if isinstance(error, TooLongError):
        return f"{error}; go through it in windows"
    if isinstance(error, ClipError):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror or error})"
    return f"{type(error).__name__}: {error}"
