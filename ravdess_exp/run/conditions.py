"""Scores of a trained model with an input missing or noisy."""

import functools

import keras
import numpy as np

from ravdess_exp.features.audio import AudioInput
from ravdess_exp.prepare.clips import Prepared, read_waveforms
from ravdess_exp.prepare.entries import feature_of
from ravdess_exp.prepare.store import Store
from ravdess_exp.run.build import Experiment
from ravdess_exp.scoring.predictions import predict
from ravdess_exp.scoring.robustness import conditions, noisy
from ravdess_exp.scoring.run_result import ConditionScores
from ravdess_exp.training.dataset import Samples


def condition_scores(
    experiment: Experiment,
    model: keras.Model,
    test: Samples,
    prepared: Prepared,
    audio_input: AudioInput | None,
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
            [audio_input(feature_of(noisy(w, decibels, rng), recipe)) for w in waveforms()]
        )

    scores = {}
    for name, samples in conditions(test, **experiment.conditions, hear=hear, seed=experiment.seed):
        of = predict(model, samples, batch_size=experiment.fit.batch_size).scores()
        scores[name] = ConditionScores(of.uar, of.accuracy)
    return scores
