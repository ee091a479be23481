"""One file to what a model says, by the very functions that prepared the clips it learned from."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import overload

import keras
import numpy as np

from ravdess_exp.errors import ClipError, RavdessError, TooLongError
from ravdess_exp.models.late import branch_models
from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.predict.inputs import Inputs, tensors
from ravdess_exp.predict.look import Look
from ravdess_exp.predict.prediction import Prediction
from ravdess_exp.predict.reader import File, Reader
from ravdess_exp.prepare.warm import warm_up

_CONTENT = "<bytes>"  # the name of what comes without one


class Predictor:
    """A bundle, ready for one file after the other; the first takes seconds, later ones a fraction."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._reader = Reader(bundle)

    @overload
    def predict(self, files: File) -> Prediction: ...
    @overload
    def predict(self, files: Iterable[File]) -> list[Prediction]: ...
    def predict(self, files):
        """What the model says of a file, given by its path or as its bytes; of several, a list.

        Never raises for what is wrong with a file: its prediction has the reason.

        >>> import ravdess_exp
        >>> model = ravdess_exp.load("outputs/runs/mine")
        >>> made = model.predict("clip.mp4")
        >>> len(made.probabilities) == len(made.classes), round(sum(made.probabilities), 3)
        (True, 1.0)
        >>> [one.reason for one in model.predict(["nowhere.mp4"])]
        ['cannot be read (No such file or directory)']
        """
        if isinstance(files, str | Path | bytes):
            return self.predict_file(files)
        return [self.predict_file(one) for one in files]

    def predict_file(
        self, file: File, *, name: str | None = None, segment: tuple[float, float] | None = None
    ) -> Prediction:
        """See `predict`. name: to call it by. segment: seconds, of a file of any length."""
        return self.examine(file, name=name, segment=segment)[0]

    def examine(
        self, file: File, *, name: str | None = None, segment: tuple[float, float] | None = None
    ) -> tuple[Prediction, Inputs | None]:
        """See `predict_file`; and what the prediction was made from, None where it failed."""
        shown = name or (_CONTENT if isinstance(file, bytes) else str(file))
        return self._predicted(shown, partial(self._reader.file, file, segment), segment)

    def look(self, file: File, *, name: str | None = None) -> Look:
        """The prediction of a file, with all that it was made from; never raises for the file."""
        prediction, inputs = self.examine(file, name=name)
        if prediction.reason is not None:
            return Look(prediction, {}, inputs)
        return Look(prediction, self._branches_say(inputs, inputs.present), inputs)

    def predict_frames(
        self, frames: np.ndarray, *, name: str, window: tuple[float, float] | None = None
    ) -> Prediction:
        """Of picture alone, as a camera gives it: (K, height, width, 3) uint8, K as `Recipe.crops`."""
        return self._predicted(name, partial(self._reader.frames, frames, window), window)[0]

    def _predicted(
        self,
        shown: str,
        read: Callable[[], Inputs],
        window: tuple[float, float] | None = None,
    ) -> tuple[Prediction, Inputs | None]:
        """A prediction, and what it is of; None where that failed. read: gives the inputs."""
        started, inputs = time.perf_counter(), None
        bundle = self.bundle
        made = Prediction(file=shown, classes=bundle.classes, numbers=bundle.numbers, window=window)
        try:
            inputs = read()
            said = self._said(inputs)
            values = tuple(map(float, said))
            made = replace(
                made,
                probabilities=None if bundle.numbers else values,
                values=values if bundle.numbers else None,
                sure=self._is_sure(said),
                interval=inputs.interval,
                faces=inputs.share,
                remarks=tuple(inputs.remarks),
            )
        except Exception as error:  # a library's surprise costs one file, not the others
            if isinstance(error, RavdessError) and not isinstance(error, ClipError):
                raise  # the installation, not this file
            if not isinstance(error, ClipError | OSError):
                warm_up(self.bundle.recipe, self._kinds())  # raises where it is the installation
            made = replace(made, reason=_reason(error))
        return replace(made, seconds=time.perf_counter() - started), inputs

    def warm(self, *, branches: bool = False) -> "Predictor":
        """Have libraries compile and networks be built now, rather than over the first file.

        branches: those of the branches alone too, which `look` asks. Raises `InstallationError` where
        what is installed cannot do that.
        """
        warm_up(self.bundle.recipe, self._kinds())
        self._said(Inputs())
        if branches:
            self._branches_say(Inputs(), ("audio", "video"))
        return self

    @cached_property
    def _branches(self) -> list[dict[str, keras.Model]]:
        """A member's branches alone, by `audio` and `video`; empty where it has no late fusion."""
        return [branch_models(member.model) for member in self.bundle.members]

    def _branches_say(
        self, inputs: Inputs, branches: Collection[str]
    ) -> dict[str, tuple[float, ...]]:
        """Probabilities, or numbers, by branch, the mean over members."""
        said: dict[str, list[np.ndarray]] = {}
        for member, models in zip(self.bundle.members, self._branches, strict=True):
            for what in [what for what in models if what in branches]:
                said.setdefault(what, []).append(
                    models[what].predict_on_batch(tensors(member, inputs))[0]
                )
        return {what: tuple(map(float, np.mean(of, axis=0))) for what, of in said.items()}

    def _kinds(self) -> tuple[str, ...]:
        """Of entries of a prepared clip: what is made of a file."""
        seen = ("faces",) if self.bundle.recipe.picture is None else ("faces", "picture")
        heard = () if self.bundle.modality == "video" else ("feature",)
        return ("speech", *heard, *(() if self.bundle.modality == "audio" else seen))

    def _said(self, inputs: Inputs) -> np.ndarray:
        """(classes,) or (numbers,) float32, the mean over members."""
        members = self.bundle.members
        said = [member.model.predict_on_batch(tensors(member, inputs))[0] for member in members]
        return np.mean(said, axis=0)

    def _is_sure(self, probabilities: np.ndarray) -> bool | None:
        threshold = self.bundle.facts.sure
        return None if threshold is None else bool(threshold.keeps(probabilities[None])[0])


def _reason(error: Exception) -> str:
    if isinstance(error, TooLongError):
        return f"{error}; go through it in windows"
    if isinstance(error, ClipError):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror or error})"
    return f"{type(error).__name__}: {error}"
