"""From a folder of clips to batches: corpus, faces, split, augmentation."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from ravdess_exp.config.schema.base import (
    Actor,
    Actors,
    Component,
    Count,
    Place,
    Positive,
    Section,
    Share,
)
from ravdess_exp.config.schema.effect import Before, Effect
from ravdess_exp.config.schema.parts import Part, as_texts
from ravdess_exp.corpus.named import TERMS
from ravdess_exp.corpus.ravdess.labels import EMOTIONS
from ravdess_exp.corpus.table.columns import OPTIONAL, REQUIRED
from ravdess_exp.media.limits import LONGEST

Column = Literal[(*REQUIRED, *OPTIONAL)]


Number = Annotated[str, Field(pattern=r"^[\w .:+-]{1,60}$")]  # what MLflow takes in a metric's name


def _moved(target: str) -> str:
    """Where a class is now; configurations that runs of 0.1 kept name the place it had then."""
    before = {"ravdess_exp.augment.Augment": "ravdess_exp.training.augment.Augment"}
    return before.get(target, target)


class _Data(Section):
    root: Annotated[Place | None, Effect.NOTHING]  # the clips' contents count
    one_hot: bool
    without_actors: list[Actor]
    shuffle_labels: bool
    plant_leak: bool = False  # before 0.3 there was none: runs of that time are read
    store: Annotated[Place, Effect.NOTHING]
    workers: Annotated[Literal[-1] | Count, Effect.NOTHING]
    clip_seconds: Annotated[Positive, Effect.NOTHING]
    max_failed: Annotated[float, Field(ge=0, le=1)]
    test: Annotated[Part, Effect.SCORES, Before({})]
    tests: Annotated[list[Part], Effect.SCORES, Before([])]


class RavdessData(_Data):
    """What RAVDESS's file names tell, and its limits; the demo has both."""

    root: Annotated[Place, Effect.NOTHING]
    longest: Positive = LONGEST  # runs before 0.3 could not set it
    classes: Literal[7, 8]
    channel: Literal["speech", "song", "all"]
    intensity: Literal["all", "normal", "strong"]
    statement: Literal["all", 1, 2]
    without_emotions: list[Literal[tuple(EMOTIONS.values())]]


class Demo(RavdessData):
    source: Literal["demo"]
    clips_per_actor: Annotated[int, Field(ge=8, le=60)]


class Ravdess(RavdessData):
    source: Literal["ravdess"]


class Table(_Data):
    """A corpus that a table lists."""

    source: Literal["table"]
    table: Place
    columns: Annotated[dict[Column, str] | None, BeforeValidator(as_texts)]
    labels: Annotated[dict[str, str | None] | None, BeforeValidator(as_texts)]
    targets: Annotated[list[Number] | None, Field(min_length=1)] = None
    encoding: Annotated[str, Field(min_length=1)]
    longest: Positive
    intensity: str
    statement: str | int
    without_emotions: list[str]


class DemoTable(_Data):
    """The second demo corpus, which a table lists."""

    source: Literal["demo_table"]
    root: Annotated[Place, Effect.NOTHING]
    clips_per_speaker: Annotated[int, Field(ge=6, le=60)]
    labels: Annotated[dict[str, str | None] | None, BeforeValidator(as_texts)]
    longest: Positive
    intensity: str
    statement: str | int
    without_emotions: list[str]


class Named(_Data):
    """A corpus that is known by its name; `corpus.named` knows its files."""

    source: Literal[tuple(TERMS)]
    root: Annotated[Place, Effect.NOTHING]
    labels: Annotated[dict[str, str | None] | None, BeforeValidator(as_texts)]
    longest: Positive
    intensity: str
    statement: str | int
    without_emotions: list[str]


class Several(_Data):
    """Several corpora as one, or one after the other.

    train_on: `all` of them together; the name of one, which the others are scored beside; `each` in turn.
    """

    source: Literal["several"]
    corpora: Annotated[list[Part], Field(min_length=2)]
    train_on: Annotated[str, Field(min_length=1)]
    same_speakers: bool
    longest: Positive
    intensity: str
    statement: str | int
    without_emotions: list[str]


class Audformat(_Data):
    """A database in the format of that name, in a folder or by name."""

    source: Literal["audformat"]
    name: Annotated[str, Field(min_length=1)] | None
    version: Annotated[str, Field(min_length=1)] | None
    tables: Annotated[list[str], Field(min_length=1)] | None
    emotion: Annotated[str, Field(min_length=1)]
    speaker: Annotated[str, Field(min_length=1)]
    labels: Annotated[dict[str, str | None] | None, BeforeValidator(as_texts)]
    longest: Positive
    intensity: str
    statement: str | int
    without_emotions: list[str]


class Trim(Section):
    top_db: Positive


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
    test_statement: Count | Annotated[str, Field(min_length=1)]


class OwnSplit(Component):
    draws: ClassVar[bool] = True
    target: Literal["ravdess_exp.corpus.split.OwnSplit"] = Field(alias="_target_")
    validation_share: Annotated[float, Field(gt=0, lt=0.5)]
    test_share: Annotated[float, Field(gt=0, lt=0.5)]
    seed: int
    shared_speakers: Literal["refused", "accepted"]


class GroupedKFold(Component):
    draws: ClassVar[bool] = True
    fold_key: ClassVar[str] = "fold"
    target: Literal["ravdess_exp.corpus.split.GroupedKFold"] = Field(alias="_target_")
    folds: Annotated[int, Field(ge=3)]
    fold: Annotated[int, Field(ge=0)]
    seed: int


class LeakyKFold(GroupedKFold):
    target: Literal["ravdess_exp.corpus.split.LeakyKFold"] = Field(alias="_target_")


class LeaveOneSpeakerOut(Component):
    draws: ClassVar[bool] = True
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
