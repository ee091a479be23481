"""A run that tells numbers, such as arousal and valence: its result, figures, text and card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ravdess_exp.features.encoders import EncoderFacts
from ravdess_exp.files import whole
from ravdess_exp.folder import CURVES, GROUPS, SCATTER, RunFolder
from ravdess_exp.predict.facts import Facts, scores_of
from ravdess_exp.report.figures import curves
from ravdess_exp.report.numbers import figures
from ravdess_exp.report.numbers.card import card_text
from ravdess_exp.report.numbers.description import description
from ravdess_exp.report.numbers.findings import Findings
from ravdess_exp.report.numbers.text import run_text
from ravdess_exp.run.task import Scored
from ravdess_exp.scoring.numbers.measures import score
from ravdess_exp.scoring.numbers.parts import Branch
from ravdess_exp.scoring.numbers.predictions import NumberPredictions
from ravdess_exp.scoring.numbers.run_result import Condition, NumbersResult
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.objective import mean_ccc
from ravdess_exp.training.regressors import NumberRidge


@dataclass(frozen=True)
class NumberTask:
    """See `run.task.Task`."""

    def baseline(self) -> NumberRidge:
        """Ridge regression."""
        return NumberRidge(c=None, projection=None)

    def condition(
        self, test: Samples, said: NumberPredictions | None, kept: Sequence[int]
    ) -> Condition:
        """Of a clip that could not be used the mean of the others is told."""
        predicted = np.zeros(test.labels.shape)
        if said is not None:
            told = said.predicted[:, 0]
            predicted[:] = told.mean(axis=0)
            predicted[list(kept)] = told
        return Condition(mean_ccc(test.labels, predicted), len(test) - len(kept))

    def result(self, scored: Scored) -> NumbersResult:
        """CCC, RMSE and Pearson's r of each number, by speaker and group."""
        test, baseline = scored.test, scored.baseline
        return NumbersResult(
            validation=scored.chosen_by.scores(),
            test=test.scores(),
            speakers=test.by_actor(),
            groups=test.by_group(),
            branches={
                what: Branch.of(_ccc(of.test), _ccc(of.validation).value)
                for what, of in scored.branches.items()
            },
            conditions=scored.conditions,
            baseline=None if baseline is None else _ccc(baseline),
            leaky=scored.leaky,
            labels_shuffled=scored.labels_shuffled,
            validation_last=scored.history.last_validation_uar() if scored.epoch_chosen else None,
            saw_ravdess=scored.saw_ravdess,
            **scored.cost.cost(),
        )

    def draw(self, folder: RunFolder, scored: Scored, result: NumbersResult) -> None:
        """Curves, a scatter plot a number, and groups."""
        title = figures.title(result.test, clips=len(scored.test), leaky=result.leaky)
        with whole(folder / CURVES) as path:
            curves(scored.history.epochs, scored.history.best_epoch, path)
        with whole(folder / SCATTER) as path:
            figures.scatter(scored.test, result.test, title, path)
        if result.groups:
            with whole(folder / GROUPS) as path:
                figures.groups(result.groups, result.test.ccc, title, path)

    def text(self, result: NumbersResult, *, folder: Path, page: str | None, demo: bool) -> str:
        """See `report.numbers.text`."""
        return run_text(result, folder=folder, page=page, demo=demo)

    def description(self, result: NumbersResult, *, demo: bool) -> str:
        """See `report.numbers.description`."""
        return description(Findings.of_run(result), demo=demo)

    def facts(self, result: NumbersResult) -> dict[str, Any]:
        """Scores; of numbers nothing is called sure."""
        return {"scores": scores_of(result.metrics())}

    def card(
        self,
        result: NumbersResult,
        settings: Mapping[str, Any],
        facts: Facts,
        modality: str,
        encoders: Sequence[EncoderFacts],
    ) -> str:
        """See `report.numbers.card`."""
        findings = Findings.of_run(result, settings)
        return card_text(findings, facts, modality=modality, encoders=encoders)

    def bundle(self, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """The numbers, in the order in which they are told."""
        return {"classes": (), "numbers": names}


def _ccc(predictions: NumberPredictions):
    return score("ccc", predictions.labels, predictions.predicted, predictions.actors)
