"""What kind of model learns: a network, or one of scikit-learn; and the parts that have no weights."""

from typing import Annotated, ClassVar, Literal

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


class Statistics(Component):
    weightless: ClassVar[bool] = True
    target: Literal["ravdess_exp.models.linear.statistics"] = Field(alias="_target_")


class Pixels(Component):
    weightless: ClassVar[bool] = True
    target: Literal["ravdess_exp.models.linear.pixels"] = Field(alias="_target_")
    reference: Literal["none", "first"]
    block: Count

    def smallest(self) -> int:
        """One block has to fit in."""
        return self.block
