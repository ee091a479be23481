"""Scores of a trained model with an input missing or noisy."""

import functools

import keras
import numpy as np

from ravdess_exp.prepare.clips import Prepared, read_crops, read_waveforms
from ravdess_exp.prepare.entries import feature_of, picture_of
from ravdess_exp.prepare.store import Store
from ravdess_exp.run.build import Experiment
from ravdess_exp.run.inputs import FittedInputs
from ravdess_exp.scoring.predictions import predict
from ravdess_exp.scoring.robustness import NoisyFaces, conditions, noisy
from ravdess_exp.scoring.run_result import ConditionScores
from ravdess_exp.training.dataset import Samples


def condition_scores(
    experiment: Experiment,
    model: keras.Model,
    test: Samples,
    prepared: Prepared,
    fitted: FittedInputs,
) -> dict[str, ConditionScores]:
    """UAR and accuracy on test by condition, for those that the experiment asks for."""
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

    scores = {}
    for name, samples in conditions(test, **experiment.conditions, hear=hear, see=see):
        of = predict(model, samples, batch_size=experiment.fit.batch_size).scores()
        scores[name] = ConditionScores(of.uar, of.accuracy)
    return scores
