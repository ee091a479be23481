"""What a model went by where it was most surely wrong: each clip by the run whose mistake it is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from ravdess_exp.errors import RavdessError
from ravdess_exp.folder import BUNDLE, PREDICTIONS
from ravdess_exp.report.reading import Finished
from ravdess_exp.report.wrong_clips import WrongClip


def with_explanations(
    clips: Sequence[WrongClip], files: Mapping[str, Path], finished: Finished
) -> list[WrongClip]:
    """The clips, each with the explanation of the class that it was taken for.

    files: by clip. A clip whose file, or whose run's model, is not to be had stays as it is.
    """
    from ravdess_exp.explain.explainer import explain  # TensorFlow comes with it
    from ravdess_exp.predict.bundle import Bundle

    load = lru_cache(maxsize=1)(Bundle.load)  # one after the other: each holds a network
    order = sorted(range(len(clips)), key=lambda i: str(_run_of(finished, clips[i])))
    made = list(clips)
    for number in order:
        one = clips[number]
        folder, path = _run_of(finished, one), files.get(one.clip)
        if folder is None or path is None:
            continue
        try:
            found = explain(load(folder / BUNDLE), path, name=one.clip, explained=one.predicted)
        except RavdessError:
            continue  # a bundle of another version, say: the clip stands without it
        made[number] = replace(one, explained=found)
    return made


def _run_of(finished: Finished, one: WrongClip) -> Path | None:
    """The run that took the clip for this class with this probability; in a study each clip has its own."""
    for folder in finished.runs.values():
        if not (folder / PREDICTIONS).exists():
            continue
        table = pd.read_csv(folder / PREDICTIONS)
        rows = table[
            (table["clip"].astype(str) == one.clip) & (table["prediction"] == one.predicted)
        ]
        if np.isclose(rows[one.predicted].astype(float), one.probability, atol=1e-4).any():
            return folder
    return None
