"""Where clips come from: RAVDESS, the demo, a table, a corpus by name, a database, several together."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ravdess_exp.config.schema.base import Actor, Count, Place, Positive, Section
from ravdess_exp.config.schema.effect import Before, Effect
from ravdess_exp.config.schema.parts import Part, as_texts
from ravdess_exp.corpus.named import TERMS
from ravdess_exp.corpus.ravdess.labels import EMOTIONS
from ravdess_exp.corpus.table.columns import OPTIONAL, REQUIRED
from ravdess_exp.media.limits import LONGEST

Column = Literal[(*REQUIRED, *OPTIONAL)]
Number = Annotated[str, Field(pattern=r"^[\w .:+-]{1,60}$")]  # what MLflow takes in a metric's name


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


class _Free(_Data):
    """A corpus that names its emotions itself."""

    labels: Annotated[dict[str, str | None] | None, BeforeValidator(as_texts)]
    longest: Positive
    intensity: str
    statement: str | int
    without_emotions: list[str]


class Table(_Free):
    """A corpus that a table lists."""

    source: Literal["table"]
    table: Place
    columns: Annotated[dict[Column, str] | None, BeforeValidator(as_texts)]
    targets: Annotated[list[Number] | None, Field(min_length=1)] = None
    encoding: Annotated[str, Field(min_length=1)]


class DemoTable(_Free):
    """The second demo corpus, which a table lists."""

    source: Literal["demo_table"]
    root: Annotated[Place, Effect.NOTHING]
    clips_per_speaker: Annotated[int, Field(ge=6, le=60)]


class Named(_Free):
    """A corpus that is known by its name; `corpus.named` knows its files."""

    source: Literal[tuple(TERMS)]
    root: Annotated[Place, Effect.NOTHING]


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


class Audformat(_Free):
    """A database in the format of that name, in a folder or by name."""

    source: Literal["audformat"]
    name: Annotated[str, Field(min_length=1)] | None
    version: Annotated[str, Field(min_length=1)] | None
    tables: Annotated[list[str], Field(min_length=1)] | None
    emotion: Annotated[str, Field(min_length=1)]
    speaker: Annotated[str, Field(min_length=1)]
