"""Tables of predicted numbers, and the results that are made of them: written and read again."""

import json

import numpy as np
import pandas as pd
import pytest

from ravdess_exp.scoring import study_json
from ravdess_exp.scoring.numbers.parts import Branch
from ravdess_exp.scoring.numbers.predictions import NumberPredictions, number_columns
from ravdess_exp.scoring.numbers.run_result import Condition, NumbersResult
from ravdess_exp.scoring.numbers.study_result import NumbersMember, NumbersStudy, PooledNumbers
from ravdess_exp.scoring.pooled import read_predictions
from ravdess_exp.scoring.study_scores import Score

COST = {
    "best_epoch": 3, "parameters": 10, "clips_used": 24, "clips_failed": 1,
    "seconds": {"train": 2.0, "total": 5.0}, "memory_mb": 100.0, "peak_memory_mb": 120.0,
}  # fmt: skip


@pytest.fixture
def said(rng) -> NumberPredictions:
    labels = rng.normal(4, 1, (24, 1, 2))
    return NumberPredictions(
        names=("arousal", "valence"),
        clips=tuple(f"c{i:02d}" for i in range(24)),
        actors=np.repeat(np.arange(1, 7), 4),
        labels=labels,
        predicted=labels + rng.normal(0, 0.5, labels.shape),
        groups=tuple({"sex": "female" if i % 8 < 4 else "male"} for i in range(24)),
    )


def result_of(said: NumberPredictions) -> NumbersResult:
    return NumbersResult(
        validation=said.scores(),
        test=said.scores(),
        speakers=said.by_actor(),
        groups=said.by_group(),
        branches={"audio": Branch(0.5, 0.4, 0.6, 0.45), "video": Branch(0.2, 0.1, 0.3, 0.25)},
        conditions={"without_sound": Condition(0.1, 2)},
        baseline=Score(0.3, 0.2, 0.4),
        validation_last=0.4,
        leaky=True,
        **COST,
    )


def test_a_table_written_and_read_is_the_same(said, tmp_path):
    said.save(tmp_path / "p.csv")
    table = read_predictions(tmp_path / "p.csv")
    assert list(table) == [
        "clip", "actor", "label_arousal", "prediction_arousal", "label_valence", "prediction_valence",
    ]  # fmt: skip
    again = NumberPredictions.of(table)
    assert again.clips == said.clips and again.names == said.names
    np.testing.assert_allclose(again.predicted, said.predicted, atol=1e-6)
    assert number_columns(table) == said.names
    assert (
        number_columns(pd.DataFrame({"label": ["sad"], "prediction": ["sad"], "sad": [1.0]})) == ()
    )


def test_seeds_that_lack_a_clip_keep_those_that_all_have(said, tmp_path):
    said.save(tmp_path / "p.csv")
    table = read_predictions(tmp_path / "p.csv")
    both = pd.concat([table.assign(seed=0), table[5:].assign(seed=1)])
    again = NumberPredictions.of(both, {"c07": {"sex": "male"}})
    assert again.labels.shape == (19, 2, 2) and again.seeds == (0, 1)
    assert again.groups[again.clips.index("c07")] == {"sex": "male"}


def test_a_run_is_read_from_its_metrics(said):
    result = result_of(said)
    metrics = json.loads(json.dumps(result.metrics()))
    assert NumbersResult.from_metrics(metrics) == result
    assert metrics["val/ccc"] == result.score
    assert not any("uar" in name for name in metrics)


def test_a_study_is_read_from_its_json(said):
    run = result_of(said)
    study = NumbersStudy(
        command="ravdess-exp",
        runs=2,
        folds=1,
        members=tuple(NumbersMember.of(f"seed_{s}", None, s, run) for s in (0, 1)),
        missing={},
        scores=PooledNumbers.from_predictions(said),
        branches=run.branches,
        baseline=run.baseline,
    )
    content = json.loads(json.dumps(study_json.as_json(study)))
    assert study_json.from_json(content) == study
    assert study.metrics()["test/arousal/ccc"] == study.scores.of.targets["arousal"].ccc.value
    assert study.series()["fold/test_ccc"] == {0: run.test.ccc.value}


def test_one_that_is_better_gains(said):
    worse = NumberPredictions(
        said.names, said.clips, said.actors, said.labels, 0 * said.predicted + 4.0
    )
    assert worse.gain(said).value == pytest.approx(said.overall() - worse.overall())
    assert worse.gain(said).p < 0.01
