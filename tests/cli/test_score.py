"""`ravdess-exp score`: the predictions of any model, with our statistics."""

import json

import pytest

from ravdess_exp.cli.commands import act
from ravdess_exp.errors import ComparisonError


def table(path, right):
    """Eight speakers who say each of two classes three times; `right` of each three are recognised."""
    rows = ["speaker,file,truth,guess"]
    rows += [
        f"sp{speaker},{speaker}-{emotion}-{take}.wav,{emotion},{emotion if take < right else 'other'}"
        for speaker in range(8)
        for emotion in ("joy", "other")
        for take in range(3)
    ]
    path.write_text("\n".join(rows))
    return path


def test_scores_with_intervals_and_a_comparison(tmp_path, capsys):
    files = [str(table(tmp_path / f"model {right}.csv", right)) for right in (1, 3)]
    output = tmp_path / "new folder" / "scores.json"
    assert act("score", [*files, "--columns", "prediction=guess", "--output", str(output)]) == 0
    printed = capsys.readouterr().out
    for text in (
        "model 1: 48 clips of 8 actors, 2 classes",
        "UAR       0.667   95% interval 0.667 to 0.667   (chance 0.500)",
        "model 3 is better than model 1: UAR 0.667",
        "cannot be seen in its predictions",
    ):
        assert text in printed
    content = json.loads(output.read_text())
    assert content["scores"]["model 1"]["recall"] == {"joy": pytest.approx(1 / 3), "other": 1}
    assert content["comparisons"][0]["difference"] == pytest.approx(1 / 3)


def test_a_column_that_is_not_found_names_those_there_are(tmp_path):
    with pytest.raises(ComparisonError, match="found speaker, file, truth, guess. --columns pred"):
        act("score", [str(table(tmp_path / "t.csv", 1))])


def test_columns_are_pairs(tmp_path, capsys):
    with pytest.raises(SystemExit):
        act("score", [str(table(tmp_path / "t.csv", 1)), "--columns", "guess"])
    assert "expected pairs such as actor=NAME" in capsys.readouterr().err
