"""What kind of model learns: a network, or one of scikit-learn; and the parts that have no weights."""

from typing import Annotated, Literal

from pydantic import Field

from ravdess_exp.config.schema.base import Component, Count, Positive, Section


class Network(Section):
    kind: Literal["network"]


class Logistic(Section):
    kind: Literal["logistic"]
    c: Positive | None
    class_weights: bool
    projection: Count | None


class Svm(Section):
    kind: Literal["svm"]
    c: Positive | None
    gamma: Literal["scale"] | Positive
    class_weights: bool
    projection: Count | None


Model = Annotated[Network | Logistic | Svm, Field(discriminator="kind")]


class Pixels(Component):
    target: Literal["ravdess_exp.models.linear.pixels"] = Field(alias="_target_")
    reference: Literal["none", "first"]
    block: Count

    @property
    def weightless(self) -> bool:
        """Brightness has no weights."""
        return True

    def smallest(self) -> int:
        """One block has to fit in."""
        return self.block
