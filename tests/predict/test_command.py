"""`ravdess-exp predict` as a user types it."""

import csv
import io
import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

import ravdess_exp
from ravdess_exp.cli.commands import run_command
from ravdess_exp.predict.facts import Facts
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.scoring.sureness import Threshold
from tests.helpers.bundles import bundle_of, late_bundle_of
from tests.helpers.runs import of_run

CLASSES = ["neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised"]


def main(*arguments: object) -> int:
    """The subcommand in this process; returns its exit code."""
    return run_command("predict", list(map(str, arguments)))


COMMAND = [sys.executable, "-m", "ravdess_exp", "predict"]


@pytest.mark.slow
def test_a_folder_and_a_file_in_a_fresh_process(trained, corpus, tmp_path):
    """A table, a csv that holds the run's own probabilities, and exit code 0."""
    test = corpus / "Actor_04"
    (tmp_path / "clips").mkdir()
    shutil.copytree(test, tmp_path / "clips" / "deep" / "er")
    (tmp_path / "clips" / "notes.txt").write_text("no clip, and no failure")
    (tmp_path / "clips" / "._x.mp4").write_text("a Mac's")
    done = subprocess.run(
        [*COMMAND, str(trained), "clips", str(corpus / "Actor_03" / "01-01-03-01-01-01-03.mp4"),
         "--output", "out.csv"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == "", done.stderr
    header, *rows = done.stdout.splitlines()
    assert header.split() == ["file", "prediction", *CLASSES] and len(rows) == 9
    expected = of_run(trained)
    table = pd.read_csv(tmp_path / "out.csv")
    assert len(table) == 9
    for _, row in table.head(8).iterrows():
        own = expected.loc[row.file.rpartition("/")[2].removesuffix(".mp4")]
        np.testing.assert_allclose(
            row[CLASSES].astype(float), own[CLASSES].astype(float), atol=1e-5
        )
        assert row.prediction == own.prediction


@pytest.mark.slow
def test_failures_are_listed_and_the_others_go_on(trained, clip_path, tmp_path, capsys):
    (tmp_path / "t.mp4").write_text("no film")
    out = tmp_path / "out.json"
    code = main(str(trained), str(tmp_path / "t.mp4"), "nowhere.mp4", str(clip_path),
                 "--output", str(out))  # fmt: skip
    said = capsys.readouterr()
    assert code == 1 and "2 of 3 failed" in said.err
    assert f"{tmp_path / 't.mp4'}: not a readable media file" in said.err
    assert "nowhere.mp4: cannot be read (No such file or directory)" in said.err
    first, second, third = json.loads(out.read_text())
    assert first["reason"] and second["reason"] and third["reason"] is None
    assert first["prediction"] is None and sum(third[n] for n in CLASSES) == pytest.approx(1)


@pytest.mark.slow
def test_a_list_on_standard_input(trained, clip_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{clip_path}\n\n{clip_path}\n"))
    assert main(str(trained), "-") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.slow
def test_windows_give_a_time_line(trained, clip_path, tmp_path, capsys):
    out = tmp_path / "line.csv"
    code = main(
        str(trained), str(clip_path), "--windows", "1", "--step", "0.5", "--output", str(out)
    )
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["window_start"]) for row in rows[:3]] == [0.0, 0.5, 1.0]
    assert len(rows) == 3 and code == int(any(row["reason"] for row in rows))
    assert capsys.readouterr().out.splitlines()[0].split()[:3] == ["file", "seconds", "prediction"]


@pytest.mark.parametrize(("value", "sure"), [(0.0, True), (1.1, False), (None, False)])
def test_what_it_is_not_sure_of_is_said_beside_the_class(
    value, sure, configure, clip_path, tmp_path, capsys
):
    """As the threshold in the bundle has it; where none was reached, of nothing."""
    bundle = bundle_of(build_recipe(configure("audio.standardise=train")))
    facts = replace(bundle.facts, sure=Threshold(0.8, value))
    replace(bundle, facts=facts).save(tmp_path / "run" / "bundle")
    for ending in ("csv", "json"):
        assert main(tmp_path / "run", clip_path, "--output", tmp_path / f"out.{ending}") == 0
    row = capsys.readouterr().out.splitlines()[1]
    assert "calm" in row and ("(not sure)" in row) != sure
    (made,) = json.loads((tmp_path / "out.json").read_text())
    assert made["sure"] is sure and made["prediction"] == "calm"
    assert pd.read_csv(tmp_path / "out.csv").columns[-1] == "sure"


def test_a_bundle_of_version_0_2_has_no_threshold(configure, clip_path, tmp_path, capsys):
    """Its facts know no `sure`; nothing is said of it."""
    bundle = bundle_of(build_recipe(configure("audio.standardise=train")))
    older = bundle.facts.as_dict()
    del older["sure"]
    replace(bundle, facts=Facts.from_dict(older)).save(tmp_path / "bundle")
    assert main(tmp_path, clip_path, "--output", tmp_path / "out.json") == 0
    assert "not sure" not in capsys.readouterr().out
    assert json.loads((tmp_path / "out.json").read_text())[0]["sure"] is None


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nowhere", "x.mp4"], "error: nowhere: does not exist; expected the folder of a run"),
        ([".", "x.mp4"], "error: .: no run in it; expected"),
        ([".", "x.mp4", "--output", "out.txt"], "expected a name ending in .csv or .json"),
        ([".", "x.mp4", "--output", "no/such/out.csv"], "no such folder; make it first"),
        ([".", "x.mp4", "--step", "1"], "--step is of windows; give --windows too"),
        ([".", "x.mp4", "--windows", "-1"], "windows of -1 s: expected more than 0"),
        (["."], "no FILE given: expected a recording, a folder of them, or --camera 0"),
        ([".", "--camera", "0", "x.mp4"], "--camera is in place of files; give one of the two"),
        ([".", "--camera", "0", "--step", "1"], "--step is of files"),
        (["runs:/1/model", "x.mp4", "--uri", "sqlite:///no.db"], "MLflow has no database at no.db"),
    ],
)
def test_a_mistake_is_a_line(arguments, reason, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(*arguments) == 2
    said = capsys.readouterr().err
    assert reason in said and said.count("\n") == 1 and said.startswith("error: ")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["nowhere", "x.mp4"], [".", "x", "--windows", "0"]]
)
def test_help_and_mistakes_do_not_wait_for_tensorflow(arguments, tmp_path):
    code = (
        "import sys; from ravdess_exp.cli.commands import run_command\n"
        "run_command('predict', sys.argv[1:])\n"
        "assert not {'tensorflow', 'keras', 'mlflow', 'librosa'} & set(sys.modules)"
    )
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert time.perf_counter() - started < 2


def test_a_folder_without_a_recording_is_a_mistake(tmp_path, capsys, monkeypatch):
    bundle = tmp_path / "run" / "bundle"
    bundle.mkdir(parents=True)
    (bundle / "bundle.json").write_text("{}")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.TXT").touch()
    assert main(str(tmp_path / "run"), str(tmp_path / "empty")) == 2
    assert "no recording in it, but 1 .txt" in capsys.readouterr().err


@pytest.mark.slow
def test_a_trained_model_is_explained(trained, clip_path, tmp_path, monkeypatch, capsys):
    """A picture in the folder where one is, numbers, and the same by `load`."""
    monkeypatch.chdir(tmp_path)
    explained = partial(run_command, "explain")
    assert explained([str(trained), str(clip_path)]) == 0
    said = capsys.readouterr().out
    picture = tmp_path / f"{clip_path.stem}_explained.png"
    assert f"Picture: {picture.name}" in said and "The model learned from this very clip." in said
    assert picture.read_bytes().startswith(b"\x89PNG")
    how = ["--picture", "occlusion", "--output", "why.json"]
    assert explained([str(trained), str(clip_path), *how]) == 0
    written = json.loads((tmp_path / "why.json").read_text())
    found = ravdess_exp.load(trained).explain(clip_path)
    assert found.methods["face"] == "grad_cam" and found.heat.shape == (6, 16, 16)
    assert np.shape(written["heat"]) == (6, 6, 6) and len(found.crops) == 6
    np.testing.assert_allclose(written["frame_importance"], found.frame_importance, atol=1e-6)
    assert found.prediction.probabilities == pytest.approx(
        ravdess_exp.load(trained).predict(clip_path).probabilities
    )


def test_a_camera_is_a_time_line_of_picture_alone(configure, clip_path, tmp_path, capsys):
    """A film in its place; a model that needs sound, and a camera that is not there, are a line each."""
    recipe = build_recipe(configure())
    late_bundle_of(recipe).save(tmp_path / "run" / "bundle")
    out = tmp_path / "out.json"
    assert main(tmp_path / "run", "--camera", clip_path, "--windows", "0.7", "--output", out) == 0
    said = capsys.readouterr().out
    assert said.startswith("picture only, since OpenCV records no sound")
    first, *_ = json.loads(out.read_text())
    assert first["prediction"] == "angry" and first["faces"] > 0 and first["remarks"] == ""
    assert first["window_start"] == pytest.approx(0.0, abs=0.3)
    needs_both = late_bundle_of(recipe)
    facts = replace(needs_both.facts, missing_inputs=False)
    replace(needs_both, facts=facts).save(tmp_path / "other" / "bundle")
    assert main(tmp_path / "other", "--camera", clip_path) == 2
    assert "this model needs sound" in capsys.readouterr().err
    assert main(tmp_path / "run", "--camera", "97") == 2
    assert capsys.readouterr().err.startswith("error: --camera: camera 97: no such camera")


def test_options_may_stand_before_files(configure, clip_path, tmp_path):
    bundle_of(build_recipe(configure("audio.standardise=train"))).save(tmp_path / "run" / "bundle")
    out = tmp_path / "out.json"
    assert main(tmp_path / "run", "--output", out, clip_path, clip_path) == 0
    assert len(json.loads(out.read_text())) == 2
