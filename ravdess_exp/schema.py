"""The typed schema of a run: every key, its type and what it may hold. Nothing heavy is imported.

Values stand in `conf/*.yaml` alone, where `--help` and overrides find them; this module owns names,
types and limits, and refuses everything else. `_target_` may name the classes listed here and no
other, so a configuration cannot make the program call anything else.
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ravdess_exp.corpus.labels import EMOTIONS
from ravdess_exp.models.applications import APPLICATIONS, SMALLEST_INPUT

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
_STORES = r"^(https?|databricks|(sqlite|postgresql|mysql|mssql)(\+\w+)?)(:|$)"  # MLflow's
Widths = Annotated[list[Count], Field(min_length=1, max_length=5)]
_BY_TARGET = Field(discriminator="target")
Actors = Annotated[list[Annotated[int, Field(ge=1, le=24)]], Field(min_length=1)]


class Section(BaseModel):
    """A part of the configuration: unknown keys and wrong types are refused, nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Component(Section):
    """A section that is a class or function to build, chosen by `_target_`.

    needs: the package that an extra of the installation brings, and that extra's name.
    """

    needs: ClassVar[tuple[str, str] | None] = None
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
    channel: Literal["speech", "song", "all"]
    intensity: Literal["all", "normal", "strong"]
    statement: Literal["all", 1, 2]
    without_emotions: list[Literal[tuple(EMOTIONS.values())]]
    without_actors: list[Annotated[int, Field(ge=1, le=24)]]
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
    colour: Literal["rgb", "gray"]
    chosen: Literal["even", "loudest"]


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
    modality_dropout: Share


class Blstm(Component):
    target: Literal["ravdess_exp.models.audio_encoders.blstm"] = Field(alias="_target_")
    units: Count
    dense: Count
    dropout: Share
    l2: NotNegative


class Conv1dLstm(Component):
    target: Literal["ravdess_exp.models.audio_encoders.conv1d_lstm"] = Field(alias="_target_")
    filters: Widths
    units: Count
    dense: Count
    dropout: Share
    momentum: Share


class Conv2d(Component):
    target: Literal["ravdess_exp.models.audio_encoders.conv2d"] = Field(alias="_target_")
    filters: Widths
    dense: Count
    dropout: Share
    momentum: Share


class DenseLayers(Component):
    target: Literal["ravdess_exp.models.audio_encoders.dense_layers"] = Field(alias="_target_")
    hidden: Count
    dense: Count
    dropout: Share


class Conv1dGru(Component):
    target: Literal["ravdess_exp.models.audio_encoders.conv1d_gru"] = Field(alias="_target_")
    filters: Widths
    units: Count
    dense: Count
    dropout: Share
    momentum: Share


class _Backbone(Component):
    reference: Literal["none", "first", "both", "features"]
    dense: Count
    dropout: Share

    def smallest(self) -> int:
        """Side in pixels of the smallest crop it can take."""
        raise NotImplementedError


class _Plain(_Backbone):
    filters: Widths
    l2: NotNegative

    def smallest(self) -> int:
        """Each block halves the crop."""
        return 2 ** len(self.filters)


class Vgg(_Plain):
    target: Literal["ravdess_exp.models.backbones.vgg"] = Field(alias="_target_")


class Conv3d(_Plain):
    target: Literal["ravdess_exp.models.backbones.conv3d"] = Field(alias="_target_")


class Resnet(_Backbone):
    target: Literal["ravdess_exp.models.backbones.resnet"] = Field(alias="_target_")
    filters: Widths
    blocks: Count
    head: Literal["mean", "flatten"]
    momentum: Share

    def smallest(self) -> int:
        """The stem and each later stage halve the crop."""
        return 2 ** len(self.filters)


class Inception(_Backbone):
    target: Literal["ravdess_exp.models.backbones.inception"] = Field(alias="_target_")
    stem: Count
    cells: Widths
    head: Literal["mean", "flatten"]
    momentum: Share

    def smallest(self) -> int:
        """Pooling before each cell, and after the last where places are kept."""
        return 2 ** (len(self.cells) + (self.head == "flatten"))


class Pretrained(_Backbone):
    target: Literal["ravdess_exp.models.pretrained.pretrained"] = Field(alias="_target_")
    model: Literal[APPLICATIONS]
    weights: str | None
    frozen_to: str | None
    resize: Annotated[int, Field(ge=16, le=1024)] | None
    reference: Literal["none", "features"]

    def smallest(self) -> int:
        """What Keras demands, unless crops are brought to another size first."""
        return 1 if self.resize else SMALLEST_INPUT.get(self.model, 32)


class MaxPooling(Component):
    target: Literal["ravdess_exp.models.pooling.max_pooling"] = Field(alias="_target_")


class MeanPooling(Component):
    target: Literal["ravdess_exp.models.pooling.mean_pooling"] = Field(alias="_target_")


class _UnitsPooling(Component):
    units: Count


class Gru(_UnitsPooling):
    target: Literal["ravdess_exp.models.pooling.gru"] = Field(alias="_target_")


class Lstm(_UnitsPooling):
    target: Literal["ravdess_exp.models.pooling.lstm"] = Field(alias="_target_")


class Attention(_UnitsPooling):
    target: Literal["ravdess_exp.models.pooling.attention"] = Field(alias="_target_")


class _Fusion(Component):
    dense: Count
    dropout: Share
    l2: NotNegative


class Concat(_Fusion):
    target: Literal["ravdess_exp.models.fusion.concat"] = Field(alias="_target_")


class Gated(_Fusion):
    target: Literal["ravdess_exp.models.fusion.gated"] = Field(alias="_target_")


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


class Evaluation(Section):
    missing: bool
    sound_snr_db: list[float]
    picture_noise: list[Annotated[float, Field(gt=0, le=1)]]


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
    audio: Annotated[Mfcc | MfccMean | LogMel | Egemaps, _BY_TARGET]
    face: Annotated[Mtcnn | Haar | Dlib | Yunet | Centre, _BY_TARGET]
    split: Annotated[FixedSplit | LeaveOneSpeakerOut | StatementSplit, _BY_TARGET]
    augment: Augment
    audio_encoder: Annotated[Blstm | Conv1dLstm | Conv2d | DenseLayers | Conv1dGru, _BY_TARGET]
    visual: Annotated[Vgg | Resnet | Inception | Conv3d | Pretrained, _BY_TARGET]
    pooling: Annotated[MaxPooling | MeanPooling | Gru | Lstm | Attention, _BY_TARGET]
    fusion: Annotated[Concat | Gated, _BY_TARGET]
    training: Training
    evaluation: Evaluation
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
