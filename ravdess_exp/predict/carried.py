"""The files of networks in a recipe, which travel in a bundle: where it goes they may be missing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ravdess_exp.errors import OutputError
from ravdess_exp.features.encoders import OnnxAudio, OnnxFace, Whisper
from ravdess_exp.features.encoders.file import digest_of
from ravdess_exp.media.faces import Dlib, Yunet, landmarks_file, yunet_file
from ravdess_exp.prepare.recipe import Recipe

_NAMES = {  # by class: the field that names the file, and what it is called in a bundle
    Yunet: ("model", "detector.onnx"),
    Dlib: ("landmarks", "landmarks.dat"),
    Whisper: ("file", "sound_encoder.npz"),
    OnnxAudio: ("file", "sound_encoder.onnx"),
    OnnxFace: ("file", "picture_encoder.onnx"),
}


def write_files(recipe: Recipe, modality: str, folder: Path) -> Recipe:
    """Copy the files into a bundle's folder; returns the recipe that names them there."""

    def copied(component: Any, field: str, name: str) -> Any:
        changed = {field: name}
        if isinstance(component, Yunet):
            source = yunet_file(component.model)
        elif isinstance(component, Dlib):
            source = landmarks_file(component.landmarks)
        else:
            source = Path(component.file)
            changed["sha256"] = digest_of(component.file)
        try:
            (folder / name).write_bytes(source.read_bytes())
        except OSError as error:
            raise OutputError(f"{source}: cannot be copied into the bundle ({error})") from error
        return replace(component, **changed)

    return _changed(recipe, modality, copied)


def with_files_of(folder: Path, recipe: Recipe, modality: str) -> Recipe:
    """The recipe of a bundle, with the files in its folder."""

    def placed(component: Any, field: str, name: str) -> Any:
        return replace(component, **{field: str(folder.absolute() / name)})

    return _changed(recipe, modality, placed)


def encoders_of(recipe: Recipe, modality: str) -> list[Any]:
    """The frozen encoders that this modality uses."""
    used = list(used_parts(recipe, modality).values())
    used += [part for component in used for part in _beside(component).values()]
    return [component for component in used if hasattr(component, "facts")]


def used_parts(recipe: Recipe, modality: str) -> dict[str, Any]:
    """The components that this modality uses, by the recipe's field."""
    parts = {"detector": recipe.detector}
    if modality != "video":
        parts["feature"] = recipe.feature
    if modality != "audio" and recipe.picture is not None:
        parts["picture"] = recipe.picture
    return parts


def _changed(recipe: Recipe, modality: str, change: Callable[[Any, str, str], Any]) -> Recipe:
    """The recipe with each component that names a file changed: (component, field, name) -> new."""
    for part, component in used_parts(recipe, modality).items():
        if type(component) in _NAMES and _has_file(component):
            new = change(component, *_NAMES[type(component)])
        elif features := _beside(component):
            new = replace(component, features=_changed_features(features, change))
        else:
            continue
        recipe = replace(recipe, **{part: new})
    return recipe


def _has_file(component: Any) -> bool:
    """dlib has a file where it is asked for the eyes; the others always have one."""
    return not isinstance(component, Dlib) or component.align


def _changed_features(features: Mapping[str, Any], change: Callable) -> dict[str, Any]:
    """Files of several are told apart by a number: a name that someone chose is no file's name."""
    changed = dict(features)
    for number, (key, part) in enumerate(features.items()):
        if type(part) in _NAMES:
            field, name = _NAMES[type(part)]
            changed[key] = change(part, field, f"{number:02d}_{name}")
    return changed


def _beside(component: Any) -> Mapping[str, Any]:
    """The features that a component puts side by side, by name."""
    return getattr(component, "features", {})
