"""The typed schema of a run: every key, its type and what it may hold. Nothing heavy is imported.

Values stand in `conf/*.yaml` alone, where `--help` and overrides find them; this module owns names,
types and limits, and refuses everything else. `_target_` may name the classes listed here and no
other, so a configuration cannot make the program call anything else.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
_STORES = r"^(https?|databricks|(sqlite|postgresql|mysql|mssql)(\+\w+)?)(:|$)"  # MLflow's
Actors = Annotated[list[Annotated[int, Field(ge=1, le=24)]], Field(min_length=1)]


class Section(BaseModel):
    """A part of the configuration: unknown keys and wrong types are refused, nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Component(Section):
    """A section that is a class or function to build, chosen by `_target_`."""

    target: str = Field(alias="_target_")

    def build(self, **extra: Any) -> Any:
        """Call the target with this section's keys and `extra` as keyword arguments."""
        from hydra.utils import instantiate

        return instantiate({**self.model_dump(by_alias=True), **extra}, _convert_="all")

    def partial(self) -> Any:
        """The target with this section's keys bound, to be called with the rest."""
        return self.build(_partial_=True)


class _Data(Section):
    root: str
    classes: Literal[7, 8]
    one_hot: bool
    song: bool
    store: str
    workers: Literal[-1] | Count
    max_failed: Annotated[float, Field(ge=0, le=1)]


class Demo(_Data):
    source: Literal["demo"]
    clips_per_actor: Annotated[int, Field(ge=8, le=60)]


class Ravdess(_Data):
    source: Literal["ravdess"]


class Trim(Section):
    top_db: Positive


class Frames(Section):
    count: Count
    size: Annotated[int, Field(ge=16, le=512)]


class Mfcc(Component):
    target: Literal["ravdess_exp.features.audio.Mfcc"] = Field(alias="_target_")
    sample_rate: Annotated[int, Field(ge=4000, le=192_000)]
    n_mfcc: Annotated[int, Field(ge=1, le=128)]
    n_fft: Annotated[int, Field(ge=16)]
    hop_length: Count
    frames: Literal["train_mean", "corpus_mean"] | Count


class _Face(Component):
    margin: Annotated[float, Field(ge=0, le=2)]
    detect_side: Annotated[int, Field(ge=64)]


class Mtcnn(_Face):
    target: Literal["ravdess_exp.media.faces.Mtcnn"] = Field(alias="_target_")
    align: bool


class Haar(_Face):
    target: Literal["ravdess_exp.media.faces.Haar"] = Field(alias="_target_")


class FixedSplit(Component):
    target: Literal["ravdess_exp.corpus.split.FixedSplit"] = Field(alias="_target_")
    train: Actors
    validation: Actors
    test: Actors


class LeaveOneSpeakerOut(Component):
    target: Literal["ravdess_exp.corpus.split.LeaveOneSpeakerOut"] = Field(alias="_target_")
    test_actor: Annotated[int, Field(ge=1, le=24)]
    validation_actors: Count
    seed: int


class Augment(Component):
    target: Literal["ravdess_exp.augment.Augment"] = Field(alias="_target_")
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


class Blstm(Component):
    target: Literal["ravdess_exp.models.audio_encoders.blstm"] = Field(alias="_target_")
    units: Count
    dense: Count
    dropout: Share
    l2: NotNegative


class Vgg(Component):
    target: Literal["ravdess_exp.models.backbones.vgg"] = Field(alias="_target_")
    reference: Literal["first", "none"]
    filters: Annotated[list[Count], Field(min_length=1, max_length=5)]
    dense: Count
    dropout: Share
    l2: NotNegative


class MaxPooling(Component):
    target: Literal["ravdess_exp.models.pooling.max_pooling"] = Field(alias="_target_")


class Concat(Component):
    target: Literal["ravdess_exp.models.fusion.concat"] = Field(alias="_target_")
    dense: Count
    dropout: Share
    l2: NotNegative


class Training(Section):
    epochs: Count
    batch_size: Count
    learning_rate: Positive
    schedule: Literal["constant", "cosine", "plateau"]
    warmup_epochs: NotNegative
    clip_norm: Positive | None
    label_smoothing: Share
    class_weights: bool
    monitor: Literal["val_uar", "val_loss", "val_accuracy"]
    patience: Count


class Mlflow(Section):
    backend: Literal["mlflow"]
    uri: Annotated[str, Field(pattern=_STORES)] | None
    experiment: Annotated[str, Field(min_length=1)]
    log_model: bool


class NoTracking(Section):
    backend: Literal["none"]


class Config(Section):
    """A whole run."""

    task: Literal["run", "prepare"]
    name: Annotated[str, Field(pattern=r"^[\w.+-]+$")]
    modality: Literal["both", "audio", "video"]
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    data: Annotated[Demo | Ravdess, Field(discriminator="source")]
    trim: Trim
    frames: Frames
    audio: Mfcc
    face: Annotated[Mtcnn | Haar, Field(discriminator="target")]
    split: Annotated[FixedSplit | LeaveOneSpeakerOut, Field(discriminator="target")]
    augment: Augment
    audio_encoder: Blstm
    visual: Vgg
    pooling: MaxPooling
    fusion: Concat
    training: Training
    tracking: Annotated[Mlflow | NoTracking, Field(discriminator="backend")]

    def flat(self) -> dict[str, Any]:
        """All values by dotted key, as MLflow's params."""
        return dict(_flatten(self.model_dump(by_alias=True)))


def _flatten(node: dict, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
