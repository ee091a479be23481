"""A corpus beside others: one that is scored only, or one of several that are trained on together."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ravdess_exp.config.schema.base import Place, Section
from ravdess_exp.config.schema.effect import Effect


def as_texts(given: Any) -> Any:
    """Keys and values of a mapping that Hydra read as numbers or truth values are names here."""
    if not isinstance(given, dict):
        return given
    return {str(key): value if value is None else str(value) for key, value in given.items()}


class Part(Section):
    """What is said of one corpus; None is what `conf/data/SOURCE.yaml` has.

    source: an option of `data`, or None: a table where one is named. name: in results, None: that of the
    source or of the table's file. settings: further keys of `conf/data/SOURCE.yaml`.
    """

    source: str | None = None
    name: Annotated[str, Field(pattern=r"^[\w.+-]{1,40}$")] | None = None
    root: Annotated[Place | None, Effect.NOTHING] = None
    table: Place | None = None
    columns: Annotated[dict[str, str] | None, BeforeValidator(as_texts)] = None
    labels: Annotated[dict[str, str | None] | None, BeforeValidator(as_texts)] = None
    encoding: Annotated[str, Field(min_length=1)] | None = None
    settings: dict[str, Any] | None = None

    @property
    def given(self) -> bool:
        """Whether there is such a corpus at all."""
        return any(value is not None for value in self.model_dump().values())
