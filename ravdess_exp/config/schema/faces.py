"""How faces are found; see `media.faces`."""

from typing import Annotated, Literal

from pydantic import Field

from ravdess_exp.config.schema.base import Component, Place
from ravdess_exp.media.limits import SMALLEST_FACE


class _Face(Component):
    margin: Annotated[float, Field(ge=0, le=2)]


class _Finder(_Face):
    detect_side: Annotated[int, Field(ge=64)]
    smallest: Annotated[float, Field(gt=0, lt=1)] = (
        SMALLEST_FACE  # runs before 0.3 could not set it
    )


class Mtcnn(_Finder):
    target: Literal["ravdess_exp.media.faces.Mtcnn"] = Field(alias="_target_")
    align: bool


class Haar(_Finder):
    target: Literal["ravdess_exp.media.faces.Haar"] = Field(alias="_target_")


class Dlib(_Finder):
    needs = ("dlib", "dlib")
    target: Literal["ravdess_exp.media.faces.Dlib"] = Field(alias="_target_")
    align: bool = False  # configurations before 0.3 lack these two
    landmarks: Place | None = None


class Yunet(_Finder):
    target: Literal["ravdess_exp.media.faces.Yunet"] = Field(alias="_target_")
    model: Place | None
    align: bool


class Centre(_Face):
    target: Literal["ravdess_exp.media.faces.Centre"] = Field(alias="_target_")
    share: Annotated[float, Field(gt=0, le=1)]
