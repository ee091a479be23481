"""Audio and picture features and detectors as plain JSON types and back, by names from a fixed list.

Nothing is imported by a name that stands in a file, and each value is held against its field's type.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from ravdess_exp.errors import BundleError
from ravdess_exp.features.audio import AudioFeature, Egemaps, LogMel, Mfcc, MfccMean
from ravdess_exp.features.encoders import OnnxAudio, OnnxFace, Whisper
from ravdess_exp.features.picture import FaceMotion, Flow, Hog, PictureFeature
from ravdess_exp.media.faces import Centre, Detector, Dlib, Haar, Mtcnn, Yunet

FEATURES: tuple[type, ...] = (Mfcc, MfccMean, LogMel, Egemaps, Whisper, OnnxAudio)
PICTURES: tuple[type, ...] = (Hog, Flow, FaceMotion, OnnxFace)
DETECTORS: tuple[type, ...] = (Mtcnn, Haar, Dlib, Yunet, Centre)
_NEWER = "it was made by a newer version; install that one, or train again with this one"


def as_plain(component: AudioFeature | PictureFeature | Detector) -> dict[str, Any]:
    """Class name and settings."""
    return {"class": type(component).__name__, **asdict(component)}


def from_plain(kinds: tuple[type, ...], values: Mapping[str, Any]) -> Any:
    """The component that `as_plain` wrote, one of `kinds`; raises `BundleError`."""
    known = {kind.__name__: kind for kind in kinds}
    name = values.get("class")
    if name not in known:
        raise BundleError(f"class {name!r}, expected one of {', '.join(known)}: {_NEWER}")
    settings = {key: value for key, value in values.items() if key != "class"}
    return known[name](**checked_fields(known[name], settings))


def checked_fields(
    kind: type, values: Mapping[str, Any], without: Collection[str] = ()
) -> dict[str, Any]:
    """The same values, each of its field's type; raises `BundleError` for any other, more or fewer.

    without: fields that are not among them.
    """
    names = [field.name for field in fields(kind) if field.name not in without]
    if unknown := sorted(set(values) - set(names)):
        raise BundleError(f"{kind.__name__} with {', '.join(unknown)}: {_NEWER}")
    if missing := [name for name in names if name not in values]:
        raise BundleError(f"{kind.__name__} without {', '.join(missing)}: {_NEWER}")
    hints = get_type_hints(kind)
    for name in names:
        try:
            TypeAdapter(hints[name]).validate_python(values[name], strict=True)
        except ValidationError as error:
            raise BundleError(
                f"{kind.__name__}.{name}={values[name]!r}: expected {hints[name]}"
            ) from error
    return dict(values)
