"""What differs between a run that names classes and one that tells numbers, in one place each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ravdess_exp.features.encoders import EncoderFacts
from ravdess_exp.folder import RunFolder
from ravdess_exp.predict.facts import Facts
from ravdess_exp.scoring.cost import RunCost
from ravdess_exp.scoring.other import Others
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.fit import History


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What a trained model said, and how it was trained; of classes or of numbers.

    chosen_by, test: predictions on validation and on test; branches: of a late fusion, by name; baseline: of
    a linear model on test, None for none; conditions: scores by condition; others: on
    further corpora, which only classes have; epoch_chosen: by validation;
    sure_accuracy: that of what is called sure, None for no threshold.
    """

    chosen_by: Any
    test: Any
    branches: Mapping[str, Any]
    baseline: Any
    conditions: Mapping[str, Any]
    others: Others
    history: History
    cost: RunCost
    leaky: bool
    labels_shuffled: bool
    saw_ravdess: bool
    epoch_chosen: bool
    sure_accuracy: float | None


class Task(Protocol):
    """See `run.class_task` and `run.number_task`, which are all there are."""

    def baseline(self) -> Any:
        """What is fitted beside a run's own model, of scikit-learn."""
        ...

    def condition(self, test: Samples, said: Any | None, kept: Sequence[int]) -> Any:
        """Scores of all test clips, of which those that are `kept` could be predicted."""
        ...

    def result(self, scored: Scored) -> Any:
        """The typed result, whose `score` on validation a sweep may choose by."""
        ...

    def draw(self, folder: RunFolder, scored: Scored, result: Any) -> None:
        """The figures."""
        ...

    def text(self, result: Any, *, folder: Path, page: str | None, demo: bool) -> str:
        """What is printed at the end."""
        ...

    def description(self, result: Any, *, demo: bool) -> str:
        """Markdown, for MLflow's page."""
        ...

    def facts(self, result: Any) -> dict[str, Any]:
        """What a bundle says of its scores: fields of `Facts`."""
        ...

    def card(
        self,
        result: Any,
        settings: Mapping[str, Any],
        facts: Facts,
        modality: str,
        encoders: Sequence[EncoderFacts],
    ) -> str:
        """The model card."""
        ...

    def bundle(self, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """What a bundle's models tell: fields of `Bundle`."""
        ...
