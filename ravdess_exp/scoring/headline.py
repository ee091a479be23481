"""The score that results are chosen and told by: UAR of classes, the mean concordance of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Headline:
    """title: for people; measure: its name in metrics, such as `test/uar`."""

    title: str
    measure: str

    @property
    def validation(self) -> str:
        """The metric that a sweep may choose by."""
        return f"val/{self.measure}"

    @property
    def last_epochs(self) -> str:
        """The same over the last epochs, none of them chosen."""
        return f"val/{self.measure}_last_epochs"


CLASSES = Headline("UAR", "uar")
NUMBERS = Headline("CCC", "ccc")


def headline(metrics: Mapping[str, float]) -> Headline:
    """Of these metrics of a run or of a study."""
    return NUMBERS if NUMBERS.validation in metrics else CLASSES
