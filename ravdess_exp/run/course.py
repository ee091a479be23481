"""The course of one training: prepare, train, choose by validation, score on test once."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.split import LEAKY, SETS, LeakySplit, Split
from ravdess_exp.features.encoders import SAW_RAVDESS
from ravdess_exp.folder import IDENTITY, RunFolder
from ravdess_exp.prepare.clips import Prepared, read_waveforms
from ravdess_exp.prepare.preparation import Preparer
from ravdess_exp.prepare.store import Store
from ravdess_exp.report.cautions import DEMOS
from ravdess_exp.run.baseline import baseline_predictions
from ravdess_exp.run.branches import predict_branches, write_branches
from ravdess_exp.run.build import Experiment
from ravdess_exp.run.bundle import save_bundle
from ravdess_exp.run.conditions import condition_scores
from ravdess_exp.run.identity import preparation_facts
from ravdess_exp.run.inputs import make_inputs, prepare_clips, vary_sound
from ravdess_exp.run.learner import make_learner
from ravdess_exp.run.memory import memory_used
from ravdess_exp.run.others import prepare_others, score_others
from ravdess_exp.run.output import (
    describe_model,
    draw_samples,
    finish,
    write_baseline,
    write_result,
    write_split,
)
from ravdess_exp.run.provenance import made_by
from ravdess_exp.run.task import Scored
from ravdess_exp.scoring.cost import RunCost
from ravdess_exp.scoring.predictions import predict
from ravdess_exp.tracking.datasets import fingerprints
from ravdess_exp.tracking.tracker import Tracker
from ravdess_exp.training.checkpoint import Checkpoints
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.fit import History
from ravdess_exp.training.learner import Watcher
from ravdess_exp.training.objective import score_column
from ravdess_exp.training.precision import Precision
from ravdess_exp.training.seeding import seed_everything

log = logging.getLogger(__name__)


class Course:
    """One training in a locked folder: prepare, train, choose by validation, score on test once."""

    def __init__(
        self,
        experiment: Experiment,
        folder: RunFolder,
        tracker: Tracker,
        checkpoints: Checkpoints,
        precision: Precision,
        overrides: Sequence[str],
    ) -> None:
        self.experiment = experiment
        self.folder = folder
        self.tracker = tracker
        self.checkpoints = checkpoints
        self.precision = precision
        self.overrides = overrides
        self.seconds: dict[str, float] = {}

    def train_and_score(self, manifest: Manifest, preparer: Preparer) -> float:
        """Leave a finished run in the folder; returns the score on validation."""
        started = time.perf_counter()
        seed_everything(self.experiment.seed)
        drawn = self.experiment.corpus.split(manifest)
        self.experiment.corpus.require_classes(drawn)  # before an hour of preparation
        if isinstance(drawn, LeakySplit) or self.experiment.plant_leak:
            log.warning("%s\n", LEAKY)
        if self.experiment.saw_ravdess:
            log.warning("%s\n", SAW_RAVDESS)
        with self._timed("prepare"):
            prepared = prepare_clips(
                self.experiment, manifest, sorted(drawn.clips()), preparer, self.folder
            )
            others = prepare_others(self.experiment, preparer)
        split = self._split(drawn, prepared)
        with self._timed("prepare"):
            variants = vary_sound(self.experiment, prepared, split.train, preparer)
        fitted, samples = make_inputs(self.experiment, split, prepared, variants)
        train, validation, test = samples
        self._draw(train, prepared)
        learner = make_learner(self.experiment, self.checkpoints, self.precision, self._watcher())
        with self._timed("train"):
            trained = learner(train, validation)
        model, history = trained.model, trained.history
        with self._timed("evaluate"):
            size = self.experiment.fit.batch_size
            chosen_by = predict(trained.validated, validation, batch_size=size)
            scored = predict(model, test, batch_size=size)
            branches = predict_branches(trained, validation, test, batch_size=size)
            baseline = baseline_predictions(self.experiment, train, test)
            conditions = condition_scores(self.experiment, model, test, prepared, fitted)
            own = {"fitted": fitted, "split": split, "prepared": prepared, "folder": self.folder}
            there = score_others(others, model, experiment=self.experiment, **own)
        self.seconds["total"] = time.perf_counter() - started
        for stage in ("train", "total"):
            self.seconds[stage] += history.earlier_seconds
        said = self._scored(
            model,
            prepared,
            split,
            chosen_by=chosen_by,
            test=scored,
            branches=branches,
            baseline=baseline,
            conditions=conditions,
            others=there,
            history=history,
        )
        result = self.experiment.task.result(said)
        if baseline is not None:
            write_baseline(self.folder, baseline)
        write_result(self.folder, model, said)
        self.experiment.task.draw(self.folder, said, result)
        write_branches(self.folder, branches)
        save_bundle(
            self.folder,
            self.experiment,
            trained=trained,
            fitted=fitted,
            split=split,
            prepared=prepared,
            result=result,
            overrides=self.overrides,
        )
        finish(self.folder, result)
        self.checkpoints.remove()
        self._report(result)
        return result.score

    def _draw(self, train: Samples, prepared: Prepared) -> None:
        """A few training clips, with the sound that their features were made of."""
        recipe, store = self.experiment.recipe, Store(self.experiment.preparation.store)
        heard = partial(read_waveforms, prepared, recipe=recipe, store=store)
        seed, folder = self.experiment.seed, self.folder
        draw_samples(train, recipe.feature, waveforms_of=heard, seed=seed, folder=folder)

    def _report(self, result: Any) -> None:
        """Track the result, and print it."""
        task, demo = self.experiment.task, self.experiment.corpus.source in DEMOS
        self.tracker.describe(task.description(result, demo=demo))
        self.tracker.results(result.metrics())
        page = self.tracker.page
        log.info("%s", task.text(result, folder=self.folder.path, page=page, demo=demo))
        if result.leaky:
            log.warning("%s", LEAKY)
        if result.saw_ravdess:
            log.warning("%s", SAW_RAVDESS)

    def _split(self, drawn: Split, prepared: Prepared) -> Split:
        """The clips that are used of the drawn split; what they are is written down and checked."""
        split = drawn.only({clip.name for clip in prepared.clips})
        split, notes = split.without_shared_sound(prepared.sound_digests, prepared.contents)
        split, overlapping = split.without_overlaps(prepared.files)
        notes += overlapping
        self.experiment.corpus.require_classes(split)
        if self.experiment.plant_leak:  # after the copies of test clips have been taken out
            split = split.with_planted_leak()
        for note in notes:
            log.info("%s", note)
        log.info("\n%s\n", self.experiment.corpus.describe(split))
        corpus, contents = self.experiment.corpus, prepared.contents
        apart = corpus.is_labelled_apart
        write_split(drawn, split, self.folder, contents, emotions=apart)
        if apart:  # with another label it is another clip to learn from
            contents = {
                clip.name: f"{contents[clip.name]} {clip.labelled}" for clip in split.clips()
            }
        digests = fingerprints(split, contents)
        identity = {"preparation": preparation_facts(self.experiment), "made_by": made_by()}
        self.folder.write_json(IDENTITY, identity)
        self.tracker.datasets(corpus.source, str(corpus.root), digests)
        self.checkpoints.agree({f"the {name} clips of SHA-256": digests[name] for name in SETS})
        return split

    def _watcher(self) -> Watcher:
        """Tells of a training: what the model is, a line an epoch, its temperatures."""
        return Watcher(
            on_model=lambda model: describe_model(model, self.folder),
            on_epoch=self._tell_epoch,
            on_calibrated=lambda sentence: log.info("%s", sentence),
        )

    def _tell_epoch(self, training: str, epoch: int, row: dict[str, float]) -> None:
        """training: its name, empty for the first one of the run."""
        log.info("%s%s", f"{training}  " if training else "", self._epoch_line(epoch, row))
        prefix = f"{training}/" if training else ""
        self.tracker.epoch(epoch, {f"{prefix}{name}": value for name, value in row.items()})

    def _epoch_line(self, epoch: int, row: dict[str, float]) -> str:
        network = self.experiment.classifiers is None
        line = f"epoch {epoch:3d}/{self.experiment.fit.epochs}" if network else "fitted"
        score = score_column([row])
        line += f"  loss {row['loss']:.3f}  {score} {row[score]:.3f}"
        if "val_loss" in row:  # a refit has no validation clips
            line += f"  |  validation loss {row['val_loss']:.3f}  {score} {row[f'val_{score}']:.3f}"
        return line

    def _scored(self, model: keras.Model, prepared: Prepared, split: Split, **said) -> Scored:
        """What the model said, and what the run took. said: further fields of `Scored`."""
        memory, peak = memory_used()
        history: History = said["history"]
        cost = RunCost(
            best_epoch=history.best_epoch,
            parameters=model.count_params(),
            clips_used=len(prepared.clips),
            clips_failed=len(prepared.failures),
            seconds=dict(self.seconds),
            memory_mb=memory,
            peak_memory_mb=peak,
            faces_found=None if prepared.found is None else float(prepared.found.mean()),
        )
        chosen = self.experiment.classifiers is None and self.experiment.fit.choose == "best"
        return Scored(
            cost=cost,
            leaky=isinstance(split, LeakySplit),
            labels_shuffled=self.experiment.shuffle_labels,
            saw_ravdess=self.experiment.saw_ravdess,
            epoch_chosen=chosen,
            sure_accuracy=self.experiment.sure_accuracy,
            **said,
        )

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        """Add to the wall time of a stage."""
        started = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started
