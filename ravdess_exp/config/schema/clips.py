"""From a folder of clips to batches: corpus, audio feature, faces, split, augmentation."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from ravdess_exp.config.schema.base import (
    Actor,
    Actors,
    Component,
    Count,
    NotNegative,
    Positive,
    Section,
    Share,
)
from ravdess_exp.config.schema.effect import Effect
from ravdess_exp.corpus.ravdess.labels import EMOTIONS


def _moved(target: str) -> str:
    """Where a class is now; configurations that runs of 0.1 kept name the place it had then."""
    before = {"ravdess_exp.augment.Augment": "ravdess_exp.training.augment.Augment"}
    return before.get(target, target)


class _Data(Section):
    root: Annotated[str, Effect.NOTHING]  # the clips' contents count
    classes: Literal[7, 8]
    one_hot: bool
    channel: Literal["speech", "song", "all"]
    intensity: Literal["all", "normal", "strong"]
    statement: Literal["all", 1, 2]
    without_emotions: list[Literal[tuple(EMOTIONS.values())]]
    without_actors: list[Actor]
    shuffle_labels: bool
    store: Annotated[str, Effect.NOTHING]
    workers: Annotated[Literal[-1] | Count, Effect.NOTHING]
    clip_seconds: Annotated[Positive, Effect.NOTHING]
    max_failed: Annotated[float, Field(ge=0, le=1)]


class Demo(_Data):
    source: Literal["demo"]
    clips_per_actor: Annotated[int, Field(ge=8, le=60)]


class Ravdess(_Data):
    source: Literal["ravdess"]


class Trim(Section):
    top_db: Positive


class _Audio(Component):
    sample_rate: Annotated[int, Field(ge=4000, le=192_000)]


class _Spectral(_Audio):
    n_fft: Annotated[int, Field(ge=16)]
    hop_length: Count


class _OverTime(_Spectral):
    deltas: bool
    standardise: Literal["sample", "coefficient", "train"]
    frames: Literal["train_mean", "corpus_mean"] | Count


class Mfcc(_OverTime):
    target: Literal["ravdess_exp.features.audio.Mfcc"] = Field(alias="_target_")
    n_mfcc: Annotated[int, Field(ge=1, le=128)]


class MfccMean(_Spectral):
    target: Literal["ravdess_exp.features.audio.MfccMean"] = Field(alias="_target_")
    n_mfcc: Annotated[int, Field(ge=2, le=128)]
    standardise: Literal["sample", "train"]


class LogMel(_OverTime):
    target: Literal["ravdess_exp.features.audio.LogMel"] = Field(alias="_target_")
    n_mels: Annotated[int, Field(ge=2, le=512)]
    fmin: NotNegative
    fmax: Positive | None
    top_db: Positive


class Egemaps(_Audio):
    needs = ("opensmile", "egemaps")
    target: Literal["ravdess_exp.features.audio.Egemaps"] = Field(alias="_target_")
    standardise: Literal["sample", "train"]


class _Face(Component):
    margin: Annotated[float, Field(ge=0, le=2)]


class _Finder(_Face):
    detect_side: Annotated[int, Field(ge=64)]


class Mtcnn(_Finder):
    target: Literal["ravdess_exp.media.faces.Mtcnn"] = Field(alias="_target_")
    align: bool


class Haar(_Finder):
    target: Literal["ravdess_exp.media.faces.Haar"] = Field(alias="_target_")


class Dlib(_Finder):
    needs = ("dlib", "dlib")
    target: Literal["ravdess_exp.media.faces.Dlib"] = Field(alias="_target_")


class Yunet(_Finder):
    target: Literal["ravdess_exp.media.faces.Yunet"] = Field(alias="_target_")
    model: str | None
    align: bool


class Centre(_Face):
    target: Literal["ravdess_exp.media.faces.Centre"] = Field(alias="_target_")
    share: Annotated[float, Field(gt=0, le=1)]


class FixedSplit(Component):
    target: Literal["ravdess_exp.corpus.split.FixedSplit"] = Field(alias="_target_")
    train: Actors
    validation: Actors
    test: Actors


class StatementSplit(Component):
    target: Literal["ravdess_exp.corpus.split.StatementSplit"] = Field(alias="_target_")
    train: Actors
    validation: Actors
    test: Actors
    test_statement: Literal[1, 2]


class GroupedKFold(Component):
    fold_key: ClassVar[str] = "fold"
    target: Literal["ravdess_exp.corpus.split.GroupedKFold"] = Field(alias="_target_")
    folds: Annotated[int, Field(ge=3, le=24)]
    fold: Annotated[int, Field(ge=0, le=23)]
    seed: int


class LeakyKFold(GroupedKFold):
    target: Literal["ravdess_exp.corpus.split.LeakyKFold"] = Field(alias="_target_")


class LeaveOneSpeakerOut(Component):
    fold_key: ClassVar[str] = "test_actor"
    target: Literal["ravdess_exp.corpus.split.LeaveOneSpeakerOut"] = Field(alias="_target_")
    test_actor: Actor
    validation_actors: Count
    seed: int


class SoundRanges(Section):
    speed: Share
    pitch: Annotated[float, Field(ge=0, le=12)]
    gain: Annotated[float, Field(ge=0, le=40)]
    snr: Annotated[list[float], Field(min_length=2, max_length=2)] | None
    reverberation: Annotated[float, Field(ge=0, le=5)]


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
    sound_variants: Annotated[int, Field(ge=0, le=100)]
    sound: SoundRanges
