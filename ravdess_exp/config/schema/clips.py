"""From clips to batches: faces, split, augmentation; `corpora` has where they come from."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ravdess_exp.config.schema.base import (
    Component,
    Place,
    Positive,
    Section,
    Share,
)
from ravdess_exp.config.schema.effect import Before
from ravdess_exp.media.limits import SMALLEST_FACE


def _moved(target: str) -> str:
    """Where a class is now; configurations that runs of 0.1 kept name the place it had then."""
    before = {"ravdess_exp.augment.Augment": "ravdess_exp.training.augment.Augment"}
    return before.get(target, target)


class Trim(Section):
    top_db: Positive


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


class SoundRanges(Section):
    speed: Share
    pitch: Annotated[float, Field(ge=0, le=12)]
    gain: Annotated[float, Field(ge=0, le=40)]
    snr: Annotated[list[float], Field(min_length=2, max_length=2)] | None
    reverberation: Annotated[float, Field(ge=0, le=5)]


_NO_RANGES = {"speed": 0.0, "pitch": 0.0, "gain": 0.0, "snr": None, "reverberation": 0.0}


class Augment(Component):
    elsewhere = frozenset({"sound_variants", "sound"})  # made in preparation
    target: Annotated[Literal["ravdess_exp.training.augment.Augment"], BeforeValidator(_moved)] = (
        Field(alias="_target_")
    )
    flip: bool
    brightness: Share
    contrast: Share
    colour: Share
    shift: Share
    zoom: Share
    time_masks: Annotated[int, Field(ge=0)]
    time_mask_share: Share
    frequency_masks: Annotated[int, Field(ge=0)]
    frequency_mask_share: Share
    modality_dropout: Share
    sound_variants: Annotated[int, Field(ge=0, le=100), Before(0)]
    sound: Annotated[SoundRanges, Before(_NO_RANGES)]
