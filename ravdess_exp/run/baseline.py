"""A linear model on a run's own inputs, fitted on its training clips alone."""

import logging
from dataclasses import replace

from ravdess_exp.run.build import Experiment
from ravdess_exp.scoring.predictions import Said, predict
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.linear import fit_linear

log = logging.getLogger(__name__)


def baseline_predictions(experiment: Experiment, train: Samples, test: Samples) -> Said | None:
    """What it says of the test clips; None where the experiment asks for no baseline.

    It reads what the run's model reads: sound by its mean and deviation over time, crops by the
    brightness of blocks. C is chosen by speakers of the training clips; of one there is no baseline.
    """
    if experiment.baseline is None:
        return None
    if len({clip.actor for clip in train.clips}) < 2:
        log.warning("no baseline: its C is chosen by speakers, and one alone is in training")
        return None
    classifiers = {"joint": experiment.task.baseline()}
    fitted = fit_linear(experiment.baseline, classifiers, replace(train, one_hot=False))
    return predict(fitted.model, test, batch_size=experiment.fit.batch_size)
