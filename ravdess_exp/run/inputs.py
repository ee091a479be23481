"""What a training starts from: prepared clips, samples of the three sets, a model without training."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import keras

from ravdess_exp.corpus.manifest import Clip, Manifest
from ravdess_exp.corpus.split import SETS, Split
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.picture_input import PictureInput
from ravdess_exp.folder import RunFolder
from ravdess_exp.prepare.clips import Prepared
from ravdess_exp.prepare.preparation import Preparer
from ravdess_exp.run.build import Experiment
from ravdess_exp.run.output import (
    write_failures,
)
from ravdess_exp.training.dataset import Samples, make_samples, shuffled_within_actor

log = logging.getLogger(__name__)


def prepare_clips(
    experiment: Experiment,
    manifest: Manifest,
    clips: Sequence[Clip],
    preparer: Preparer,
    folder: RunFolder,
) -> Prepared:
    """Prepare these clips; failures.csv lists the ones that cannot be used."""
    started = time.perf_counter()
    prepared = preparer(experiment.preparation, clips, manifest.rejected)
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


@dataclass(frozen=True)
class FittedInputs:
    """What both inputs are brought to, fitted on the training clips alone.

    audio: None without sound; picture: None without picture, or where the model is given crops.
    """

    audio: AudioInput | None
    picture: PictureInput | None


def fit_inputs(experiment: Experiment, split: Split, prepared: Prepared) -> FittedInputs:
    """Fit what both inputs are brought to; of clips outside training, nothing but their lengths."""
    recipe, audio_input, picture_input = experiment.recipe, None, None
    if len(prepared.features):
        audio_input = AudioInput.fit(
            recipe.feature,
            train=prepared.features_of(split.train),
            corpus=prepared.features,
        )
    if prepared.faces is not None and recipe.picture is not None:
        picture_input = PictureInput.fit(
            recipe.picture.standardise,
            train=prepared.faces_of(split.train),
            blocks=recipe.picture.blocks(recipe.size),
        )
    return FittedInputs(audio_input, picture_input)


def make_inputs(
    experiment: Experiment, split: Split, prepared: Prepared
) -> tuple[FittedInputs, list[Samples]]:
    """What is fitted on the training clips alone; samples of the three sets."""
    fitted = fit_inputs(experiment, split, prepared)
    samples = make_samples(
        prepared,
        [getattr(split, name) for name in SETS],
        audio_input=fitted.audio,
        picture_input=fitted.picture,
        classes=experiment.corpus.classes,
        one_hot=experiment.one_hot,
    )
    if experiment.shuffle_labels:
        log.info(
            "SANITY CHECK: the labels are shuffled within each actor; chance is all there is\n"
        )
        samples = [shuffled_within_actor(of_set, seed=experiment.seed) for of_set in samples]
    return fitted, samples


def untrained_model(experiment: Experiment, samples: Samples) -> keras.Model:
    """A model for samples of this shape."""
    return experiment.parts.model(
        audio_shape=None if samples.audio is None else samples.audio.shape[1:],
        video_shape=None if samples.faces is None else samples.faces.shape[1:],
        classes=samples.classes,
    )
