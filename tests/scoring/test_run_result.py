"""A run's result goes through metrics.json and comes back as it was."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ravdess_exp.report.score_text import validation_line
from ravdess_exp.scoring.predictions import Predictions
from ravdess_exp.scoring.run_result import ConditionScores, RunResult
from ravdess_exp.scoring.sureness import Sureness

NAMES = ("neutral", "happy", "sad")


@pytest.fixture
def result(rng) -> RunResult:
    labels = np.arange(30) % 3
    probabilities = rng.random((30, 3))
    predictions = Predictions(
        NAMES,
        tuple(f"clip-{n}" for n in range(30)),
        np.repeat([7, 8], 15),
        labels,
        probabilities,
        tuple(
            {"sex": "male" if n < 15 else "female", "intensity": "ab"[n % 3 > 0]} for n in range(30)
        ),
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
        calibration=predictions.calibration(),
        validation_calibration=predictions.calibration(),
        sureness=Sureness.of(predictions, predictions, wanted=0.2),
        groups=predictions.by_group(),
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


def test_groups_calibration_and_sureness_have_their_names(result):
    metrics = result.metrics()
    assert {"test/ece", "val/ece", "test/log_loss", "sure/threshold"} <= metrics.keys()
    assert metrics["test/sex/female/clips"] == 15 and metrics["test/intensity/a/without/sad"] == 1
    assert metrics["test/sure/share"] == result.sureness.test.share
    assert set(result.conditions) == set(RunResult.from_metrics(metrics).conditions)


def test_a_threshold_that_was_not_reached_comes_back_too(result):
    """Nothing is sure then, and `sure/threshold` is not there."""
    labels, probabilities = np.zeros(30, int), np.tile([0.2, 0.7, 0.1], (30, 1))
    wrong = Predictions(NAMES, ("x",) * 30, np.ones(30, int), labels, probabilities)
    never = replace(result, sureness=Sureness.of(wrong, wrong, wanted=0.9))
    metrics = json.loads(json.dumps(never.metrics()))
    assert "sure/threshold" not in metrics and metrics["test/sure/share"] == 0
    assert RunResult.from_metrics(metrics) == never


def test_metrics_of_version_0_2_are_read(result):
    without = {"calibration": None, "validation_calibration": None, "sureness": None, "groups": {}}
    older = replace(result, **without)
    assert not [name for name in older.metrics() if "ece" in name or "sure" in name]
    assert RunResult.from_metrics(older.metrics()) == older


def test_a_chosen_epochs_score_has_beside_it_what_was_not_chosen(result):
    """In the metrics, which are read again, and in words; where no epoch was chosen nothing is said."""
    chosen = replace(result, validation_last=0.31, leaky=True)
    metrics = json.loads(json.dumps(chosen.metrics()))
    assert metrics["val/uar_last_epochs"] == 0.31 and metrics["split/leaky"] == 1
    assert RunResult.from_metrics(metrics) == chosen
    assert "val/uar_last_epochs" not in result.metrics() and "split/leaky" not in result.metrics()
    assert "with the epoch that it chose, the best of many" in validation_line(0.4, 0.31)
    assert validation_line(0.4, None) == "validation UAR 0.400"


def test_conditions_of_version_0_2_did_not_count_failures(result):
    metrics = result.metrics()
    del metrics["test/sound_0dB/failed"]
    assert RunResult.from_metrics(metrics).conditions == result.conditions
