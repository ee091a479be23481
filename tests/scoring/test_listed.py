"""Tables of predictions, ours and other people's."""

import numpy as np
import pandas as pd
import pytest

from ravdess_exp.errors import ComparisonError
from ravdess_exp.scoring.comparison import Result, compare
from ravdess_exp.scoring.listed import read_listed
from ravdess_exp.scoring.predictions import Predictions
from ravdess_exp.scoring.study_scores import StudyScores

CLASSES = ("happy", "angry", "sad")


def written(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def ours(tmp_path):
    """Predictions of eight speakers by one run, and the file that it wrote."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(3), 16)
    found = Predictions(
        names=CLASSES,
        clips=tuple(f"clip{i}" for i in range(48)),
        actors=np.repeat(np.arange(1, 9), 6),
        labels=labels,
        probabilities=rng.dirichlet([1, 1, 1], 48) * 0.5 + 0.5 * np.eye(3)[labels] * 0.6 + 0.2 / 3,
    )
    found.save(tmp_path / "predictions.csv")
    return found, tmp_path / "predictions.csv"


def test_a_file_of_ours_has_the_scores_that_the_run_had(ours):
    found, path = ours
    scores = StudyScores.of(read_listed(path, {}).pooled)
    assert scores.uar.value == pytest.approx(found.scores().uar)
    assert (scores.uar.low, scores.uar.high) == pytest.approx(found.uar_interval())
    assert scores.calibration.log_loss == pytest.approx(found.calibration().log_loss, abs=1e-4)


def test_the_same_predictions_under_other_names_and_in_another_form(ours, tmp_path):
    path = ours[1]
    other = pd.read_csv(path).rename(columns={"actor": "who", "label": "y_true", "clip": "File"})
    other = other.drop(columns="prediction")[["sad", "who", "happy", "y_true", "File", "angry"]]
    text = other.sample(frac=1, random_state=1).to_csv(sep=";", index=False)
    theirs = written(tmp_path / "theirs.csv", "\ufeff" + text.replace("\n", "\r\n"))
    first, second = read_listed(path, {}), read_listed(theirs, {"actor": "who"})
    difference = compare([first, second])[0]
    assert difference.difference == 0 and difference.p == 1
    assert np.allclose(first.pooled.probabilities, second.pooled.probabilities)


def test_a_study_of_several_seeds_is_compared_with_a_plain_table(ours, tmp_path):
    path = ours[1]
    table = pd.read_csv(path)
    seeds = pd.concat([table.assign(fold="all", seed=seed) for seed in (0, 1)])
    seeds.to_csv(tmp_path / "study.csv", index=False)
    plain = table[["clip", "actor", "label", "prediction"]]
    plain.to_csv(tmp_path / "plain.csv", index=False)
    study, one = (read_listed(tmp_path / f"{name}.csv", {}) for name in ("study", "plain"))
    assert study.pooled.labels.shape == (48, 2)
    assert compare([study, one])[0].difference == pytest.approx(0)
    assert one.pooled.probabilities is None, "a predicted class is no probability"
    assert isinstance(one, Result) and one.pooled.names == ("angry", "happy", "sad")


def test_a_class_that_no_row_has_is_one_where_the_probabilities_say_so(tmp_path):
    text = (
        "speaker,truth,confidence,happy,sad,calm\n1,happy,0.5,0.5,0.2,0.3\n2,sad,0.6,0.1,0.6,0.3\n"
    )
    with pytest.raises(
        ComparisonError, match="line 2: expected probabilities .* calm 0.3, confidence"
    ):
        read_listed(written(tmp_path / "t.csv", text), {})
    text = text.replace("confidence,", "").replace("0.5,0.5", "0.5").replace("0.6,0.1", "0.1")
    pooled = read_listed(written(tmp_path / "t.csv", text), {}).pooled
    assert pooled.names == ("calm", "happy", "sad")
    assert pooled.predicted.ravel().tolist() == [1, 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected a table"),
        (bytes(range(256)), "expected a table"),
        ("speaker,truth,pred\n", "no rows"),
        ("file,truth,pred\na,x,y\n", "no column for who speaks.*found file, truth, pred"),
        ("speaker,pred\n1,y\n", "no column for the true class"),
        ("speaker,truth\n1,y\n", "no column for the predicted class, nor probabilities"),
        ("speaker,truth,pred\n1,x,y\n1,,y\n", "line 3: nothing in the column truth"),
        ("file,speaker,truth,pred\na,1,x,y\na,1,x,y\n", "line 3: a is listed before"),
        ("speaker,truth,x,y\n1,x,0.9,0.9\n", "line 2: expected probabilities.*x 0.9, y 0.9"),
        ("speaker,truth,x,y\n1,x,-1,2\n", "line 2: expected probabilities"),
        ("speaker,truth,x,y\n1,x,nan,0.4\n", "line 2: expected probabilities"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_predictions_is_refused(content, message, tmp_path):
    with pytest.raises(ComparisonError, match=message):
        read_listed(written(tmp_path / "table.csv", content), {})
    with pytest.raises(ComparisonError, match="no column nix; its columns are"):
        text = "speaker,truth,pred\n1,x,y\n"
        read_listed(written(tmp_path / "good.csv", text), {"actor": "nix"})
