"""What a run leaves: its metrics, and every file in its folder."""

import json
import logging
import resource
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import psutil

from ravdess_exp import figures
from ravdess_exp.corpus.split import SETS, Split
from ravdess_exp.dataset import Samples
from ravdess_exp.diagram import model_diagram
from ravdess_exp.evaluation import Evaluation
from ravdess_exp.features.audio import AudioFeature
from ravdess_exp.features.prepare import Prepared
from ravdess_exp.training import History

log = logging.getLogger(__name__)

_SHOWN = 3  # clips in samples.png


def draw_samples(samples: Samples, feature: AudioFeature, *, seed: int, folder: Path) -> None:
    """samples.png: three training clips of different classes, chosen by the seed."""
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(samples))
    _, first = np.unique(samples.labels[shuffled], return_index=True)
    rows = shuffled[np.sort(first)[:_SHOWN]]
    figures.sample_clips(samples, rows, feature=feature, path=folder / "samples.png")


def write_split(drawn: Split, used: Split, folder: Path) -> None:
    """split.csv: who was learned from, chosen by and scored; and what of it could be used."""
    names = {clip.name for clip in used.clips()}
    rows = [
        (clip.name, clip.actor, of, clip.name in names)
        for of in SETS
        for clip in sorted(getattr(drawn, of))
    ]
    table = pd.DataFrame(rows, columns=["clip", "actor", "set", "used"])
    table.to_csv(folder / "split.csv", index=False)


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
    (folder / "model.txt").write_text("\n".join(lines) + "\n")
    model_diagram(model, folder / "model.png")
    learned = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    log.info(
        "model: %s parameters, %s of them learned (model.txt, model.png)\n",
        *(f"{model.count_params():,}", f"{learned:,}"),
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
    """Every file of a run but samples.png; metrics.json last, as the sign that the run is whole."""
    table = pd.DataFrame(history.epochs)
    table.insert(0, "epoch", range(1, len(table) + 1))
    table.to_csv(folder / "history.csv", index=False)
    scored.save(folder / "predictions.csv")
    figures.curves(history.epochs, history.best_epoch, folder / "curves.png")
    title = f"test: UAR {metrics['test/uar']:.3f} on {len(scored.samples)} clips"
    figures.confusion_matrix(
        scored.confusion(), scored.names, title, folder / "confusion_matrix.png"
    )
    bare = keras.models.clone_model(model)  # without the optimiser's state
    bare.set_weights(model.get_weights())
    bare.save(folder / "model.keras")
    unfinished = folder / "metrics.json.tmp"
    unfinished.write_text(json.dumps(metrics, indent=1, sort_keys=True))
    unfinished.replace(folder / "metrics.json")
