"""The recipe of a run: from clips on disk to a score on speakers the model never saw."""

import functools
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ravdess_exp.config.schema import Config
from ravdess_exp.corpus.manifest import Clip, Manifest
from ravdess_exp.corpus.split import LEAKY, SETS, LeakySplit, Split
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.files import alone
from ravdess_exp.models.fusion import build_model
from ravdess_exp.prepare.clips import Prepared, prepare, read_waveforms
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.prepare.store import Store
from ravdess_exp.report.description import description
from ravdess_exp.report.run_text import results_table
from ravdess_exp.run.clips import classes_of, draw_split, find_clips
from ravdess_exp.run.provenance import run_tags
from ravdess_exp.run.results import (
    all_metrics,
    clear,
    describe_model,
    draw_samples,
    memory_used,
    write_failures,
    write_results,
    write_split,
)
from ravdess_exp.scoring.evaluation import evaluate
from ravdess_exp.scoring.robustness import conditions, noisy
from ravdess_exp.tracking.datasets import fingerprints
from ravdess_exp.tracking.run import tracked
from ravdess_exp.tracking.tracker import Tracker
from ravdess_exp.training.checkpoint import FOLDER, Checkpoints, settings_of
from ravdess_exp.training.dataset import Batches, Samples, make_samples, shuffled_within_actor
from ravdess_exp.training.fit import History, fit
from ravdess_exp.training.precision import Precision, choose_precision, computing_in
from ravdess_exp.training.seeding import seed_everything

log = logging.getLogger(__name__)
tf.config.list_physical_devices()  # TensorFlow's last words at its start come with this


def run(config: Config, *, folder: Path, overrides: Sequence[str] = ()) -> float | None:
    """Do what the configuration says and leave all files in `folder`.

    A training that was killed there goes on from its checkpoint. Returns the UAR on validation,
    which a sweep may optimise; never the one on test. `task=prepare` returns None.
    """
    with alone(folder):
        return _run_alone(config, folder, overrides)


def _run_alone(config: Config, folder: Path, overrides: Sequence[str]) -> float | None:
    manifest = find_clips(config)
    log.info("%s\n", manifest.summary())
    if config.task == "prepare":
        fill_store(config, manifest, manifest.clips, Recipe.of(config), folder)
        return None
    precision = choose_precision(config.training.precision)
    checkpoints = Checkpoints(folder / FOLDER)
    if not config.training.resume:
        checkpoints.remove()
    goes_on = checkpoints.agree(settings_of(config) | {"the precision": precision})
    clear(folder)
    tags = run_tags(config, folder=folder, overrides=overrides) | {"precision": precision}
    with tracked(
        config.tracking, folder=folder, params=config.flat(), tags=tags, resume=goes_on
    ) as tracker:
        return train_and_score(config, manifest, folder, tracker, checkpoints, precision)


def train_and_score(
    config: Config,
    manifest: Manifest,
    folder: Path,
    tracker: Tracker,
    checkpoints: Checkpoints,
    precision: Precision,
) -> float:
    """Prepare, train, choose by validation, and score on test, once."""
    started = time.perf_counter()
    seed_everything(config.seed)
    seconds: dict[str, float] = {}
    recipe = Recipe.of(config)
    drawn = draw_split(config, manifest)
    if isinstance(drawn, LeakySplit):
        log.warning("%s\n", LEAKY)
    with timed(seconds, "prepare"):
        prepared = fill_store(config, manifest, sorted(drawn.clips()), recipe, folder)
    split = usable(drawn, prepared, config)
    write_split(drawn, split, folder)
    digests = fingerprints(split, prepared.contents)
    tracker.datasets(config.data.source, str(manifest.root), digests)
    checkpoints.agree({f"the {name} clips of SHA-256": digests[name] for name in SETS})
    audio_input, (train, validation, test) = learnable(config, split, prepared, recipe)
    draw_samples(train, recipe.feature, seed=config.seed, folder=folder)
    with computing_in(precision):
        model = model_for(config, train)
    describe_model(model, folder)
    with timed(seconds, "train"):
        history = learn(config, model, train, validation, tracker, checkpoints)
    with timed(seconds, "evaluate"):
        chosen = evaluate(model, validation, batch_size=config.training.batch_size)
        scored = evaluate(model, test, batch_size=config.training.batch_size)
        metrics = all_metrics(chosen, scored, history, prepared)
        metrics |= {"parameters": model.count_params()}
        store = Store(Path(config.data.store))
        metrics |= robustness(config, model, test, prepared, recipe, audio_input, store)
    seconds["total"] = time.perf_counter() - started
    for name in ("train", "total"):
        seconds[name] += history.earlier_seconds
    metrics |= {f"seconds/{name}": value for name, value in seconds.items()} | memory_used()
    write_results(folder, model, history, scored, metrics)
    checkpoints.remove()
    demo, leaky = config.data.source == "demo", isinstance(split, LeakySplit)
    tracker.describe(
        description(
            names=scored.names,
            confusion=scored.confusion(),
            uar=metrics["test/uar"],
            low=metrics["test/uar_low"],
            high=metrics["test/uar_high"],
            validation_uar=metrics["val/uar"],
            speakers=len(scored.per_actor()),
            leaky=leaky,
            shuffled=config.data.shuffle_labels,
            demo=demo,
        )
    )
    tracker.results(metrics, model)
    where = {"folder": folder, "page": tracker.page}
    log.info("%s", results_table(metrics, scored, **where, demo=demo, leaky=leaky))
    if leaky:
        log.warning("%s", LEAKY)
    return metrics["val/uar"]


def learnable(
    config: Config, split: Split, prepared: Prepared, recipe: Recipe
) -> tuple[AudioInput | None, list[Samples]]:
    """Samples of the three sets, and what was fitted on the first of them alone to make sound one."""
    audio_input = None
    if len(prepared.features):
        heard = prepared.features_of(split.train)
        audio_input = AudioInput.fit(recipe.feature, train=heard, corpus=prepared.features)
    samples = make_samples(
        prepared,
        [getattr(split, name) for name in SETS],
        audio_input=audio_input,
        classes=classes_of(config),
        one_hot=config.data.one_hot,
    )
    if config.data.shuffle_labels:
        log.info(
            "SANITY CHECK: the labels are shuffled within each actor; chance is all there is\n"
        )
        samples = [shuffled_within_actor(of_set, seed=config.seed) for of_set in samples]
    return audio_input, samples


_LAST: dict[str, Prepared] = {}  # what this process prepared last: folds of a study share it


def fill_store(
    config: Config, manifest: Manifest, clips: Sequence[Clip], recipe: Recipe, folder: Path
) -> Prepared:
    """Prepare these clips; failures.csv lists the ones that cannot be used.

    The store is read once where runs of one process, one after the other, ask for the same.
    """
    started = time.perf_counter()
    data = config.data
    asked = repr((clips, recipe.settings(), data.store, config.modality, data.max_failed))
    if asked not in _LAST:
        _LAST.clear()  # before the next ones are read: both at once would need twice the memory
        _LAST[asked] = prepare(
            clips,
            recipe=recipe,
            store=Store(Path(data.store)),
            modality=config.modality,
            workers=data.workers,
            max_failed=data.max_failed,
            clip_seconds=data.clip_seconds,
            rejected=manifest.rejected,
        )
    prepared = _LAST[asked]
    write_failures(prepared.failures, folder)
    log.info(
        "prepared: %d clips in %.1f s, %d of them new; %d failed%s",
        *(len(prepared.clips), time.perf_counter() - started, prepared.made),
        *(len(prepared.failures), " (failures.csv)" if prepared.failures else ""),
    )
    if prepared.found is not None:
        log.info("faces: found in %.2f%% of the frames", 100 * prepared.found.mean())
    for names in prepared.same_sound():
        log.info("identical sound: %s", ", ".join(names))
    return prepared


def usable(split: Split, prepared: Prepared, config: Config) -> Split:
    """The split without failed clips and without a sound that a later set has too."""
    split = split.only({clip.name for clip in prepared.clips})
    split, notes = split.without_shared_sound(prepared.sound_digests)
    split.require_classes(classes_of(config))
    for note in notes:
        log.info("%s", note)
    log.info("\n%s\n", split.describe(classes_of(config)))
    return split


def model_for(config: Config, samples: Samples) -> keras.Model:
    """An untrained model for samples of this shape."""
    return build_model(
        audio_shape=None if samples.audio is None else samples.audio.shape[1:],
        video_shape=None if samples.faces is None else samples.faces.shape[1:],
        classes=samples.classes,
        audio_encoder=config.audio_encoder.partial(),
        backbone=config.visual.partial(),
        pooling=config.pooling.partial(),
        fusion=config.fusion.partial(),
    )


def learn(
    config: Config,
    model: keras.Model,
    train: Samples,
    validation: Samples,
    tracker: Tracker,
    checkpoints: Checkpoints,
) -> History:
    """Train the model; a line an epoch."""

    def report(epoch: int, row: dict[str, float]) -> None:
        log.info(
            "epoch %3d/%d  loss %.3f  uar %.3f  |  validation loss %.3f  uar %.3f",
            *(epoch, config.training.epochs, row["loss"], row["uar"]),
            *(row["val_loss"], row["val_uar"]),
        )
        tracker.epoch(epoch, row)

    size = config.training.batch_size
    return fit(
        model,
        Batches(
            train, batch_size=size, augment=config.augment.build(), shuffle=True, seed=config.seed
        ),
        Batches(validation, batch_size=size),
        settings=config.training,
        on_epoch=report,
        checkpoints=checkpoints,
    )


def robustness(
    config: Config,
    model: keras.Model,
    test: Samples,
    prepared: Prepared,
    recipe: Recipe,
    audio_input: AudioInput | None,
    store: Store,
) -> dict[str, float]:
    """Scores on test with an input missing or noisy, as `evaluation` asks."""

    @functools.cache  # read where noise is asked for, and once for all its levels
    def waveforms() -> list[np.ndarray]:
        return read_waveforms(prepared, test.clips, recipe=recipe, store=store)

    def hear(decibels: float) -> np.ndarray:
        rng = np.random.default_rng(config.seed)
        return np.stack([audio_input(recipe.feature(noisy(w, decibels, rng))) for w in waveforms()])

    metrics = {}
    asked = config.evaluation.model_dump()
    for name, samples in conditions(test, **asked, hear=hear, seed=config.seed):
        found = evaluate(model, samples, batch_size=config.training.batch_size).scores()
        metrics |= {f"test/{name}/{score}": found[score] for score in ("uar", "accuracy")}
    return metrics


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Add the wall time of a block to `seconds`."""
    started = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - started
