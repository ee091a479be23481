"""`ravdess-exp explain` as a user types it."""

import json
import subprocess
import sys

import pytest

from ravdess_exp.cli.commands import run_command
from ravdess_exp.run.clips import build_recipe
from tests.helpers.bundles import bundle_of


def main(*arguments: object) -> int:
    return run_command("explain", list(map(str, arguments)))


@pytest.fixture
def run(configure, tmp_path):
    """A run's folder, whose model says the same of every sound."""
    bundle_of(build_recipe(configure("audio.standardise=train"))).save(tmp_path / "run" / "bundle")
    return tmp_path / "run"


def test_sentences_and_numbers_of_a_model_that_says_the_same_of_all(
    run, clip_path, tmp_path, capsys
):
    assert main(run, clip_path, "--output", tmp_path / "why.json", "--class", "angry") == 0
    said = capsys.readouterr().out
    assert (
        f"{clip_path}: angry, probability 0.50 (the model says calm)." in said
        and "Numbers: " in said
    )
    assert "No stretch and no band of the sound spoke for this class." in said
    found = json.loads((tmp_path / "why.json").read_text())
    assert found["explained"] == "angry" and found["shares"] == {"audio": 1.0}
    assert found["heat"] is None and not any(found["time_importance"] + found["band_importance"])
    assert found["prediction"]["file"] == str(clip_path)


def test_a_part_of_a_long_file_is_explained_by_its_seconds(run, clip_path, tmp_path, capsys):
    """The times are those of the file."""
    out = tmp_path / "why.json"
    assert main(run, clip_path, "--segment", "0.5-1.5", "--output", out) == 0
    assert f"{clip_path}, 0.5 to 1.5 s: calm" in capsys.readouterr().out
    times = json.loads(out.read_text())["times"]
    assert 0.5 <= times[0][0] < times[-1][1] <= 1.51


def test_a_file_without_sound_has_its_reason_and_exit_code_1(run, tmp_path, capsys):
    (tmp_path / "a.mp4").write_text("no film")
    assert main(run, tmp_path / "a.mp4", "--output", tmp_path / "why.png") == 1
    said = capsys.readouterr()
    assert "not a readable media file" in said.err and said.err.count("\n") == 1
    assert not (tmp_path / "why.png").exists()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--output", "why.pdf"], "--output why.pdf: expected a name ending in .png, .html, .json"),
        (["--output", "no/such/why.png"], "no such folder; make it first"),
        (["--class", "bored"], "a class 'bored': this model knows calm, angry"),
    ],
)
def test_a_mistake_is_a_line(run, clip_path, more, reason, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(run, clip_path, *more) == 2
    said = capsys.readouterr().err
    assert reason in said and said.count("\n") == 1 and said.startswith("error: ")


@pytest.mark.parametrize("segment", ["1", "5-3", "a-b", "1-inf"])
def test_a_segment_that_is_none_is_told(segment, capsys):
    assert main("run", "a.mp4", "--segment", segment) == 2
    assert f"--segment: '{segment}': expected" in capsys.readouterr().err


def test_a_mistake_does_not_wait_for_tensorflow(tmp_path):
    code = (
        "import sys; from ravdess_exp.cli.commands import run_command\n"
        "run_command('explain', ['nowhere', 'x.mp4'])\n"
        "assert not {'tensorflow', 'keras', 'mlflow', 'matplotlib'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0 and "nowhere: does not exist" in done.stderr
