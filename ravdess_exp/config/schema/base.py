"""What every section has in common, and the types of their values."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Widths = Annotated[list[Count], Field(min_length=1, max_length=5)]
Actor = Count  # how many there are is the corpus's to say
Actors = Annotated[list[Actor], Field(min_length=1)]


class Section(BaseModel):
    """A part of the configuration: unknown keys and wrong types are refused, nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Component(Section):
    """A section that is a class or function to build, chosen by `_target_`.

    needs: the package that an extra of the installation brings, and that extra's name.
    fold_key: of a split that has folds, the key that says which one is scored.
    elsewhere: keys that are no argument of the target, but of something that is built beside it.
    """

    needs: ClassVar[tuple[str, str] | None] = None
    fold_key: ClassVar[str | None] = None
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
