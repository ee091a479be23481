"""Audio and picture features and detectors as plain JSON types and back, by names from a fixed list.

Nothing is imported by a name that stands in a file, and each value is held against its field's type.
"""

from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from ravdess_exp.errors import BundleError
from ravdess_exp.features.audio import (
    AudioFeature,
    Compare,
    Contours,
    Egemaps,
    Functionals,
    LogMel,
    Mfcc,
    MfccMean,
    Pooled,
    Several,
)
from ravdess_exp.features.encoders import OnnxAudio, OnnxFace, Whisper
from ravdess_exp.features.picture import FaceMotion, Flow, Hog, PictureFeature, SeveralPictures
from ravdess_exp.media.faces import Centre, Detector, Dlib, Haar, Mtcnn, Yunet

FEATURES: tuple[type, ...] = (
    Mfcc, MfccMean, LogMel, Egemaps, Compare, Functionals, Contours, Pooled, Several, Whisper,
    OnnxAudio,
)  # fmt: skip
PICTURES: tuple[type, ...] = (Hog, Flow, FaceMotion, OnnxFace, SeveralPictures)
DETECTORS: tuple[type, ...] = (Mtcnn, Haar, Dlib, Yunet, Centre)
_ANY_CLASS = {"arbitrary_types_allowed": True}
_NEWER = "it was made by a newer version; install that one, or train again with this one"


def as_plain(component: AudioFeature | PictureFeature | Detector) -> dict[str, Any]:
    """Class name and settings; a component within it likewise."""
    settings = {field.name: _plain(getattr(component, field.name)) for field in fields(component)}
    return {"class": type(component).__name__, **settings}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return as_plain(value)
    if isinstance(value, Mapping):
        return {name: _plain(of) for name, of in value.items()}
    return list(value) if isinstance(value, tuple) else value


def from_plain(kinds: tuple[type, ...], values: Mapping[str, Any]) -> Any:
    """The component that `as_plain` wrote, one of `kinds`; raises `BundleError`."""
    known = {kind.__name__: kind for kind in kinds}
    name = values.get("class")
    if name not in known:
        raise BundleError(f"class {name!r}, expected one of {', '.join(known)}: {_NEWER}")
    hints = get_type_hints(known[name])
    settings = {
        key: _made(kinds, value, hints.get(key)) for key, value in values.items() if key != "class"
    }
    return known[name](**checked_fields(known[name], settings))


def _made(kinds: tuple[type, ...], value: Any, hint: Any = None) -> Any:
    """The components within a setting, and a tuple for a list where the field is one."""
    if isinstance(value, Mapping):
        if "class" in value:
            return from_plain(kinds, value)
        return {name: _made(kinds, of) for name, of in value.items()}
    return tuple(value) if isinstance(value, list) and get_origin(hint) is tuple else value


def checked_fields(
    kind: type, values: Mapping[str, Any], without: Collection[str] = ()
) -> dict[str, Any]:
    """The same values, each of its field's type; raises `BundleError` for any other, more or fewer.

    A field with a default may lack: a version before it wrote the file, and did what the default says.

    without: fields that are not among them.
    """
    own = [field for field in fields(kind) if field.name not in without]
    names = [field.name for field in own]
    if unknown := sorted(set(values) - set(names)):
        raise BundleError(f"{kind.__name__} with {', '.join(unknown)}: {_NEWER}")
    required = [field.name for field in own if field.default is MISSING]
    if missing := [name for name in required if name not in values]:
        raise BundleError(f"{kind.__name__} without {', '.join(missing)}: {_NEWER}")
    hints = get_type_hints(kind)
    for name in values:
        try:
            TypeAdapter(hints[name], config=_ANY_CLASS).validate_python(values[name], strict=True)
        except ValidationError as error:
            raise BundleError(
                f"{kind.__name__}.{name}={values[name]!r}: expected {hints[name]}"
            ) from error
    return dict(values)
