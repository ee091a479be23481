"""Audio features, as a configuration names them."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ravdess_exp.config.schema.base import Component, Count, NotNegative, Positive
from ravdess_exp.config.schema.effect import Before
from ravdess_exp.config.schema.encoders import OnnxAudio, Whisper

_OPENSMILE = ("opensmile", "egemaps")
_Block = Literal[
    "mel", "mfcc", "rasta", "auditory", "level", "spectrum", "pitch", "voiced", "formants",
    "modulation", "thirds", "rhythm", "kernels",
]  # fmt: skip


class _Audio(Component):
    sample_rate: Annotated[int, Field(ge=4000, le=192_000)]
    has_time: ClassVar[bool] = False  # whether it gives frames over time


class _OverTime(_Audio):
    """A feature with a time axis, or its statistics over time."""

    has_time = True
    standardise: Literal["sample", "coefficient", "train"]
    frames: Literal["train_mean", "corpus_mean", "max"] | Count
    cut: Annotated[Literal["start", "end"], Before("end")]
    over_time: Annotated[Literal["statistics"] | None, Before(None)]

    def build(self, **extra: Any) -> Any:
        """The feature, wrapped where statistics over time are asked for."""
        from hydra.utils import instantiate

        settings = self.model_dump(by_alias=True, exclude={"over_time"})
        feature = instantiate({**settings, **extra}, _convert_="all")
        if self.over_time is None:
            return feature
        from ravdess_exp.features.audio import Pooled

        return Pooled(feature=feature)


class _Spectral(_Audio):
    n_fft: Annotated[int, Field(ge=16)]
    hop_length: Count


class Mfcc(_OverTime, _Spectral):
    target: Literal["ravdess_exp.features.audio.Mfcc"] = Field(alias="_target_")
    n_mfcc: Annotated[int, Field(ge=1, le=128)]
    deltas: bool


class MfccMean(_Spectral):
    target: Literal["ravdess_exp.features.audio.MfccMean"] = Field(alias="_target_")
    n_mfcc: Annotated[int, Field(ge=2, le=128)]
    standardise: Literal["sample", "train"]


class LogMel(_OverTime, _Spectral):
    target: Literal["ravdess_exp.features.audio.LogMel"] = Field(alias="_target_")
    n_mels: Annotated[int, Field(ge=2, le=512)]
    fmin: NotNegative
    fmax: Positive | None
    top_db: Positive
    deltas: bool


class Egemaps(_Audio):
    needs = _OPENSMILE
    target: Literal["ravdess_exp.features.audio.Egemaps"] = Field(alias="_target_")
    standardise: Literal["sample", "train"]


class Compare(_Audio):
    needs = _OPENSMILE
    target: Literal["ravdess_exp.features.audio.Compare"] = Field(alias="_target_")
    standardise: Literal["sample", "train"]


class _Contoured(_Audio):
    sample_rate: Annotated[int, Field(ge=16_000, le=48_000)]  # bands up to 8 kHz are described
    n_mels: Annotated[int, Field(ge=26, le=80)]
    n_mfcc: Annotated[int, Field(ge=2, le=80)]


class Contours(_OverTime, _Contoured):
    target: Literal["ravdess_exp.features.audio.Contours"] = Field(alias="_target_")
    deltas: bool


class Functionals(_Contoured):
    target: Literal["ravdess_exp.features.audio.Functionals"] = Field(alias="_target_")
    blocks: Annotated[list[_Block], Field(min_length=1)]
    standardise: Literal["sample", "train", "blocks"]

    def build(self, **extra: Any) -> Any:
        """The feature; its blocks are a tuple, so that nothing changes them."""
        from ravdess_exp.features.audio import Functionals as Feature

        settings = self.model_dump(exclude={"target", "blocks"})
        return Feature(**{**settings, "blocks": tuple(self.blocks), **extra})


_Feature = Annotated[
    Mfcc | MfccMean | LogMel | Egemaps | Compare | Contours | Functionals | Whisper | OnnxAudio,
    Field(discriminator="target"),
]


class Several(Component):
    """Several features side by side, each under a name."""

    target: Literal["ravdess_exp.features.audio.Several"] = Field(alias="_target_")
    standardise: Literal["train", "blocks"]
    features: Annotated[dict[str, _Feature], Field(min_length=1)]

    def build(self, **extra: Any) -> Any:
        """The features, each built by its own section."""
        from ravdess_exp.features.audio import Several as Feature

        features = {name: section.build() for name, section in self.features.items()}
        return Feature(features=features, standardise=self.standardise, **extra)


Audio = Annotated[
    Mfcc
    | MfccMean
    | LogMel
    | Egemaps
    | Compare
    | Contours
    | Functionals
    | Several
    | Whisper
    | OnnxAudio,
    Field(discriminator="target"),
]
