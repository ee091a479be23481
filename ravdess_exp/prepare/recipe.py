"""How a clip is prepared: all settings that decide what is kept of it, and so its names in the store."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ravdess_exp.errors import BundleError
from ravdess_exp.features.audio import AudioFeature
from ravdess_exp.media.faces import Detector, Yunet, yunet_file
from ravdess_exp.prepare.plain import DETECTORS, FEATURES, as_plain, checked_fields, from_plain


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
        """By kind of entry, all that its content depends on apart from the clip."""
        speech = {"sample_rate": self.feature.sample_rate, "top_db": self.top_db}
        own = {name: getattr(self, name) for name in ("frames", "size", "gray", "loudest")}
        faces = speech | own | _identity(self.detector)
        feature = _identity(self.feature)
        for after_the_store in ("frames", "standardise"):
            feature.pop(after_the_store, None)
        return {"speech": speech, "faces": faces, "feature": speech | feature}


def _identity(component: AudioFeature | Detector) -> dict:
    """Class and settings; of a model's file its content, since another file may have its name."""
    identity = {"class": type(component).__qualname__, **asdict(component)}
    if isinstance(component, Yunet):
        identity["model"] = hashlib.sha256(yunet_file(component.model).read_bytes()).hexdigest()
    return identity
