"""What every section has in common, and the types of their values."""

from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    model_validator,
)

from ravdess_exp.config.schema.effect import Before
from ravdess_exp.corpus.speaker import speaker_of
from ravdess_exp.places import at_home

EARLIER = {"version": "earlier"}  # pydantic's context, where `Before` counts
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Widths = Annotated[list[Count], Field(min_length=1, max_length=5)]


def as_speaker(given: Any) -> Any:
    """A number that is written as a text is the number; see `corpus.speaker`."""
    return speaker_of(given) if isinstance(given, str) else given


def number_or_name(given: Any) -> str:
    """Which of the two a speaker is to be checked as."""
    return "name" if isinstance(given, str) else "number"


# a speaker's name, as `corpus.speaker` reads it; how many there are is the corpus's to say
Actor = Annotated[
    Annotated[Count, Tag("number")] | Annotated[str, Field(min_length=1), Tag("name")],
    Discriminator(number_or_name),
    BeforeValidator(as_speaker),
]
# of a file or folder; its key is in `ravdess_exp.places` too, which reads it on the command line
Place = Annotated[str, Field(min_length=1), AfterValidator(at_home)]
Actors = Annotated[list[Actor], Field(min_length=1)]


class Section(BaseModel):
    """A part of the configuration: unknown keys and wrong types are refused, nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _add_later_settings(cls, given: Any, info: ValidationInfo) -> Any:
        """Where an earlier version's configuration is read, each later setting gets its `Before`."""
        if info.context != EARLIER or not isinstance(given, dict):
            return given
        marks = {
            field.alias or name: mark.value
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, Before)
        }
        return marks | given


class Component(Section):
    """A section that is a class or function to build, chosen by `_target_`.

    needs: the package that an extra of the installation brings, and that extra's name.
    fold_key: of a split that has folds, the key that says which one is scored. draws: whether a split
    draws its speakers from those that there are, and names none.
    elsewhere: keys that are no argument of the target, but of something that is built beside it.
    """

    needs: ClassVar[tuple[str, str] | None] = None
    fold_key: ClassVar[str | None] = None
    draws: ClassVar[bool] = False
    elsewhere: ClassVar[frozenset[str]] = frozenset()
    target: str = Field(alias="_target_")

    @property
    def weightless(self) -> bool:
        """Whether, as a part of a model, it has no weights that training would have to find."""
        return False

    def build(self, **extra: Any) -> Any:
        """Call the target with this section's keys and `extra` as keyword arguments."""
        from hydra.utils import instantiate

        plain = self.model_dump(by_alias=True, exclude=set(self.elsewhere))
        return instantiate({**plain, **extra}, _convert_="all")

    def partial(self) -> Any:
        """The target with this section's keys bound, to be called with the rest."""
        return self.build(_partial_=True)
