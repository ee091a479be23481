"""How a clip is prepared: all settings that decide what is kept of it, and so its names in the store."""

import hashlib
from dataclasses import asdict, dataclass

from ravdess_exp.features.audio import AudioFeature
from ravdess_exp.media.faces import Detector, Yunet, yunet_file


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
