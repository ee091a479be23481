"""What kind of model learns: a network, or one of scikit-learn; and the parts that have no weights."""

from typing import Annotated, Literal

from pydantic import Field

from ravdess_exp.config.schema.base import Component, Count, Positive, Section
from ravdess_exp.config.schema.effect import Before


class Network(Section):
    kind: Literal["network"]


class _Fitted(Section):
    c: Positive | None
    class_weights: bool
    projection: Count | None


class Logistic(_Fitted):
    kind: Literal["logistic"]


class Ridge(_Fitted):
    kind: Literal["ridge"]


class Svm(_Fitted):
    kind: Literal["svm"]
    gamma: Literal["scale"] | Positive


Head = Annotated[Logistic | Ridge | Svm, Field(discriminator="kind")]


class _WithHeads(Section):
    video: Annotated[Head | None, Before(None)]  # of the picture; None: as that of the sound


class LogisticModel(Logistic, _WithHeads):
    pass


class RidgeModel(Ridge, _WithHeads):
    pass


class SvmModel(Svm, _WithHeads):
    pass


Model = Annotated[Network | LogisticModel | RidgeModel | SvmModel, Field(discriminator="kind")]


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
