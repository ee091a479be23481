"""What a training starts from: prepared clips, samples of the three sets, a model without training."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.numbers import labels_of, thirds
from ravdess_exp.corpus.split import SETS, Split
from ravdess_exp.errors import TooManyFailuresError
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.encoders.layers import layer_of
from ravdess_exp.features.picture_input import PictureInput
from ravdess_exp.folder import FAILURES, RunFolder
from ravdess_exp.models.outputs import output_for
from ravdess_exp.prepare.clips import Prepared
from ravdess_exp.prepare.preparation import Preparer
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.run.build import Experiment
from ravdess_exp.run.output import write_copies, write_failures, write_left_out
from ravdess_exp.training.dataset import (
    Label,
    Samples,
    make_samples,
    relabelled,
    shuffled_labels,
)
from ravdess_exp.training.variants import Variants

log = logging.getLogger(__name__)


def announce_clips(manifest: Manifest, folder: RunFolder) -> None:
    """Print what there is; the files that it speaks of are there by then.

    copies.csv lists further files of trials that are used once; failures.csv those that cannot be
    used, which preparation adds to.
    """
    write_failures(manifest.rejected, folder)
    if manifest.copies:
        write_copies(manifest.copies, folder)
    if manifest.left_out:
        write_left_out(manifest.left_out, folder)
    log.info("%s\n", manifest.summary())


def prepare_clips(
    experiment: Experiment,
    manifest: Manifest,
    clips: Sequence[Clip],
    preparer: Preparer,
    folder: RunFolder,
) -> Prepared:
    """Prepare these clips; failures.csv lists the ones that cannot be used."""
    started = time.perf_counter()
    try:
        prepared = preparer(experiment.preparation, clips, manifest.rejected)
    except TooManyFailuresError as error:
        write_failures(error.failures, folder)
        told = f"{error}\nall of them are listed in {folder / FAILURES}"
        raise TooManyFailuresError(told, error.failures) from None
    write_failures(prepared.failures, folder)
    log.info(
        "prepared: %d clips in %.1f s, %d of them new; %d failed%s",
        *(len(prepared.clips), time.perf_counter() - started, prepared.made),
        *(len(prepared.failures), " (failures.csv)" if prepared.failures else ""),
    )
    if prepared.found is not None:
        log.info("faces: found in %.2f%% of the frames", 100 * prepared.found.mean())
    if prepared.remarks:
        name, remark = next(iter(prepared.remarks.items()))
        log.info("sound: %d clips may be cut too wide; %s: %s", len(prepared.remarks), name, remark)
    if prepared.unheard:
        name, reason = next(iter(prepared.unheard.items()))
        log.info(
            "no speech to go by in %d clips, whose frames are of the whole picture; the first: %s: %s",
            *(len(prepared.unheard), name, reason),
        )
    _tell_identical_sound(prepared)
    return prepared


def _tell_identical_sound(prepared: Prepared) -> None:
    """Say which clips are one recording under several names, and where their labels contradict each other."""
    of = {clip.name: clip for clip in prepared.clips}
    for names in prepared.same_sound():
        log.info("identical sound: %s", ", ".join(names))
        for what, said in (("emotion", "emotion"), ("speaker", "actor")):
            values: dict[str, str] = {}
            for name in names:
                if name in of:
                    values.setdefault(str(getattr(of[name], said)), name)
            if len(values) > 1:
                told = " and ".join(f"{value} ({name})" for value, name in values.items())
                log.warning(
                    "one sound of %d %ss: %s; at most one label is right", len(values), what, told
                )


def vary_sound(
    experiment: Experiment, prepared: Prepared, clips: Sequence[Clip], preparer: Preparer
) -> dict[str, Rows]:
    """Audio features of the variants of these clips, by clip name; empty where none are asked for."""
    started = time.perf_counter()
    variants = preparer.vary(experiment.preparation, prepared, clips)
    if variants:
        log.info(
            "varied: the sound of %d clips, %d variants of each, in %.1f s",
            *(len(variants), experiment.preparation.variants.count, time.perf_counter() - started),
        )
    if variants and len(variants) < len(clips):
        log.warning("%d clips cannot be varied and train as they are", len(clips) - len(variants))
    return variants


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
            layer=_layer(experiment, split, prepared),
        )
    if prepared.faces is not None and recipe.picture is not None:
        picture_input = PictureInput.fit(
            recipe.picture.standardise,
            train=prepared.faces_of(split.train),
            blocks=recipe.picture.blocks(recipe.size),
        )
    return FittedInputs(audio_input, picture_input)


def _layer(experiment: Experiment, split: Split, prepared: Prepared) -> int | None:
    """Which layer of a frozen encoder the model is given; None where the feature has no layers."""
    labels = labels_of(experiment.corpus.classes, split.train)
    speakers = np.array([clip.actor for clip in split.train])
    if experiment.shuffle_labels:
        shuffled = labels_shuffled(experiment, prepared)
        labels = np.array([shuffled[clip.name] for clip in split.train])
    train = prepared.features_of(split.train)
    if labels.ndim == 2:
        labels = thirds(labels)
    layer = layer_of(experiment.recipe.feature, train, labels, speakers)
    if layer is not None:
        numbers = [n + 1 for n in (layer if isinstance(layer, list) else [layer])]
        log.info("layer %s of the encoder", " and ".join(map(str, numbers)))
    return layer


def labels_shuffled(experiment: Experiment, prepared: Prepared) -> dict[str, Label]:
    """The labels of all prepared clips, exchanged among them: the same for every fold of a study."""
    clips = prepared.clips
    found = labels_of(experiment.corpus.classes, clips).tolist()
    labels = {clip.name: label for clip, label in zip(clips, found, strict=True)}
    contents = {name: prepared.sound_digests.get(name, prepared.contents[name]) for name in labels}
    return shuffled_labels(labels, contents, seed=experiment.seed)


def make_inputs(
    experiment: Experiment,
    split: Split,
    prepared: Prepared,
    variants: Mapping[str, Rows] | None = None,
) -> tuple[FittedInputs, list[Samples]]:
    """What is fitted on the training clips alone; samples of the three sets.

    variants: see `vary_sound`; those of training clips are taken, whatever else is there. The inputs
    are fitted on the clean clips: what is scored is clean, and its length and its measure should not
    depend on how many variants there are.
    """
    fitted = fit_inputs(experiment, split, prepared)
    samples = make_samples(
        prepared,
        [getattr(split, name) for name in SETS],
        audio_input=fitted.audio,
        picture_input=fitted.picture,
        classes=experiment.corpus.classes,
        one_hot=experiment.one_hot,
    )
    if variants:
        folder = experiment.preparation.store
        samples[0] = replace(
            samples[0],
            variants=Variants.of(split.train, variants, audio_input=fitted.audio, folder=folder),
        )
    if experiment.shuffle_labels:
        log.info(
            "SANITY CHECK: the labels are shuffled once over all clips; chance is all there is%s\n",
            ", but for the planted leak" if experiment.plant_leak else "",
        )
        labels = labels_shuffled(experiment, prepared)
        samples = [relabelled(of_set, labels) for of_set in samples]
    return fitted, samples


def untrained_model(experiment: Experiment, samples: Samples) -> keras.Model:
    """A model for samples of this shape."""
    return experiment.parts.model(
        audio_shape=None if samples.audio is None else samples.audio.shape[1:],
        video_shape=None if samples.faces is None else samples.faces.shape[1:],
        output=output_for(samples.labels, samples.classes),
    )
