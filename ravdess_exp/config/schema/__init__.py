"""The typed schema of a run: every key, its type and what it may hold. Nothing heavy is imported.

Values stand in `conf/*.yaml` alone, where `--help` and overrides find them; this package owns names,
types and limits, and refuses everything else. `_target_` may name the classes listed here and no
other, so a configuration cannot make the program call anything else.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from ravdess_exp.config.schema.audio import Audio
from ravdess_exp.config.schema.base import Count, Section, as_speaker, number_or_name
from ravdess_exp.config.schema.clips import (
    Augment,
    Centre,
    Dlib,
    Haar,
    Mtcnn,
    Trim,
    Yunet,
)
from ravdess_exp.config.schema.corpora import (
    Audformat,
    Demo,
    DemoTable,
    Named,
    Ravdess,
    Several,
    Table,
)
from ravdess_exp.config.schema.effect import Before, Effect
from ravdess_exp.config.schema.encoders import OnnxFace
from ravdess_exp.config.schema.linear import Model, Pixels
from ravdess_exp.config.schema.models import (
    Attention,
    Blind,
    Blstm,
    Concat,
    Conv1dGru,
    Conv1dLstm,
    Conv2d,
    Conv3d,
    DenseLayers,
    Gated,
    Gradients,
    Gru,
    Inception,
    Late,
    Linear,
    Lstm,
    MaxPooling,
    MeanPooling,
    Pretrained,
    Resnet,
    Statistics,
    StatisticsPooling,
    Vgg,
)
from ravdess_exp.config.schema.picture import FaceMotion, Flow, Frames, Hog
from ravdess_exp.config.schema.pictures import SeveralPictures
from ravdess_exp.config.schema.splits import (
    FixedSplit,
    GroupedKFold,
    LeakyKFold,
    LeaveOneSpeakerOut,
    OwnSplit,
    StatementSplit,
)
from ravdess_exp.config.schema.training import Training

Seed = Annotated[int, Field(ge=0, lt=2**32)]
NotNegativeInt = Annotated[int, Field(ge=0)]
Fold = Annotated[  # its number, or the name of the speaker who is scored
    Annotated[NotNegativeInt, Tag("number")] | Annotated[str, Field(min_length=1), Tag("name")],
    Discriminator(number_or_name),
    BeforeValidator(as_speaker),
]
EACH, ALL = "each", "all"  # of `data.train_on`: in turn, or together
USUAL_NUMBERS = ("arousal", "valence")
_BY_TARGET = Field(discriminator="target")


class Evaluation(Section):
    sure_accuracy: Annotated[Annotated[float, Field(gt=0, le=1)] | None, Before(None)]
    missing: bool
    baseline: Annotated[bool, Before(False)]
    sound_snr_db: list[float]
    picture_noise: list[Annotated[float, Field(gt=0, le=1)]]


class Mlflow(Section):
    backend: Literal["mlflow"]
    uri: Annotated[str, Field(min_length=1)] | None
    experiment: Annotated[str, Field(min_length=1)]
    log_model: bool
    parent: str | None


class NoTracking(Section):
    backend: Literal["none"]


class Search(Section):
    """Of `hydra/sweeper=optuna`."""

    trials: Count
    seed: Seed
    startup_trials: NotNegativeInt
    startup_folds: NotNegativeInt
    prune: bool
    at_once: Count
    storage: str | None


class Config(Section):
    """A whole run."""

    task: Annotated[Literal["run", "prepare", "regression"], Effect.NOTHING]
    name: Annotated[str, Field(pattern=r"^[\w.+-]+$"), Effect.NOTHING]
    modality: Literal["both", "audio", "video"]
    seed: Annotated[Seed, Effect.QUESTION]
    seeds: Annotated[Annotated[list[Seed], Field(min_length=1)] | None, Effect.NOTHING]
    folds: Annotated[
        Literal["one", "all"] | Annotated[list[Fold], Field(min_length=1)], Effect.NOTHING
    ]
    data: Annotated[
        Demo | DemoTable | Ravdess | Table | Named | Audformat | Several,
        Field(discriminator="source"),
        Effect.QUESTION,
    ]
    trim: Trim
    frames: Frames
    audio: Audio
    face: Annotated[Mtcnn | Haar | Dlib | Yunet | Centre, _BY_TARGET]
    split: Annotated[
        FixedSplit | StatementSplit | OwnSplit | GroupedKFold | LeakyKFold | LeaveOneSpeakerOut,
        _BY_TARGET,
        Effect.QUESTION,
    ]
    augment: Augment
    audio_encoder: Annotated[
        Blstm | Conv1dLstm | Conv2d | DenseLayers | Conv1dGru | Statistics | Linear,
        _BY_TARGET,
    ]
    visual: Annotated[
        Vgg
        | Resnet
        | Gradients
        | Inception
        | Conv3d
        | Pretrained
        | Hog
        | Flow
        | FaceMotion
        | SeveralPictures
        | OnnxFace
        | Pixels,
        _BY_TARGET,
    ]
    pooling: Annotated[
        MaxPooling | MeanPooling | StatisticsPooling | Gru | Lstm | Attention, _BY_TARGET
    ]
    fusion: Annotated[Concat | Gated | Late | Blind, _BY_TARGET]
    model: Annotated[Model, Before({"kind": "network"})]
    training: Training
    evaluation: Annotated[Evaluation, Effect.SCORES]
    tracking: Annotated[Mlflow | NoTracking, Field(discriminator="backend"), Effect.NOTHING]

    @model_validator(mode="before")
    @classmethod
    def _name_numbers(cls, given: Any) -> Any:
        """With `task=regression` numbers are learned, these two where `data.targets` names none."""
        if not isinstance(given, dict) or given.get("task") != "regression":
            return given
        data = given.get("data")
        if not isinstance(data, dict) or "targets" not in data or data["targets"] is not None:
            return given
        return given | {"data": data | {"targets": list(USUAL_NUMBERS)}}

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers that are learned in the place of classes; empty where classes are."""
        return tuple(getattr(self.data, "targets", None) or ())

    @property
    def is_study(self) -> bool:
        """Whether one command stands for several runs, which are scored together."""
        return self.folds != "one" or self.seeds is not None or self.is_crossed

    @property
    def is_crossed(self) -> bool:
        """Whether each of several corpora is to be trained on in turn, and scored by the other models."""
        return isinstance(self.data, Several) and self.data.train_on == EACH

    @property
    def is_leaky(self) -> bool:
        """Whether what is scored is in the training too: to show what that gives, and no result."""
        shares = getattr(self.split, "shared_speakers", "refused") == "accepted"
        return isinstance(self.split, LeakyKFold) or shares or self.data.plant_leak

    def flat(self) -> dict[str, Any]:
        """All values by dotted key, as MLflow's params."""
        return {key: value for key, value, _ in _settings(self, "", Effect.LEARNING)}

    def settings(self, *effects: Effect) -> dict[str, Any]:
        """The values of the settings with one of these effects, by dotted key."""
        return {
            k: value for k, value, own in _settings(self, "", Effect.LEARNING) if own in effects
        }


def effect_of(key: str) -> Effect:
    """What the setting of a dotted key can change; a group counts as its section."""
    effect, sections = Effect.LEARNING, [Config]
    for part in key.split("."):
        fields = [s.model_fields[part] for s in sections if part in s.model_fields]
        stated = [mark for field in fields for mark in field.metadata if isinstance(mark, Effect)]
        effect = stated[0] if stated else effect
        annotations = [field.annotation for field in fields]
        options = [o for a in annotations for o in (get_args(a) or (a,))]
        sections = [o for o in options if isinstance(o, type) and issubclass(o, Section)]
    return effect


def _settings(
    section: Section, prefix: str, inherited: Effect
) -> Iterator[tuple[str, Any, Effect]]:
    """Dotted key, value and effect of every setting below a section."""
    plain = section.model_dump(by_alias=True)
    for name, field in type(section).model_fields.items():
        key, value = field.alias or name, getattr(section, name)
        effect = next((mark for mark in field.metadata if isinstance(mark, Effect)), inherited)
        if isinstance(value, Section):
            yield from _settings(value, f"{prefix}{key}.", effect)
        else:
            yield f"{prefix}{key}", plain[key], effect
