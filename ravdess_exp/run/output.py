"""The files that a run leaves in its folder."""

import csv
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.numbers import thirds
from ravdess_exp.corpus.split import SETS, Split
from ravdess_exp.features.audio import AudioFeature
from ravdess_exp.files import whole
from ravdess_exp.folder import (
    BASELINE,
    COPIES,
    FAILURES,
    HISTORY,
    LEFT_OUT,
    METRICS,
    MODEL,
    MODEL_PICTURE,
    MODEL_TEXT,
    PREDICTIONS,
    SAMPLES,
    SPLIT,
    VALIDATION_PREDICTIONS,
    RunFolder,
)
from ravdess_exp.report.diagram import model_diagram
from ravdess_exp.report.sample_figures import sample_clips
from ravdess_exp.run.task import Scored
from ravdess_exp.training.dataset import Samples

log = logging.getLogger(__name__)

_SHOWN = 3  # clips in samples.png


def write_failures(failures: Sequence[tuple[Path | str, str]], folder: RunFolder) -> None:
    """failures.csv: the clips that cannot be used, each with its reason."""
    _write_reasons(folder / FAILURES, failures)


def write_copies(copies: Sequence[tuple[Path | str, str]], folder: RunFolder) -> None:
    """copies.csv: further files of trials that are used once, each with the file that is used."""
    _write_reasons(folder / COPIES, copies)


def write_left_out(rows: Sequence[tuple[str, str]], folder: RunFolder) -> None:
    """left_out.csv: the rows of a table whose label is left out, each with its reason."""
    _write_reasons(folder / LEFT_OUT, rows)


def _write_reasons(place: Path, rows: Sequence[tuple[Path | str, str]]) -> None:
    with whole(place) as path, path.open("w", newline="", errors="backslashreplace") as file:
        csv.writer(file).writerows([("file", "reason"), *rows])


def draw_samples(
    samples: Samples,
    feature: AudioFeature,
    *,
    waveforms_of: Callable[[Sequence[Clip]], list[np.ndarray]],
    seed: int,
    folder: RunFolder,
) -> None:
    """samples.png: three training clips of different classes, chosen by the seed.

    waveforms_of: gives the trimmed sound of clips; asked only where the samples have sound.
    """
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(samples))
    kinds = thirds(samples.labels) if samples.are_numbers else samples.labels
    _, first = np.unique(kinds[shuffled], return_index=True)
    rows = shuffled[np.sort(first)[:_SHOWN]]
    clips = [samples.clips[row] for row in rows]
    waveforms = None if samples.audio is None else waveforms_of(clips)
    with whole(folder / SAMPLES) as path:
        sample_clips(samples, rows, feature=feature, waveforms=waveforms, path=path)


def write_split(
    drawn: Split,
    used: Split,
    folder: RunFolder,
    contents: Mapping[str, str] | None = None,
    *,
    emotions: bool = False,
) -> None:
    """split.csv: which set each clip is in, whether it could be used, and its file's SHA-256.

    contents: SHA-256 by clip name; a clip that could not be read has none. emotions: whether to write
    down each clip's emotion, or its numbers, too, where its name does not tell it.
    """
    names, contents = {clip.name for clip in used.clips()}, contents or {}
    clips = [(clip, of) for of in SETS for clip in sorted(getattr(drawn, of))]
    rows = [
        (clip.name, clip.actor, of, clip.name in names, contents.get(clip.name, ""))
        for clip, of in clips
    ]
    table = pd.DataFrame(rows, columns=["clip", "actor", "set", "used", "sha256"])
    if emotions:
        name = "numbers" if any(clip.numbers for clip, _ in clips) else "emotion"
        table[name] = [clip.labelled for clip, _ in clips]
    with whole(folder / SPLIT) as path:
        table.to_csv(path, index=False)


def describe_model(model: keras.Model, folder: RunFolder) -> None:
    """model.txt: the layers with shapes and parameters; model.png: how they hang together."""
    lines: list[str] = []
    model.summary(print_fn=lambda line, **_: lines.append(line), line_length=80)
    with whole(folder / MODEL_TEXT) as path:
        path.write_text("\n".join(lines) + "\n")
    with whole(folder / MODEL_PICTURE) as path:
        model_diagram(model, path)
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    dtypes = {layer.compute_dtype for layer in model.layers}
    log.info(
        "model: %s parameters, %s of them trained; computed in %s (%s, %s)\n",
        *(f"{model.count_params():,}", f"{trained:,}"),
        "bfloat16" if "bfloat16" in dtypes else "float32",
        *(MODEL_TEXT, MODEL_PICTURE),
    )


def write_result(folder: RunFolder, model: keras.Model, scored: Scored) -> None:
    """The predictions, the history and the model; figures and `finish` come after it.

    Raises `OutputError` where the disk does not take a file.
    """
    table = pd.DataFrame(scored.history.rows())
    table.insert(0, "epoch", range(1, len(table) + 1))
    with whole(folder / HISTORY) as path:
        table.to_csv(path, index=False)
    with whole(folder / PREDICTIONS) as path:
        scored.test.save(path)
    with whole(folder / VALIDATION_PREDICTIONS) as path:
        scored.chosen_by.save(path)
    with whole(folder / MODEL) as path:
        model.save(path)


def write_baseline(folder: RunFolder, predictions: Any) -> None:
    """baseline.csv: what a linear model on the same inputs says of the test clips."""
    with whole(folder / BASELINE) as path:
        predictions.save(path)


def finish(folder: RunFolder, result: Any) -> None:
    """metrics.json, the last file of a run: where it is, everything else is too."""
    folder.write_json(METRICS, result.metrics())
