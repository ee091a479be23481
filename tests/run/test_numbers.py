"""Arousal and valence as numbers, by a network and by ridge regression, from clips to predictions."""

import json

import numpy as np
import pandas as pd
import pytest

import ravdess_exp
from ravdess_exp.folder import RunFolder
from ravdess_exp.report.page import write_report
from ravdess_exp.run.experiment import run
from ravdess_exp.scoring.comparison import Result, compare
from ravdess_exp.scoring.numbers.measures import ccc
from ravdess_exp.scoring.numbers.run_result import NumbersResult
from tests.helpers.numbers import number_overrides, number_table


@pytest.fixture(scope="module")
def table(corpus, tmp_path_factory):
    return number_table(corpus, tmp_path_factory.mktemp("numbers") / "t.csv")


@pytest.fixture
def numbers(configure, table, corpus, store_root):
    """Configuration of a quick run on numbers, with overrides."""
    return lambda *more: configure(*number_overrides(table, corpus, store_root), *more)


@pytest.mark.slow
def test_a_network_tells_numbers(numbers, tmp_path, unrendered, corpus):
    """Early stopping, members, mixed clips and averaged weights, all of which classes have too."""
    folder = tmp_path / "run"
    config = numbers("training.epochs=2", "training.members=2", "training.mixup=0.2")
    validation = run(config, folder=folder)
    metrics = RunFolder(folder).metrics()
    assert validation == metrics["val/ccc"] and not any("uar" in name for name in metrics)
    said = pd.read_csv(folder / "predictions.csv")
    again = ccc(said["label_arousal"].to_numpy(), said["prediction_arousal"].to_numpy())
    assert metrics["test/arousal/ccc"] == pytest.approx(again, abs=1e-5)
    assert NumbersResult.from_metrics(metrics).metrics() == metrics
    written = {path.name for path in folder.iterdir()}
    assert {"scatter.png", "curves.png", "bundle", "split.csv"} <= written
    assert not {"confusion_matrix.png", "reliability.png"} & written
    assert set(pd.read_csv(folder / "split.csv")) >= {"numbers"}
    told = ravdess_exp.load(folder).predict(corpus / "Actor_04" / "01-01-03-01-01-01-04.mp4")
    row = said[said["clip"].str.endswith("01-01-03-01-01-01-04.mp4")].iloc[0]
    assert told.told["arousal"] == pytest.approx(row["prediction_arousal"], abs=1e-4)
    assert told.prediction is None and "sure" not in told.row()
    card = (folder / "bundle" / "card.md").read_text()
    assert "Tells arousal, valence" in card and "UAR" not in card


@pytest.mark.slow
def test_ridge_regression_late_with_a_baseline(numbers, tmp_path, unrendered, monkeypatch):
    """Sound and picture each tell numbers; what each tells alone is scored; two runs are compared."""
    late = ["model=ridge", "modality=both", "fusion=late", "fusion.weights=validation",
            "audio_encoder=linear", "visual=pixels", "pooling=mean", "face=none",
            "frames.size=32"]  # fmt: skip
    run(numbers(*late, "evaluation=robust", "evaluation.baseline=true"), folder=tmp_path / "a")
    run(numbers(*late, "data.shuffle_labels=true"), folder=tmp_path / "b")
    metrics = RunFolder(tmp_path / "a").metrics()
    assert metrics["test/ccc"] > 0.3, "the demo's voices tell arousal"
    assert {"test/audio/ccc", "val/video/ccc", "baseline/ccc_low"} <= set(metrics)
    assert {"condition/without_picture/ccc", "condition/without_sound/failed"} <= set(metrics)
    assert RunFolder(tmp_path / "b").metrics()["test/ccc"] < metrics["test/ccc"]
    labels = [pd.read_csv(tmp_path / name / "predictions.csv")["label_arousal"] for name in "ab"]
    assert not np.allclose(*labels), "shuffled labels are what is scored"
    assert (tmp_path / "a" / "predictions_audio.csv").exists()
    pair = [Result.load(tmp_path / "a"), Result.load(tmp_path / "a", "video")]
    (difference,) = compare(pair)
    assert "CCC" in difference.sentence(1) and "ccc" in difference.as_dict()
    monkeypatch.undo()  # a page has its pictures within it
    write_report([tmp_path / "a"], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "CCC of arousal" in page and "Furthest from what is true" in page and "UAR" not in page
    described = json.loads((tmp_path / "a" / "bundle" / "bundle.json").read_text())
    assert described["numbers"] == ["arousal", "valence"] and described["classes"] == []
