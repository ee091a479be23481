"""Picture features side by side."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ravdess_exp.config.schema.encoders import OnnxFace
from ravdess_exp.config.schema.picture import FaceMotion, Flow, Hog, PictureFeature


def _as_part(section: Any) -> Any:
    """What is done to all features together is said once, and not by each of them."""
    if not isinstance(section, dict):
        return section
    of_all = {"standardise": "block", "dense": None, "dropout": 0.0}
    return {**section, **{key: value for key, value in of_all.items() if key not in section}}


_Part = Annotated[
    Annotated[Hog | Flow | FaceMotion | OnnxFace, Field(discriminator="target")],
    BeforeValidator(_as_part),
]


class SeveralPictures(PictureFeature):
    """Several features of the same crops, each under a name."""

    target: Literal["ravdess_exp.features.picture.SeveralPictures"] = Field(alias="_target_")
    features: Annotated[dict[str, _Part], Field(min_length=1)]

    @property
    def needs_reference(self) -> bool:
        """Whether one of them does."""
        return any(part.needs_reference for part in self.features.values())

    def smallest(self) -> int:
        """What all of them can take."""
        return max(part.smallest() for part in self.features.values())

    def feature(self) -> Any:
        """The features, each built by its own section."""
        from ravdess_exp.features.picture import SeveralPictures as Feature

        features = {name: part.feature() for name, part in self.features.items()}
        return Feature(features=features, standardise=self.standardise)
