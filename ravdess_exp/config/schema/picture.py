"""Which frames of a clip, and the picture features that may stand in the place of crops."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ravdess_exp.config.schema.base import Component, Count, Section, Share
from ravdess_exp.config.schema.effect import Before

Cell = Annotated[int, Field(ge=4, le=128)]


class Frames(Section):
    count: Count
    size: Annotated[int, Field(ge=16, le=512)]
    colour: Literal["rgb", "gray"]
    chosen: Literal["even", "loudest"]
    reference: Annotated[Literal["start", "onset", "none"], Before("onset")]
    register_: Annotated[bool, Before(False)] = Field(
        alias="register"
    )  # pydantic's own name without the underscore


class PictureFeature(Component):
    """A feature that preparation computes from crops, with what the model does to it.

    needs_reference: whether it says only what changed since the reference.
    """

    needs_reference: ClassVar[bool] = False
    standardise: Literal["feature", "block"]
    dense: Count | None
    dropout: Share

    @property
    def weightless(self) -> bool:
        """Values as preparation made them."""
        return self.dense is None

    def smallest(self) -> int:
        """Side in pixels of the smallest crop it can take."""
        raise NotImplementedError

    def feature(self) -> Any:
        """The feature itself, without the settings of the model."""
        from hydra.utils import get_class

        settings = self.model_dump(exclude={"target", "dense", "dropout"})
        frozen = {n: tuple(v) if isinstance(v, list) else v for n, v in settings.items()}
        return get_class(self.target)(**frozen)

    def partial(self) -> Any:
        """The backbone that takes what the feature gives."""
        from functools import partial

        from ravdess_exp.models.backbones import given

        return partial(given, dense=self.dense, dropout=self.dropout)


class Hog(PictureFeature):
    target: Literal["ravdess_exp.features.picture.Hog"] = Field(alias="_target_")
    cells: Annotated[list[Cell], Field(min_length=1, max_length=5)]
    mirror: bool

    def smallest(self) -> int:
        """Two of the largest cells, both ways."""
        return 2 * max(self.cells)


class Flow(PictureFeature):
    needs_reference = True
    target: Literal["ravdess_exp.features.picture.Flow"] = Field(alias="_target_")
    grid: Annotated[int, Field(ge=2, le=64)]
    strain: bool
    mirror: bool

    def smallest(self) -> int:
        """A pixel a point."""
        return self.grid


class FaceMotion(Hog):
    needs_reference = True
    target: Literal["ravdess_exp.features.picture.FaceMotion"] = Field(alias="_target_")
    grid: Annotated[int, Field(ge=2, le=64)]

    def smallest(self) -> int:
        """What the cells and the grid take, whichever is more."""
        return max(super().smallest(), self.grid)
