"""The baseline beside a run's and a study's scores: counted as theirs are, written, read, said."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ravdess_exp.report.study_text import study_text
from ravdess_exp.scoring.baseline import Baseline
from ravdess_exp.scoring.pooled import Pooled
from ravdess_exp.scoring.predictions import Predictions
from ravdess_exp.scoring.run_result import RunResult
from ravdess_exp.scoring.study_json import as_json, from_json
from tests.scoring.test_pooled import table
from tests.scoring.test_run_result import result  # noqa: F401 - a fixture
from tests.scoring.test_study_result import member, study


@pytest.fixture
def baseline() -> Baseline:
    """Six clips of two speakers, four of them right: recalls of 1, 0.5 and 0.5."""
    labels, said = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 2, 2, 1])
    clips = tuple(f"clip-{n}" for n in range(6))
    actors = np.array([1, 2] * 3)
    return Baseline.of(Predictions(("a", "b", "c"), clips, actors, labels, np.eye(3)[said]))


def test_it_is_scored_as_the_run_is(baseline):
    assert baseline.accuracy == pytest.approx(4 / 6) and baseline.uar == pytest.approx(2 / 3)
    assert baseline.uar_low <= baseline.uar <= baseline.uar_high


def test_it_goes_through_the_metrics_of_a_run(result, baseline):  # noqa: F811 - a fixture
    assert RunResult.from_metrics(result.metrics()).baseline is None
    metrics = json.loads(json.dumps(replace(result, baseline=baseline).metrics()))
    assert metrics["baseline/uar"] == baseline.uar
    assert RunResult.from_metrics(metrics).baseline == baseline


def test_it_goes_through_the_summary_of_a_study_and_is_said(rng, baseline, tmp_path):
    predictions = table(rng, actors=3, seeds=1)
    without = study([member(fold, 0) for fold in (1, 2, 3)], predictions)
    found = replace(without, baseline=baseline)
    assert from_json(json.loads(json.dumps(as_json(found)))).baseline == baseline
    assert from_json(json.loads(json.dumps(as_json(without)))).baseline is None
    assert found.metrics()["baseline/accuracy"] == baseline.accuracy
    assert "a linear model on the same inputs: UAR 0.667" in study_text(found, tmp_path, None)
    assert "linear model" not in study_text(without, tmp_path, None)


def test_of_a_study_all_clips_are_pooled_before_they_are_scored(rng):
    pooled = Pooled.of(table(rng, actors=3, seeds=2))
    found = Baseline.of_study(pooled)
    right = (pooled.labels == pooled.predicted).mean(axis=0)
    assert found.accuracy == pytest.approx(right.mean())
    assert found.uar_low <= found.uar <= found.uar_high
