"""How a clip is prepared: all that decides what is kept of it, and so the names of its entries."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import metadata
from typing import Any

from ravdess_exp.errors import BundleError
from ravdess_exp.features.audio import AudioFeature
from ravdess_exp.media.faces import Detector, Yunet, yunet_file
from ravdess_exp.prepare.plain import DETECTORS, FEATURES, as_plain, checked_fields, from_plain

# The packages of which another version may give other values. Those below them (NumPy, SciPy,
# TensorFlow under mtcnn) differ by rounding: naming them would cost a new store at each update.
_SPEECH_BY = ("av", "soxr", "librosa")  # decoded, resampled, trimmed
_AFTER_THE_STORE = ("frames", "standardise", "cut")  # settings of an audio feature
_CROPPED_BY = ("opencv-python-headless",)  # and frames reduced for every detector


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The settings that decide what a prepared clip looks like."""

    feature: AudioFeature
    detector: Detector
    top_db: float
    frames: int
    size: int
    gray: bool
    loudest: bool  # frames over the loudest half of the speech, not over all of it

    def as_dict(self) -> dict[str, Any]:
        """All settings as plain JSON types, for a file that `from_dict` reads."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return plain | {"feature": as_plain(self.feature), "detector": as_plain(self.detector)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Recipe":
        """What `as_dict` wrote; raises `BundleError` for a class, field or type that is not known."""
        made = dict(plain)
        for name, kinds in (("feature", FEATURES), ("detector", DETECTORS)):
            if not isinstance(made.get(name), Mapping):
                raise BundleError(f"a recipe without {name}: the file is not one of ours")
            made[name] = from_plain(kinds, made[name])
        own = {n: v for n, v in made.items() if n not in ("feature", "detector")}
        checked_fields(cls, own, without=("feature", "detector"))
        return cls(**made)

    def settings(self) -> dict[str, dict]:
        """By kind of entry, all that its content depends on apart from the clip.

        The versions of the packages that compute it are part of it, so an update of one of them
        makes new entries, and keeps those of the version before.
        """
        speech = {"sample_rate": self.feature.sample_rate, "top_db": self.top_db}
        speech["computed_by"] = _versions(_SPEECH_BY)
        own = {name: getattr(self, name) for name in ("frames", "size", "gray", "loudest")}
        faces = {"speech": speech, "cropped_by": _versions(_CROPPED_BY)}
        faces |= own | _identity(self.detector)
        feature = _as_stored(_identity(self.feature))
        return {"speech": speech, "faces": faces, "feature": {"speech": speech} | feature}


def _as_stored(settings: Any) -> Any:
    """Without what is done to an array after it was read from the store, on any level."""
    if not isinstance(settings, Mapping):
        return settings
    return {k: _as_stored(v) for k, v in settings.items() if k not in _AFTER_THE_STORE}


def _identity(component: AudioFeature | Detector) -> dict:
    """Class, settings and versions of a component, and the digest of its model's file."""
    identity = as_plain(component)
    identity["computed_by"] = _versions(component.computed_by)
    if isinstance(component, Yunet):
        identity["model"] = hashlib.sha256(yunet_file(component.model).read_bytes()).hexdigest()
    return identity


def _versions(packages: Sequence[str]) -> dict[str, str | None]:
    """The installed version of each package, None where it is missing; none is imported."""
    versions = {}
    for package in packages:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # an extra: its component says so when it is used
            versions[package] = None
    return versions
