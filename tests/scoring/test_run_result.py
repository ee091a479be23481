"""A run's result goes through metrics.json and comes back as it was."""

import json

import numpy as np
import pytest

from ravdess_exp.scoring.predictions import Predictions
from ravdess_exp.scoring.run_result import ConditionScores, RunResult

NAMES = ("neutral", "happy", "sad")


@pytest.fixture
def result(rng) -> RunResult:
    labels = np.arange(30) % 3
    probabilities = rng.random((30, 3))
    predictions = Predictions(
        NAMES, tuple(f"clip-{n}" for n in range(30)), np.repeat([7, 8], 15), labels, probabilities
    )
    return RunResult(
        validation=predictions.scores(),
        test=predictions.scores(),
        interval=predictions.uar_interval(),
        actors=predictions.by_actor(),
        best_epoch=3,
        parameters=12_345,
        clips_used=90,
        clips_failed=1,
        seconds={"prepare": 1.5, "total": 9.0},
        memory_mb=500.0,
        peak_memory_mb=900.0,
        faces_found=0.99,
        conditions={"sound_0dB": ConditionScores(0.3, 0.4)},
    )


def test_it_comes_back_from_its_metrics(result):
    metrics = json.loads(json.dumps(result.metrics()))
    assert RunResult.from_metrics(metrics) == result


def test_metrics_have_the_names_of_the_contract(result):
    metrics = result.metrics()
    assert metrics["test/actor_07/clips"] == 15 and metrics["test/sound_0dB/accuracy"] == 0.4
    assert metrics["test/recall/happy"] == result.test.recall["happy"]
    assert metrics["test/uar_low"], metrics["test/uar_high"] == result.interval
    assert all(isinstance(value, int | float) for value in metrics.values())
