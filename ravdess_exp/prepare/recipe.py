"""How a clip is prepared: all that decides what is kept of it, and so the names of its entries."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from importlib import metadata
from typing import Any, Literal

from ravdess_exp.errors import BundleError
from ravdess_exp.features.audio import AudioFeature
from ravdess_exp.features.picture import PictureFeature
from ravdess_exp.media.faces import Detector, Yunet, yunet_file
from ravdess_exp.media.limits import LONGEST, SMALLEST_FACE
from ravdess_exp.prepare.plain import (
    DETECTORS,
    FEATURES,
    PICTURES,
    as_plain,
    checked_fields,
    from_plain,
)

# The packages of which another version may give other values. Those below them (NumPy, SciPy,
# TensorFlow under mtcnn) differ by rounding: naming them would cost a new store at each update.
_SPEECH_BY = ("av", "soxr", "librosa")  # decoded, resampled, trimmed
_AFTER_THE_STORE = ("frames", "standardise", "cut")  # settings of an audio feature
_CROPPED_BY = ("opencv-python-headless",)  # and frames reduced for every detector
_BEFORE = {"starts_apart": False, "register": False}  # of later keys: what was done without them
_NEVER = object()
_COMPONENTS = {"feature": FEATURES, "detector": DETECTORS, "picture": PICTURES}  # by field


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The settings that decide what a prepared clip looks like.

    reference: what crops are held against, a further one from the clip's `start`, the first of the
    `frames` at the `onset` of speech, or `none`. register: whether they are moved back onto it.
    picture: what is computed from crops; None where the model is given the crops themselves.
    longest: seconds that a clip may last, which decides whether there are arrays and not what they are.
    """

    feature: AudioFeature
    detector: Detector
    top_db: float
    frames: int
    size: int
    gray: bool
    loudest: bool  # frames over the loudest half of the speech, not over all of it
    # since 0.3; the defaults are what was done before, and so how a bundle of that time is read
    reference: Literal["start", "onset", "none"] = "onset"
    register: bool = False
    picture: PictureFeature | None = None
    longest: float = LONGEST

    @property
    def starts_apart(self) -> bool:
        """Whether a further crop, the reference, comes in front of those of the frames."""
        return self.reference == "start"

    @property
    def crops(self) -> int:
        """How many crops of a clip are kept: the frames, and the reference where it is apart."""
        return self.frames + self.starts_apart

    def as_dict(self) -> dict[str, Any]:
        """All settings as plain JSON types, for a file that `from_dict` reads."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        components = {name: plain[name] and as_plain(plain[name]) for name in _COMPONENTS}
        return plain | components

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Recipe":
        """What `as_dict` wrote; raises `BundleError` for a class, field or type that is not known."""
        before = {f.name: f.default for f in fields(cls) if f.default is not MISSING}
        made = before | dict(plain)
        for name, kinds in _COMPONENTS.items():
            if name in before and made[name] is None:
                continue
            if not isinstance(made.get(name), Mapping):
                raise BundleError(f"a recipe without {name}: the file is not one of ours")
            made[name] = from_plain(kinds, made[name])
        own = {n: v for n, v in made.items() if n not in _COMPONENTS}
        checked_fields(cls, own, without=tuple(_COMPONENTS))
        return cls(**made)

    def settings(self) -> dict[str, dict]:
        """By kind of entry, all that its content depends on apart from the clip.

        The versions of the packages that compute it are part of it, so an update of one of them
        makes new entries, and keeps those of the version before.
        """
        speech = {"sample_rate": self.feature.sample_rate, "top_db": self.top_db}
        speech["computed_by"] = versions(_SPEECH_BY)
        own = {name: getattr(self, name) for name in ("frames", "size", "gray", "loudest")}
        own |= {"starts_apart": self.starts_apart, "register": self.register}
        faces = {"speech": speech, "cropped_by": versions(_CROPPED_BY)}
        faces |= own | _identity(self.detector)
        entries = {"speech": speech, "faces": faces}
        entries["feature"] = {"speech": speech} | _as_stored(_identity(self.feature))
        if self.picture is not None:
            less = {"faces": faces, "reference": self.reference}
            entries["picture"] = less | _as_stored(_identity(self.picture))
        return entries


def same_entries(earlier: Any, now: Any) -> bool:
    """Whether what `Recipe.settings` gave, now or in an earlier version, is of the same entries.

    earlier: read from JSON. A key that it lacks was added later, and means what was done before.
    """
    if not isinstance(now, Mapping):
        return earlier == (list(now) if isinstance(now, tuple) else now)
    if not isinstance(earlier, Mapping) or earlier.keys() - now.keys():
        return False
    return all(
        same_entries(earlier[key], value) if key in earlier else value == _BEFORE.get(key, _NEVER)
        for key, value in now.items()
    )


def _as_stored(settings: Any) -> Any:
    """Without what is done to an array after it was read from the store, on any level."""
    if not isinstance(settings, Mapping):
        return settings
    return {k: _as_stored(v) for k, v in settings.items() if k not in _AFTER_THE_STORE}


def _identity(component: AudioFeature | PictureFeature | Detector) -> dict:
    """Class, settings and versions of a component, and the digest of its model's file.

    A frozen encoder says itself what its arrays depend on: not the place of its file.
    """
    identity = as_plain(component)
    if hasattr(component, "identity"):
        identity = {"class": identity["class"], **component.identity()}
    for name, part in getattr(component, "features", {}).items():  # beside one another
        if hasattr(part, "identity"):
            own = {"class": type(part).__qualname__, **part.identity()}
            identity["features"][name] = own | {"layer": getattr(part, "layer", None)}
    if identity.get("smallest") == SMALLEST_FACE:  # what was done before it could be set
        del identity["smallest"]
    identity["computed_by"] = versions(component.computed_by)
    if isinstance(component, Yunet):
        identity["model"] = hashlib.sha256(yunet_file(component.model).read_bytes()).hexdigest()
    return identity


def versions(packages: Sequence[str]) -> dict[str, str | None]:
    """The installed version of each package, None where it is missing; none is imported."""
    installed = {}
    for package in packages:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # an extra: its component says so when it is used
            installed[package] = None
    return installed
