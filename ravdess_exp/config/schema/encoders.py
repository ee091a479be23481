"""Frozen encoders: networks in a file, whose inner layers are features of sound or picture."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ravdess_exp.config.schema.base import Component, Count, Place
from ravdess_exp.config.schema.effect import Before
from ravdess_exp.config.schema.picture import PictureFeature

Sum = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{12,64}$")]
Text = Annotated[str, Field(min_length=1)]
SawRavdess = Literal["refused", "accepted"]


class _Encoder(Component):
    file: Place
    sha256: Sum | None
    saw_ravdess: SawRavdess


class _AudioEncoder(_Encoder):
    layer: Literal["middle", "chosen"] | Count | Annotated[list[Count], Field(min_length=1)]
    pool: Annotated[Literal["moments", "quantiles"], Before("moments")]
    has_time: ClassVar[bool] = False
    standardise: Literal["sample", "coefficient", "train"]
    frames: Literal["train_mean", "corpus_mean", "max"] | Count | None


class Whisper(_AudioEncoder):
    sample_rate: ClassVar[int] = 16_000  # Hz, the only one it was trained on
    target: Literal["ravdess_exp.features.encoders.Whisper"] = Field(alias="_target_")


class OnnxAudio(_AudioEncoder):
    target: Literal["ravdess_exp.features.encoders.OnnxAudio"] = Field(alias="_target_")
    input: Literal["waveform", "whisper_mel", "filter_bank"]
    sample_rate: Annotated[int, Field(ge=4000, le=192_000)]
    n_mels: Annotated[int, Field(ge=2, le=512)]
    normalise: bool
    tensors: Annotated[list[Text], Field(min_length=1)]
    licence: Text | None
    trained_on: Text | None


class OnnxFace(PictureFeature, _Encoder):
    target: Literal["ravdess_exp.features.encoders.OnnxFace"] = Field(alias="_target_")
    tensor: Text
    side: Annotated[int, Field(ge=8, le=1024)]
    low: float
    high: float
    places: Literal["mean", "all"]
    mirror: bool
    licence: Text | None
    trained_on: Text | None

    def smallest(self) -> int:
        """Any: crops are brought to `side`."""
        return 1
