"""The files of networks in a recipe, which travel in a bundle: where it goes they may be missing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ravdess_exp.errors import OutputError
from ravdess_exp.features.encoders import OnnxAudio, OnnxFace, Whisper
from ravdess_exp.features.encoders.file import digest_of
from ravdess_exp.media.faces import Yunet, yunet_file
from ravdess_exp.prepare.recipe import Recipe

_NAMES = {  # by class: the field that names the file, and what it is called in a bundle
    Yunet: ("model", "detector.onnx"),
    Whisper: ("file", "sound_encoder.npz"),
    OnnxAudio: ("file", "sound_encoder.onnx"),
    OnnxFace: ("file", "picture_encoder.onnx"),
}


def write_files(recipe: Recipe, modality: str, folder: Path) -> Recipe:
    """Copy the files into a bundle's folder; returns the recipe that names them there."""
    for part, component, field, name in _parts(recipe, modality):
        changed = {field: name}
        if isinstance(component, Yunet):
            source = yunet_file(component.model)
        else:
            source = Path(component.file)
            changed["sha256"] = digest_of(component.file)
        try:
            (folder / name).write_bytes(source.read_bytes())
        except OSError as error:
            raise OutputError(f"{source}: cannot be copied into the bundle ({error})") from error
        recipe = replace(recipe, **{part: replace(component, **changed)})
    return recipe


def with_files_of(folder: Path, recipe: Recipe, modality: str) -> Recipe:
    """The recipe of a bundle, with the files in its folder."""
    for part, component, field, name in _parts(recipe, modality):
        path = str(folder.absolute() / name)
        recipe = replace(recipe, **{part: replace(component, **{field: path})})
    return recipe


def used_parts(recipe: Recipe, modality: str) -> dict[str, Any]:
    """The components that this modality uses, by the recipe's field."""
    parts = {"detector": recipe.detector}
    if modality != "video":
        parts["feature"] = recipe.feature
    if modality != "audio" and recipe.picture is not None:
        parts["picture"] = recipe.picture
    return parts


def _parts(recipe: Recipe, modality: str) -> Iterator[tuple[str, Any, str, str]]:
    """Field of the recipe, component, its field that names a file, and the file's name in a bundle."""
    for part, component in used_parts(recipe, modality).items():
        if type(component) in _NAMES:
            yield (part, component, *_NAMES[type(component)])
