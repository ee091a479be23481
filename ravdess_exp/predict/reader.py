"""From a file, or a camera's frames, to what a model takes, by what prepared the clips it learned from."""

import errno
import hashlib
import os
import stat
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from ravdess_exp.errors import ClipError, FaceError, MissingStreamError
from ravdess_exp.media.container import Source
from ravdess_exp.media.decode import Recording
from ravdess_exp.media.faces import no_face
from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.predict.inputs import Inputs
from ravdess_exp.prepare.entries import crops_of, faces_of, feature_of, picture_of, speech_of
from ravdess_exp.prepare.store import largest_file

File = str | Path | bytes
_MET = {
    "train": "the model learned from this very clip",
    "validation": "the model was chosen by this very clip",
    "test": "the model was scored on this very clip",
}


class Reader:
    """Reads what the model of a bundle needs. Raises `ClipError` or `OSError` for what is no clip."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def file(self, file: File, segment: tuple[float, float] | None) -> Inputs:
        """Of a file, or of the seconds of it that are its segment."""
        source = file if isinstance(file, bytes) else _regular(Path(file))
        inputs = self._read(source, segment)
        if segment is None:
            inputs.remarks += self._met_before(source)
        return inputs

    def frames(self, frames: np.ndarray, window: tuple[float, float] | None) -> Inputs:
        """Of picture alone, (K, height, width, 3) uint8, K as `Recipe.crops`."""
        inputs = Inputs(interval=window)
        if self.bundle.modality == "audio":
            raise MissingStreamError("sound", ", and this model only listens")
        if self.bundle.modality == "both":
            self._goes_without(
                "sound"
            )  # raises where it cannot; whoever films knows that there is none
        try:
            self._show(inputs, crops_of(frames, self.bundle.recipe))
        except FaceError:
            raise no_face(self.bundle.recipe.detector, frames) from None
        return inputs

    def _show(self, inputs: Inputs, seen: Mapping[str, np.ndarray]) -> None:
        """Crops, as `faces_of` gives them, and what the model is given of them."""
        inputs.crops, inputs.found = seen["faces"], seen["found"]
        inputs.faces, inputs.share = seen["faces"], float(seen["found"].mean())
        if self.bundle.recipe.picture is not None:
            inputs.faces = picture_of(seen["faces"], self.bundle.recipe)

    def _read(self, source: Source, segment: tuple[float, float] | None) -> Inputs:
        """Decode what the model needs; with a remark where it goes on without a part of it."""
        modality, inputs = self.bundle.modality, Inputs()
        open_ = partial(Recording, source, longest=self.bundle.recipe.longest, segment=segment)
        try:
            recording = open_(picture=modality != "audio")
        except MissingStreamError as error:
            if modality == "audio" or (modality == "video" and error.missing == "picture"):
                raise
            if modality == "both":
                inputs.remarks.append(self._goes_without(error.missing))
            rest = {"sound": error.missing != "sound", "picture": error.missing != "picture"}
            recording = open_(**rest)
        except ClipError:
            if modality != "video":
                raise
            recording = open_(sound=False)  # as in preparation: its sound may be what is damaged
        with recording:
            self._look(recording, inputs, whole=segment is None)
        return inputs

    def _goes_without(self, missing: str) -> str:
        """The remark that an input is missing; raises `MissingStreamError` where it is needed."""
        if not self.bundle.facts.missing_inputs:
            raise MissingStreamError(
                missing,
                ", and this model needs both; one that is trained with fusion=late or "
                "augment=modality_dropout can do without",
            )
        return f"no {missing} in the file: predicted without it, as the model was trained to"

    def _look(self, recording: Recording, inputs: Inputs, *, whole: bool) -> None:
        recipe, modality = self.bundle.recipe, self.bundle.modality
        speech = None
        if recording.has_sound:
            inputs.sound = recording.sound(recipe.feature.sample_rate)
            inputs.sound_start = recording.sound_start
            try:
                speech = speech_of(recording, recipe)
            except ClipError:
                if modality != "video":
                    raise
        if speech is not None:
            inputs.speech = speech["waveform"]
            inputs.interval = tuple(map(float, speech["interval"]))
            if whole and str(speech["remark"]):  # a window may well have speech from end to end
                inputs.remarks.append(str(speech["remark"]))
            if modality != "video":
                inputs.feature = feature_of(speech["waveform"], recipe)
        if recording.has_picture:
            if speech is None:
                inputs.interval = recording.seconds
                inputs.remarks.append("no speech to go by: frames of the whole picture")
            self._show(inputs, faces_of(recording, speech, recipe))

    def _met_before(self, source: Source) -> list[str]:
        """Whether its bytes are those of a clip that the model knows."""
        if isinstance(source, bytes):
            digest = hashlib.sha256(source).hexdigest()
        elif source.stat().st_size > largest_file(self.bundle.recipe.longest):
            return []  # no clip that trained a model
        else:
            with source.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        facts = self.bundle.facts
        if met := facts.set_of(digest):
            return [_MET[met]]
        part = facts.part_in(digest)
        return [_MET[part].replace("this very clip", "a part of this very file")] if part else []


def _regular(path: Path) -> Path:
    """The path, where it is a file; a pipe would be read for ever."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file")
    return path
