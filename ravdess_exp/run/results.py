"""What a run leaves: its metrics, and every file in its folder."""

import csv
import json
import logging
import resource
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import psutil

from ravdess_exp.corpus.split import SETS, Split
from ravdess_exp.features.audio import AudioFeature
from ravdess_exp.files import whole
from ravdess_exp.predict.files import BUNDLE
from ravdess_exp.prepare.clips import Prepared
from ravdess_exp.report import figures
from ravdess_exp.report.diagram import model_diagram
from ravdess_exp.scoring.evaluation import Evaluation
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.fit import History

log = logging.getLogger(__name__)

METRICS = "metrics.json"  # the last file of a run: where it is, the run is whole
_OWN = (  # files that a run writes only when it comes to them
    METRICS, "predictions.csv", "history.csv", "split.csv", "failures.csv", "model.keras",
    "model.txt", "model.png", "samples.png", "curves.png", "confusion_matrix.png",
)  # fmt: skip
_SHOWN = 3  # clips in samples.png


def clear(folder: Path) -> None:
    """Take away the results of an earlier run in this folder: old and new are never mixed."""
    for name in _OWN:
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / BUNDLE, ignore_errors=True)


def write_failures(failures: Sequence[tuple[Path, str]], folder: Path) -> None:
    """failures.csv: the clips that cannot be used, each with its reason."""
    with (
        whole(folder / "failures.csv") as path,
        path.open("w", newline="", errors="backslashreplace") as file,
    ):
        csv.writer(file).writerows([("file", "reason"), *failures])


def draw_samples(samples: Samples, feature: AudioFeature, *, seed: int, folder: Path) -> None:
    """samples.png: three training clips of different classes, chosen by the seed."""
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(samples))
    _, first = np.unique(samples.labels[shuffled], return_index=True)
    rows = shuffled[np.sort(first)[:_SHOWN]]
    with whole(folder / "samples.png") as path:
        figures.sample_clips(samples, rows, feature=feature, path=path)


def write_split(drawn: Split, used: Split, folder: Path) -> None:
    """split.csv: who was learned from, chosen by and scored; and what of it could be used."""
    names = {clip.name for clip in used.clips()}
    rows = [
        (clip.name, clip.actor, of, clip.name in names)
        for of in SETS
        for clip in sorted(getattr(drawn, of))
    ]
    table = pd.DataFrame(rows, columns=["clip", "actor", "set", "used"])
    with whole(folder / "split.csv") as path:
        table.to_csv(path, index=False)


def memory_used() -> dict[str, float]:
    """Megabytes that this process holds now, and the most it ever held."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return {
        "memory/now_mb": psutil.Process().memory_info().rss / 2**20,
        "memory/peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
    }


def describe_model(model: keras.Model, folder: Path) -> None:
    """model.txt: its layers with shapes and parameters; model.png: how they hang together."""
    lines: list[str] = []
    model.summary(print_fn=lambda line, **_: lines.append(line), line_length=80)
    with whole(folder / "model.txt") as path:
        path.write_text("\n".join(lines) + "\n")
    with whole(folder / "model.png") as path:
        model_diagram(model, path)
    learned = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    computed = {layer.compute_dtype for layer in model.layers}
    log.info(
        "model: %s parameters, %s of them learned; computed in %s (model.txt, model.png)\n",
        *(f"{model.count_params():,}", f"{learned:,}"),
        "bfloat16" if "bfloat16" in computed else "float32",
    )


def all_metrics(
    chosen: Evaluation,
    scored: Evaluation,
    history: History,
    prepared: Prepared,
) -> dict[str, float]:
    """One flat dictionary: scores on validation and test, by actor, and what was lost."""
    low, high = scored.uar_interval()
    metrics = {f"val/{name}": value for name, value in chosen.scores().items()}
    metrics |= {f"test/{name}": value for name, value in scored.scores().items()}
    metrics |= {"test/uar_low": low, "test/uar_high": high, "best_epoch": history.best_epoch}
    for actor, of_actor in scored.per_actor().items():
        metrics |= {f"test/actor_{actor:02d}/{name}": v for name, v in of_actor.items()}
    if prepared.found is not None:
        metrics["faces/found"] = float(prepared.found.mean())
    return metrics | {"clips/used": len(prepared.clips), "clips/failed": len(prepared.failures)}


def write_results(
    folder: Path,
    model: keras.Model,
    history: History,
    scored: Evaluation,
    metrics: dict[str, float],
) -> None:
    """What a finished run leaves; metrics.json last, as the sign that the run is whole.

    Raises `OutputError` where the disk does not take a file; then there is no metrics.json.
    """
    table = pd.DataFrame(history.epochs)
    table.insert(0, "epoch", range(1, len(table) + 1))
    title = f"test: UAR {metrics['test/uar']:.3f} on {len(scored.samples)} clips"
    with whole(folder / "history.csv") as path:
        table.to_csv(path, index=False)
    with whole(folder / "predictions.csv") as path:
        scored.save(path)
    with whole(folder / "curves.png") as path:
        figures.curves(history.epochs, history.best_epoch, path)
    with whole(folder / "confusion_matrix.png") as path:
        figures.confusion_matrix(scored.confusion(), scored.names, title, path)
    with whole(folder / "model.keras") as path:
        model.save(path)
    with whole(folder / METRICS) as path:
        path.write_text(json.dumps(metrics, indent=1, sort_keys=True))
