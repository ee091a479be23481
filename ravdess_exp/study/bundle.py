"""The models of a study's runs as one, which predicts by the mean of their probabilities."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from ravdess_exp.errors import BundleError
from ravdess_exp.folder import BUNDLE, EXPORTS, VALIDATION_PREDICTIONS
from ravdess_exp.predict.files import DESCRIPTION
from ravdess_exp.report.study import AnyFindings
from ravdess_exp.scoring.pooled import class_columns
from ravdess_exp.scoring.sureness import Threshold
from ravdess_exp.terminal import quiet_stderr


def save_study_bundle(
    folder: Path,
    members: Mapping[str, Path],
    *,
    name: str,
    command: str,
    metrics: Mapping[str, float],
    findings: AnyFindings | None = None,
) -> str | None:
    """Write `bundle/` into a study's folder, of the bundles in its runs' folders.

    members: the runs' folders by label. metrics, findings: of the whole study; without findings there
    is no card. Returns why there is no bundle, in a line: a run of an older version has none, or one
    that cannot be read.
    """
    for earlier in (BUNDLE, EXPORTS):  # of an earlier state of the study
        shutil.rmtree(folder / earlier, ignore_errors=True)
    lacking = [label for label, of in members.items() if not (of / BUNDLE / DESCRIPTION).exists()]
    if lacking:
        return (
            f"no {BUNDLE}/ of all models together: {', '.join(lacking)} lack theirs, being of an "
            "older version; remove their folders, and the same command does them again"
        )
    with quiet_stderr():
        from ravdess_exp.predict.bundle import Bundle  # TensorFlow comes with it
        from ravdess_exp.predict.carried import encoders_of
        from ravdess_exp.predict.facts import scores_of
        from ravdess_exp.report.model_card import card_of
    try:
        bundles = [Bundle.load(of / BUNDLE) for of in members.values()]
        thresholds = [bundle.facts.sure for bundle in bundles]
        sure = choose_together(list(members.values()), thresholds)
        scores = scores_of(metrics)
        together = Bundle.together(bundles, name=name, command=command, scores=scores, sure=sure)
    except BundleError as error:
        return f"no {BUNDLE}/ of all models together: {error}"
    card = None
    if findings is not None:
        encoders = [encoder.facts() for encoder in encoders_of(together.recipe, together.modality)]
        card = card_of(findings, together.facts, modality=together.modality, encoders=encoders)
    together.save(folder / BUNDLE, card)
    return None


def choose_together(
    folders: Sequence[Path], thresholds: Sequence[Threshold | None]
) -> Threshold | None:
    """The threshold of models that predict together, by the validation clips of all their runs.

    A clip's probabilities are the mean of those models that had it in validation, none of which
    learned from it. All models together average over more, which makes probabilities flatter, so
    they call fewer predictions sure rather than more. None where a run has no threshold, or no
    validation predictions (of an older version). folders: of the runs.
    """
    paths = [folder / VALIDATION_PREDICTIONS for folder in folders]
    if None in thresholds or not all(path.exists() for path in paths):
        return None
    table = pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)
    names = list(class_columns(table))
    clips = table.groupby("clip")
    labels = clips["label"].first().map(names.index).to_numpy()
    return Threshold.choose(labels, clips[names].mean().to_numpy(), wanted=thresholds[0].wanted)
