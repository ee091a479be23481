"""experiment=cross_corpus: every corpus trains once, all others are scored, a bad one fails alone."""

import json
from pathlib import Path

import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from ravdess_exp.errors import BundleError, OutputError
from ravdess_exp.report.reading import read_finished
from ravdess_exp.scoring.study_json import load
from ravdess_exp.tracking.address import find_bundle
from tests.helpers.nursery import nursery
from tests.helpers.studies import summary

QUICK = ("experiment=cross_corpus", "modality=audio", "audio=mfcc", "audio.over_time=statistics",
         "audio_encoder=linear", "visual=pixels", "model=logistic", "model.c=1",
         "tracking.log_model=false", "data.workers=1", "hydra.sweep.dir=study")  # fmt: skip


def cross(folder: Path, store: Path, corpora: str) -> tuple[int, str]:
    return nursery().run([*QUICK, f"data.store={store}", f"data.corpora={corpora}"], folder)


@pytest.mark.slow
def test_corpora_of_other_classes_are_crossed_and_a_bad_one_fails_alone(
    corpus, second_table, store_root, tmp_path, monkeypatch
):
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    (tmp_path / "bad.csv").write_text("path,speaker,emotion\nnothing.wav,ann,happy\n")
    corpora = f"[{{source: ravdess, root: {corpus}}},{{table: {second_table}, name: two}},{{table: bad.csv}}]"
    code, printed = cross(tmp_path, store_root, corpora)
    assert code != 0 and "1 of 3 runs are missing (corpus_bad-seed_0: CorpusError" in printed
    folder = tmp_path / "study"
    found = summary(folder)
    assert list(found["cells"]) == ["ravdess", "two"] and not found["complete"]
    there = found["cells"]["ravdess"]["two"]
    assert there["classes"] == ["neutral", "happy", "sad", "angry"]
    assert there["unknown"] == {"amused": 4, "bored": 4} and there["speakers"] == 4
    assert "none of its 1 rows can be used" in found["unscored"]["ravdess"]["bad"]
    within = pd.read_csv(folder / "corpus_two-seed_0" / "predictions.csv")
    assert found["cells"]["two"]["two"]["clips"] == len(within), "the test set of its own split"
    assert found["cells"]["two"]["two"]["classes"] == [
        "neutral", "happy", "sad", "angry", "amused", "bored",
    ]  # fmt: skip
    assert (folder / "cross_corpus.png").exists()
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["cross/two/ravdess/uar"] == found["cells"]["two"]["ravdess"]["uar"]["value"]
    with pytest.raises(BundleError, match="corpora are crossed in it"):
        find_bundle(folder)
    with pytest.raises(OutputError, match="name the folders of its runs"):
        read_finished(folder)
    assert load(folder).as_json()["cells"].keys() == found["cells"].keys(), "it is read back"
    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("ravdess_exp")
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if run.data.tags.get("study") == "parent"]
    assert parent.data.metrics["cross/ravdess/two/uar"] == metrics["cross/ravdess/two/uar"]
    children = [r for r in runs if r.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert {r.info.run_name for r in children} >= {"cross_corpus-corpus_two-seed_0"}
    times = {path: path.stat().st_mtime_ns for path in folder.glob("*/predictions*.csv")}
    assert len(times) == 6, "validation, test and the other corpus of both"
    code, printed = cross(tmp_path, store_root, corpora)
    assert "2 of 3 runs are there already; 1 to do" in printed
    assert times == {path: path.stat().st_mtime_ns for path in folder.glob("*/predictions*.csv")}
