"""A run that names classes: its result, figures, text and card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ravdess_exp.features.encoders import EncoderFacts
from ravdess_exp.files import whole
from ravdess_exp.folder import CONFUSION, CURVES, GROUPS, RELIABILITY, RunFolder
from ravdess_exp.predict.facts import Facts, scores_of
from ravdess_exp.report import figures, score_figures
from ravdess_exp.report.card import card_text
from ravdess_exp.report.description import run_description
from ravdess_exp.report.findings import Findings
from ravdess_exp.report.run_text import run_text
from ravdess_exp.run.task import Scored
from ravdess_exp.scoring.baseline import Baseline
from ravdess_exp.scoring.metrics import Scores
from ravdess_exp.scoring.predictions import Predictions
from ravdess_exp.scoring.run_result import BranchScores, ConditionScores, RunResult
from ravdess_exp.scoring.sureness import Sureness
from ravdess_exp.training.classifiers import Logistic
from ravdess_exp.training.dataset import Samples

_NEVER = -1  # the prediction of a clip that could not be used


@dataclass(frozen=True)
class ClassTask:
    """See `run.task.Task`."""

    def baseline(self) -> Logistic:
        """Logistic regression."""
        return Logistic(c=None, class_weights=True, projection=None)

    def condition(
        self, test: Samples, said: Predictions | None, kept: Sequence[int]
    ) -> ConditionScores:
        """A clip that could not be used is not recognised."""
        predicted = np.full(len(test), _NEVER)
        if said is not None:
            predicted[list(kept)] = said.predicted
        of = Scores.of(test.labels, predicted, test.names)
        return ConditionScores(of.uar, of.accuracy, len(test) - len(kept))

    def result(self, scored: Scored) -> RunResult:
        """UAR, accuracy, macro F1, calibration, what is sure, by class, speaker and group."""
        test, chosen_by = scored.test, scored.chosen_by
        return RunResult(
            validation=chosen_by.scores(),
            test=test.scores(),
            interval=test.uar_interval(),
            actors=test.by_actor(),
            conditions=scored.conditions,
            others=scored.others,
            branches={
                what: BranchScores(
                    uar=of.test.scores().uar,
                    accuracy=of.test.scores().accuracy,
                    validation_uar=of.validation.scores().uar,
                )
                for what, of in scored.branches.items()
            },
            baseline=None if scored.baseline is None else Baseline.of(scored.baseline),
            classes=test.names,
            confusion=tuple(map(tuple, test.confusion().tolist())),
            calibration=test.calibration(),
            validation_calibration=chosen_by.calibration(),
            sureness=Sureness.of(chosen_by, test, wanted=scored.sure_accuracy),
            groups=test.by_group(),
            leaky=scored.leaky,
            labels_shuffled=scored.labels_shuffled,
            epoch_chosen=scored.epoch_chosen,
            validation_last=scored.history.last_validation_uar() if scored.epoch_chosen else None,
            saw_ravdess=scored.saw_ravdess,
            **scored.cost.cost(),
        )

    def draw(self, folder: RunFolder, scored: Scored, result: RunResult) -> None:
        """Curves, confusion matrix, reliability and groups."""
        predictions, history = scored.test, scored.history
        title = f"test: UAR {result.test.uar:.3f} on {len(predictions)} clips"
        if result.leaky:
            title = f"LEAKY SPLIT  ·  {title}"
        if result.saw_ravdess:
            title = f"ENCODER SAW RAVDESS  ·  {title}"
        with whole(folder / CURVES) as path:
            figures.curves(history.epochs, history.best_epoch, path)
        with whole(folder / CONFUSION) as path:
            figures.confusion_matrix(predictions.confusion(), predictions.names, title, path)
        threshold = result.sureness.threshold.value if result.sureness else None
        with whole(folder / RELIABILITY) as path:
            score_figures.reliability(predictions.reliability(), title, path, threshold=threshold)
        if result.groups:
            with whole(folder / GROUPS) as path:
                overall = (result.test.uar, *result.interval)
                score_figures.groups(result.groups, overall, len(predictions.names), title, path)

    def text(self, result: RunResult, *, folder: Path, page: str | None, demo: bool) -> str:
        """See `report.run_text`."""
        return run_text(result, folder=folder, page=page, demo=demo)

    def description(self, result: RunResult, *, demo: bool) -> str:
        """See `report.description`."""
        return run_description(result, demo=demo)

    def facts(self, result: RunResult) -> dict[str, Any]:
        """Scores, and the threshold of what is sure."""
        sure = result.sureness.threshold if result.sureness else None
        return {"scores": scores_of(result.metrics()), "sure": sure}

    def card(
        self,
        result: RunResult,
        settings: Mapping[str, Any],
        facts: Facts,
        modality: str,
        encoders: Sequence[EncoderFacts],
    ) -> str:
        """See `report.card`."""
        findings = Findings.of_run(result, settings)
        return card_text(findings, facts, modality=modality, encoders=encoders)

    def bundle(self, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """The classes, in the order of the probabilities."""
        return {"classes": names}
