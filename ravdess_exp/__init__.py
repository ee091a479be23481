"""Honest, tracked, speaker-independent emotion recognition from voice and face on RAVDESS.

The Python interface: `load` a trained model, `load_study`, and `compare` results. Each imports what
it needs when it is called, so that `import ravdess_exp` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ravdess_exp.explain.explainer import Model
    from ravdess_exp.scoring.comparison import Difference
    from ravdess_exp.scoring.study_result import StudyResult

__version__ = "0.2.0"


def load(where: str | Path, *, uri: str | None = None) -> Model:
    """A trained model, ready to be pointed at files.

    where: the folder of a run, of a study (whose models predict together) or of a bundle, or an
    address in MLflow, `runs:/ID/model` or `models:/NAME/VERSION`, in the store at `uri`. Raises
    `BundleError` where there is no model, or one that cannot be trusted.

    >>> import ravdess_exp
    >>> model = ravdess_exp.load("outputs/runs/mine")
    >>> model.bundle.classes
    ('neutral', 'happy', 'sad', 'angry', 'fearful', 'disgust', 'surprised')
    >>> model.predict("clip.mp4").prediction in model.bundle.classes
    True
    >>> set(model.explain("clip.mp4").shares) == {"audio", "video"}  # of each input in the decision
    True
    >>> ravdess_exp.load("nowhere")
    Traceback (most recent call last):
    ravdess_exp.errors.BundleError: nowhere: does not exist; expected the folder of a run, ...
    """
    from ravdess_exp.explain.explainer import Model  # TensorFlow comes with it
    from ravdess_exp.predict.bundle import Bundle
    from ravdess_exp.tracking.address import find_bundle

    return Model(Bundle.load(find_bundle(where, uri=uri)))


def load_study(folder: str | Path) -> StudyResult:
    """What a study found: scores with intervals, its runs and speakers, also as tables.

    Raises `OutputError` where the folder holds no study, or one that cannot be read.

    >>> import ravdess_exp
    >>> study = ravdess_exp.load_study("outputs/studies/mine")
    >>> study.scores.uar.low <= study.scores.uar.value <= study.scores.uar.high
    True
    >>> study.table()[["fold", "seed", "test_uar"]].shape
    (3, 3)
    """
    from pathlib import Path

    from ravdess_exp.errors import OutputError
    from ravdess_exp.folder import SUMMARY
    from ravdess_exp.scoring.study_json import load as load_summary

    if not (Path(folder) / SUMMARY).is_file():
        raise OutputError(
            f"{folder}: no {SUMMARY} in it; expected the folder of a study, such as experiment=loso "
            "leaves; a run's model is read by ravdess_exp.load"
        )
    return load_summary(Path(folder))


def compare(
    first: str | Path,
    *others: str | Path,
    names: Sequence[str] | None = None,
    uri: str | None = None,
) -> list[Difference]:
    """The first result against each other one, paired over the speakers that both were scored on.

    first, others: folders of runs or studies, or ids of runs in MLflow at `uri`. names: to call them
    by, in the same order. Several comparisons are corrected by Holm's method. Raises
    `ComparisonError` where they were not scored on the same clips, or one has no predictions.

    >>> import ravdess_exp
    >>> runs = ("outputs/runs/mine", "outputs/runs/other")
    >>> (found,) = ravdess_exp.compare(*runs, names=["both", "sound"])
    >>> low, high = found.interval
    >>> low <= found.difference <= high
    True
    >>> "of both" in found.sentence(1) and "of sound" in found.sentence(1)
    True
    """
    from dataclasses import replace

    from ravdess_exp.scoring.comparison import compare as compare_results
    from ravdess_exp.tracking.result import load_result

    results = [load_result(str(where), uri) for where in (first, *others)]
    if names is not None:
        pairs = zip(results, names, strict=True)
        results = [replace(result, name=name) for result, name in pairs]
    return compare_results(results)
