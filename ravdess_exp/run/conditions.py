"""Scores of a trained model with an input missing or noisy: as deployed, and by the oracle."""

import functools
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from ravdess_exp.prepare.clips import Prepared, read_crops, read_waveforms
from ravdess_exp.prepare.damaged import Damaged, damaged_clips
from ravdess_exp.prepare.entries import feature_of, picture_of
from ravdess_exp.prepare.store import Store
from ravdess_exp.run.build import Experiment
from ravdess_exp.run.inputs import FittedInputs
from ravdess_exp.scoring.predictions import predict
from ravdess_exp.scoring.robustness import NoisyFaces, conditions, damages, noisy
from ravdess_exp.scoring.run_result import ORACLE
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.picture_rows import picture_rows


def condition_scores(
    experiment: Experiment,
    model: keras.Model,
    test: Samples,
    prepared: Prepared,
    fitted: FittedInputs,
) -> dict[str, Any]:
    """Scores on test by condition, for those that the experiment asks for.

    The name of a condition is that of the damaged files; with `ORACLE` behind it that of clips which
    were damaged after their preparation. A file without picture is the same either way.
    """
    size = experiment.fit.batch_size
    asked = damages(test, **experiment.conditions)
    files = damaged_clips(
        test.clips,
        asked,
        contents=prepared.contents,
        preparation=experiment.preparation,
        seed=experiment.seed,
    )
    deployed = {damage.name: files[damage] for damage in asked}
    everything, scores = tuple(range(len(test))), {}
    for name, samples in _oracle(experiment, test, prepared, fitted):
        of_oracle = _scores(experiment, model, test, samples, everything, size)
        if name not in deployed:
            scores[name] = of_oracle
            continue
        kept = deployed[name].kept
        damaged = _samples(test, deployed[name], fitted)
        scores[name] = _scores(experiment, model, test, damaged, kept, size)
        scores[f"{name}{ORACLE}"] = of_oracle
    return scores


def _samples(test: Samples, found: Damaged, fitted: FittedInputs) -> Samples:
    """The test clips that could be used, as the model is given them; what is missing is 0."""
    rows, audio, faces = list(found.kept), test.audio, test.faces
    if test.audio is not None:
        audio = np.zeros((len(rows), *test.audio.shape[1:]), np.float32)
        for place, feature in enumerate(found.features):
            audio[place] = fitted.audio(feature)
    if test.faces is not None:
        faces = picture_rows(found.faces, range(len(rows)), fitted.picture)
    clips = tuple(test.clips[row] for row in rows)
    return replace(test, clips=clips, audio=audio, faces=faces, labels=test.labels[rows])


def _scores(
    experiment: Experiment,
    model: keras.Model,
    test: Samples,
    samples: Samples,
    kept: tuple[int, ...],
    batch_size: int,
) -> Any:
    """Of all test clips. samples: of those that are `kept`, which alone can be predicted."""
    said = predict(model, samples, batch_size=batch_size) if kept else None
    return experiment.task.condition(test, said, kept)


def _oracle(experiment: Experiment, test: Samples, prepared: Prepared, fitted: FittedInputs):
    """Name and samples of each condition with the clean speech's ends, frames and faces."""
    recipe = experiment.recipe

    @functools.cache  # read where noise is asked for, and once for all its levels
    def waveforms() -> list[np.ndarray]:
        store = Store(experiment.preparation.store)
        return read_waveforms(prepared, test.clips, recipe=recipe, store=store)

    def hear(decibels: float) -> np.ndarray:
        rng = np.random.default_rng(experiment.seed)
        return np.stack(
            [fitted.audio(feature_of(noisy(w, decibels, rng), recipe)) for w in waveforms()]
        )

    def see(deviation: float) -> np.ndarray | NoisyFaces:
        if fitted.picture is None:
            return NoisyFaces(test.faces, deviation=deviation, seed=experiment.seed)
        store = Store(experiment.preparation.store)
        crops = np.stack(list(read_crops(prepared, test.clips, recipe=recipe, store=store)))
        noisy_crops = NoisyFaces(crops, deviation=deviation, seed=experiment.seed)
        return np.stack(
            [fitted.picture(picture_of(noisy_crops[i], recipe)) for i in range(len(crops))]
        )

    return conditions(test, **experiment.conditions, hear=hear, see=see)
