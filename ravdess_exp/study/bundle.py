"""The models of a study's runs as one, which predicts by the mean of their probabilities."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from ravdess_exp.errors import BundleError
from ravdess_exp.folder import BUNDLE
from ravdess_exp.predict.files import DESCRIPTION
from ravdess_exp.terminal import quiet_stderr


def save_study_bundle(
    folder: Path,
    members: Mapping[str, Path],
    *,
    name: str,
    command: str,
    metrics: Mapping[str, float],
) -> str | None:
    """Write `bundle/` into a study's folder, of the bundles in its runs' folders.

    members: the runs' folders by label. metrics: of the whole study. Returns why there is none, in
    a line: a run of an older version has no bundle, or one that cannot be read.
    """
    shutil.rmtree(folder / BUNDLE, ignore_errors=True)  # of an earlier state of the study
    lacking = [label for label, of in members.items() if not (of / BUNDLE / DESCRIPTION).exists()]
    if lacking:
        return (
            f"no {BUNDLE}/ of all models together: {', '.join(lacking)} lack theirs, being of an "
            "older version; remove their folders, and the same command does them again"
        )
    with quiet_stderr():
        from ravdess_exp.predict.bundle import Bundle  # TensorFlow comes with it
        from ravdess_exp.predict.facts import scores_of
    try:
        bundles = [Bundle.load(of / BUNDLE) for of in members.values()]
        together = Bundle.together(bundles, name=name, command=command, scores=scores_of(metrics))
    except BundleError as error:
        return f"no {BUNDLE}/ of all models together: {error}"
    together.save(folder / BUNDLE)
    return None
