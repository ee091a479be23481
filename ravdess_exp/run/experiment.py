"""The course of a run: from clips on disk to a score on speakers the model never saw."""

from collections.abc import Sequence
from pathlib import Path

from ravdess_exp.config.schema import Config
from ravdess_exp.folder import CHECKPOINTS, RunFolder
from ravdess_exp.prepare.preparation import Preparer
from ravdess_exp.run.build import build
from ravdess_exp.run.clips import build_each
from ravdess_exp.run.course import Course
from ravdess_exp.run.identity import training_facts
from ravdess_exp.run.inputs import announce_clips, prepare_clips, vary_sound
from ravdess_exp.run.others import prepare_each
from ravdess_exp.run.provenance import run_tags
from ravdess_exp.tracking.run import tracked
from ravdess_exp.training.checkpoint import Checkpoints
from ravdess_exp.training.precision import choose_precision


def run(
    config: Config,
    *,
    folder: Path,
    overrides: Sequence[str] = (),
    preparer: Preparer | None = None,
) -> float | None:
    """Do what the configuration says and leave all files in `folder`.

    A training that was killed there goes on from its checkpoint. preparer: shared by runs of one
    process. Returns the UAR on validation, which a sweep may optimise; never the one on test.
    `task=prepare` returns None.
    """
    with RunFolder(folder).locked() as place:
        return run_locked(config, place, overrides=overrides, preparer=preparer)


def run_locked(
    config: Config,
    folder: RunFolder,
    *,
    overrides: Sequence[str] = (),
    preparer: Preparer | None = None,
) -> float | None:
    """The same for a folder that this process has locked."""
    experiment, preparer = build(config), preparer or Preparer()
    if config.task == "prepare":
        prepare_each(experiment, build_each(config), preparer)
    if config.task == "prepare" and config.is_crossed:
        return None
    manifest = experiment.corpus.find()
    if config.task == "prepare":
        announce_clips(manifest, folder)
        prepared = prepare_clips(experiment, manifest, manifest.clips, preparer, folder)
        vary_sound(experiment, prepared, prepared.clips, preparer)  # each trains in some fold
        return None
    precision = choose_precision(experiment.precision)
    checkpoints = Checkpoints(folder / CHECKPOINTS)
    if not experiment.resume:
        checkpoints.remove()
    resumed = checkpoints.agree(training_facts(experiment, precision))
    folder.clear()
    announce_clips(manifest, folder)
    tags = run_tags(config, folder=folder.path, overrides=overrides) | {"precision": precision}
    with tracked(
        experiment.tracking,
        folder=folder.path,
        params=experiment.parameters,
        tags=tags,
        resume=resumed,
    ) as tracker:
        course = Course(experiment, folder, tracker, checkpoints, precision, overrides)
        return course.train_and_score(manifest, preparer)
