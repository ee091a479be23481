"""Which learner an experiment asks for."""

import keras

from ravdess_exp.run.build import Experiment
from ravdess_exp.run.inputs import untrained_model
from ravdess_exp.training.checkpoint import Checkpoints
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.learner import Learner, Watcher
from ravdess_exp.training.linear_learner import LinearLearner
from ravdess_exp.training.network import NetworkLearner
from ravdess_exp.training.precision import Precision, computing_in


def make_learner(
    experiment: Experiment, checkpoints: Checkpoints, precision: Precision, watcher: Watcher
) -> Learner:
    """What trains the model of an experiment, from samples of its training and validation clips."""

    weights = getattr(experiment.parts.fusion, "weights", "equal")
    if experiment.classifiers is not None:
        return LinearLearner(
            parts=experiment.parts,
            classifiers=experiment.classifiers,
            refit=experiment.refit,
            calibrated=experiment.calibrated,
            weights=weights,
            watcher=watcher,
        )

    def make_model(samples: Samples) -> keras.Model:
        with computing_in(precision):
            return untrained_model(experiment, samples)

    return NetworkLearner(
        make_model=make_model,
        settings=experiment.fit,
        augment=experiment.augment,
        seed=experiment.seed,
        members=experiment.members,
        refit=experiment.refit,
        calibrated=experiment.calibrated,
        weights=weights,
        checkpoints=checkpoints,
        watcher=watcher,
    )
