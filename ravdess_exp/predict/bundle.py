"""A bundle: the trained model, and all that turns a file into what it was trained on."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ravdess_exp.errors import BundleError
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.picture_input import PictureInput
from ravdess_exp.models.fusion import load_model
from ravdess_exp.predict.carried import with_files_of, write_files
from ravdess_exp.predict.facts import Facts, Score, pooled
from ravdess_exp.predict.files import CARD, read_folder, written_folder
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.scoring.sureness import Threshold

_FITTED = "fitted.npz"
_HOWS = ("sample", "coefficient", "train")
_PICTURE_HOWS = ("feature", "block")
MODALITIES = ("both", "audio", "video")


@dataclass(frozen=True)
class Member:
    """One trained model, and what its inputs were brought to.

    audio_input: None for picture alone; picture_input: None for sound alone, and for crops.
    """

    model: keras.Model
    audio_input: AudioInput | None
    picture_input: PictureInput | None = None


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A model ready to predict, or several whose probabilities, or numbers, are averaged.

    recipe: how a file becomes arrays. modality: both, audio or video. classes: in the order of the
    probabilities; numbers: their names in the order in which they are told, in the place of classes.
    members: one of a run, one a fold and seed of a study.
    """

    recipe: Recipe
    modality: str
    classes: tuple[str, ...]
    members: tuple[Member, ...]
    facts: Facts
    numbers: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """The names of what the models give values of: classes or numbers."""
        return self.numbers or self.classes

    @classmethod
    def together(
        cls,
        bundles: Sequence["Bundle"],
        *,
        name: str,
        command: str,
        scores: Mapping[str, Score],
        sure: Threshold | None = None,
    ) -> "Bundle":
        """The models of a study as one; raises `BundleError` where they are not of one kind."""
        if not bundles:
            raise BundleError("no model to put together")
        first = bundles[0]
        for what in ("modality", "classes", "numbers"):
            if any(getattr(bundle, what) != getattr(first, what) for bundle in bundles):
                raise BundleError(f"models of different {what} cannot predict together")
        if any(_content(b.recipe.as_dict()) != _content(first.recipe.as_dict()) for b in bundles):
            raise BundleError("models of different recipe cannot predict together")
        members = tuple(member for bundle in bundles for member in bundle.members)
        facts = pooled(
            [b.facts for b in bundles], name=name, command=command, scores=scores, sure=sure
        )
        return replace(first, members=members, facts=facts)

    def save(self, folder: Path, card: str | None = None) -> None:
        """Write it whole, in the place of one that was there; raises `OutputError`.

        card: the text of its model card (`report.card`), Markdown.
        """
        with written_folder(folder) as (unfinished, content):
            recipe = write_files(self.recipe, self.modality, unfinished)
            names = _model_names(len(self.members))
            for name, member in zip(names, self.members, strict=True):
                member.model.save(unfinished / name)
            np.savez(unfinished / _FITTED, **_fitted(self.members))
            if card is not None:
                (unfinished / CARD).write_text(card, encoding="utf-8")
            content |= {
                "recipe": recipe.as_dict(),
                "modality": self.modality,
                "classes": list(self.classes),
                "numbers": list(self.numbers),
                "members": [
                    {
                        "model": name,
                        "sound": _plain_input(member.audio_input),
                        "picture": member.picture_input and member.picture_input.how,
                    }
                    for name, member in zip(names, self.members, strict=True)
                ],
                "facts": self.facts.as_dict(),
            }

    @classmethod
    def load(cls, folder: Path) -> "Bundle":
        """Read what `save` wrote, with Keras's safe mode and without pickle: no code of it is run.

        Raises `BundleError` where it is of a newer version, damaged, or changed by someone.
        """
        content = read_folder(folder)
        try:
            return cls._from_content(folder, content)
        except BundleError as error:
            raise BundleError(f"{folder}: {error}") from error
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise BundleError(f"{folder}: not laid out as a bundle is ({error!r})") from error

    @classmethod
    def _from_content(cls, folder: Path, content: Mapping[str, Any]) -> "Bundle":
        recipe = Recipe.from_dict(content["recipe"])
        if content["modality"] not in MODALITIES:
            raise BundleError(f"modality {content['modality']!r}, expected one of {MODALITIES}")
        recipe = with_files_of(folder, recipe, content["modality"])
        with np.load(folder / _FITTED, allow_pickle=False) as arrays:
            members = tuple(
                Member(
                    _read_model(folder, row["model"]),
                    _audio_input(row["sound"], arrays, i),
                    _picture_input(row.get("picture"), arrays, i),
                )
                for i, row in enumerate(content["members"])
            )
        return cls(
            recipe=recipe,
            modality=content["modality"],
            classes=tuple(content["classes"]),
            members=members,
            facts=Facts.from_dict(content["facts"]),
            numbers=tuple(content.get("numbers", ())),
        )


def _content(plain: Any) -> Any:
    """A recipe's plain types, with the SHA-256 of each file in the place of its path."""
    if isinstance(plain, Mapping):
        return {key: _content(value) for key, value in plain.items()}
    if isinstance(plain, str) and Path(plain).is_file():
        return hashlib.sha256(Path(plain).read_bytes()).hexdigest()
    return plain


def _model_names(count: int) -> list[str]:
    return ["model.keras"] if count == 1 else [f"model_{i:02d}.keras" for i in range(count)]


def _read_model(folder: Path, name: str) -> keras.Model:
    if Path(name).name != name:
        raise BundleError(f"a model by the name {name!r}: expected a file of the folder")
    try:
        return load_model(folder / name)
    except Exception as error:  # Keras raises what its layers raise
        reason = str(error).strip().splitlines()[0][:300] if str(error).strip() else repr(error)
        raise BundleError(f"{name}: Keras {keras.__version__} cannot load it ({reason})") from error


def _plain_input(audio_input: AudioInput | None) -> dict[str, Any] | None:
    if audio_input is None:
        return None
    return {
        "standardise": audio_input.how,
        "frames": audio_input.frames,
        "cut": audio_input.cut,
        "layer": audio_input.layer,
    }


def _fitted(members: Sequence[Member]) -> dict[str, np.ndarray]:
    """Means and deviations of the members that have them: (N, 1) of sound, (D,) of picture."""
    arrays = {}
    for i, member in enumerate(members):
        for before, one in (("", member.audio_input), ("picture_", member.picture_input)):
            if one is not None and one.mean is not None:
                arrays[f"{before}mean_{i:02d}"] = one.mean
                arrays[f"{before}deviation_{i:02d}"] = one.deviation
    return arrays


def _picture_input(how: str | None, arrays: Mapping, number: int) -> PictureInput | None:
    if how is None:
        return None
    if how not in _PICTURE_HOWS:
        raise BundleError(f"a picture feature standardised by {how!r} is not known")
    names = (f"picture_mean_{number:02d}", f"picture_deviation_{number:02d}")
    return PictureInput(how, *(arrays[name] for name in names))


def _audio_input(plain: Mapping | None, arrays: Mapping, number: int) -> AudioInput | None:
    if plain is None:
        return None
    how, frames = plain["standardise"], plain["frames"]
    cut = plain.get("cut", "end")  # what a version that did not write it did
    if cut not in ("start", "end"):
        raise BundleError(f"sound cut at its {cut!r}: expected start or end")
    if how not in _HOWS or not (frames is None or isinstance(frames, int)):
        raise BundleError(f"sound standardised by {how!r} to {frames!r} frames is not known")
    layer = plain.get("layer")
    several = isinstance(layer, list) and all(isinstance(one, int) for one in layer)
    if not (layer is None or isinstance(layer, int) or several):
        raise BundleError(f"sound of layer {layer!r}: expected a number, or several")
    fitted = (None, None)
    if how == "train":
        fitted = (arrays[f"mean_{number:02d}"], arrays[f"deviation_{number:02d}"])
    return AudioInput(how, frames, *fitted, cut=cut, layer=layer)
