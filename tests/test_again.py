"""Commands that go on, or begin anew: words that mean the same in any other working folder."""

import shlex
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from ravdess_exp.again import continuing, new_command, recorded_command, run_command, study_command
from ravdess_exp.config.compose import check
from ravdess_exp.config.paths import as_meant
from ravdess_exp.places import SWEEP_FOLDER, anchored_settings, from_anywhere, read_override
from tests.helpers.names import NAMES, pasted


@pytest.fixture(params=["plain", "josé & co's", "a,b [c]", "${x}", "cr\r"])
def here(tmp_path, monkeypatch, request) -> Path:
    """A working folder by one of many names, with clips in it."""
    folder = tmp_path / request.param
    (folder / "clips").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def value(words: list[str], key: str) -> object:
    """What Hydra and OmegaConf make of the last override of a key."""
    word = [word for word in words if word.startswith(f"{key}=")][-1]
    return OmegaConf.create({"value": read_override(word).value()}).value


def arrived(line: str) -> list[str]:
    """What our program would be given by a shell that a line is pasted into."""
    told = line.replace("ravdess-exp", "printf '%s\\0'", 1)
    return pasted([told], "sh").decode().split("\0")[:-1]


def test_relative_places_become_absolute_and_nothing_else_changes(here):
    words = [
        "data=ravdess", "data.root=clips", "data.store=../store", "hydra.run.dir=out", "seed=1",
        "visual.weights=imagenet", "face.model=null", "tracking.uri=sqlite:///m.db", "-m",
        "tracking.uri=http://h:5000", "split.test=[1,2]", "data.root=${oc.env:HOME}", "name=clips",
    ]  # fmt: skip
    made = from_anywhere(words)
    assert value(made[1:2], "data.root") == str(here / "clips")
    assert value(made[2:3], "data.store") == str(here / ".." / "store")
    assert value(made[3:4], "hydra.run.dir") == str(here / "out")
    assert value(made[7:8], "tracking.uri") == f"sqlite:///{here}/m.db"
    unchanged = [0, 4, 5, 6, 8, 9, 10, 11, 12]
    assert [made[i] for i in unchanged] == [words[i] for i in unchanged]


def test_lists_and_options(here):
    made = from_anywhere(
        ["data.root=clips,'x y'", "hydra.searchpath=[clips]", "--config-dir", "clips"]
    )
    sweep = read_override(made[0])
    assert [str(here / name) for name in ("clips", "x y")] == [
        OmegaConf.create({"v": read_override(f"data.root={part}").value()}).v
        for part in sweep.sweep_string_iterator()
    ]
    assert list(value(made[1:2], "hydra.searchpath")) == [str(here / "clips")]
    assert made[2:] == ["--config-dir", str(here / "clips")]
    assert from_anywhere(["--config-dir=clips"]) == [f"--config-dir={here / 'clips'}"]


def test_what_goes_on_keeps_the_places_of_the_configuration(here):
    """Prepared store and database of runs stay those of the working folder of the first time."""
    settings = [
        ("data.store", "outputs/prepared"),
        ("tracking.uri", "sqlite:///outputs/m.db"),
        ("seed", 1),
    ]
    line = continuing(
        ["hydra.sweep.dir=x", "data.root=clips"], settings, key=SWEEP_FOLDER, folder="st"
    )
    words = arrived(line)
    assert len(words) == 4
    assert value(words, "hydra.sweep.dir") == str(here / "st")
    assert value(words, "data.store") == str(here / "outputs" / "prepared")
    assert value(words, "tracking.uri") == f"sqlite:///{here}/outputs/m.db"


def test_places_that_were_given_are_not_said_twice():
    assert anchored_settings([("data.store", "s")], ["data.store=x"]) == []
    assert anchored_settings([("data.store", "/s"), ("name", "x"), ("face.model", None)], []) == []


def recorded(folder: Path, given: dict, **more) -> None:
    """What Hydra writes of a multirun, or of a run."""
    choices = {"hydra/sweeper": more.pop("sweeper", "basic")}
    sources = [
        {"path": path, "schema": "file", "provider": "command-line"}
        for path in more.pop("path", ())
    ]
    runtime = {"config_sources": sources, "cwd": more.pop("cwd"), "choices": choices}
    node = {"hydra": {"runtime": runtime, "overrides": given}, **more}
    folder.parent.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(OmegaConf.create(node), folder)


def test_a_folder_tells_the_command_that_made_it(tmp_path, monkeypatch):
    """Wherever it is asked from, with the places that were relative then."""
    monkeypatch.chdir("/")
    given = {
        "task": ["experiment=mine", "data.root=clips"],
        "hydra": ["hydra/launcher=joblib", "hydra.mode=RUN"],
    }
    root = tmp_path / "st"
    recorded(
        root / "multirun.yaml", given, path=["/conf"], cwd="/home/é", data={"store": "prepared"}
    )
    for folder in (root, root / "actor_01-seed_0", root / "3" / "actor_01-seed_0"):
        assert shlex.split(recorded_command(folder)) == [
            "ravdess-exp", "--multirun", "--config-dir", "/conf", "hydra/launcher=joblib", "experiment=mine",
            'data.root="/home/é/clips"', 'data.store="/home/é/prepared"', f"hydra.sweep.dir={root}",
        ]  # fmt: skip


def test_a_run_of_a_study_is_told_as_one_run(tmp_path):
    given = {"task": ["experiment=loso", "split.test_actor=3"], "hydra": ["hydra.sweep.dir=x"]}
    recorded(tmp_path / ".hydra" / "hydra.yaml", given, cwd="/w")
    OmegaConf.save(
        OmegaConf.create({"folds": "all", "seeds": None}), tmp_path / ".hydra" / "config.yaml"
    )
    line = run_command(given["task"], tmp_path)
    assert line == "ravdess-exp experiment=loso split.test_actor=3 folds=one seeds=null"
    assert not check(shlex.split(line)[1:])[0].is_study
    assert recorded_command(tmp_path).endswith(f"folds=one seeds=null hydra.run.dir={tmp_path}")


def test_a_trial_is_not_searched_again_and_passwords_are_not_handed_on(tmp_path):
    given = {"task": [], "hydra": ["hydra.searchpath=[/conf]"]}
    recorded(tmp_path / "multirun.yaml", given, cwd="/w", sweeper="optuna")
    words = ["seed=1", "tracking.uri=postgresql://me:secret@h/d"]
    line = study_command(words, tmp_path / "trial_000")
    assert line == "ravdess-exp 'hydra.searchpath=[/conf]' seed=1 hydra/sweeper=basic"
    assert "secret" in new_command(words, tmp_path)


@pytest.mark.parametrize("text", ["", "x", "[]", "hydra: {}", "hydra: {runtime: 1}", "\x00"])
def test_a_damaged_record_tells_nothing(tmp_path, text):
    (tmp_path / "multirun.yaml").write_text(text)
    assert recorded_command(tmp_path) is None


def test_a_folder_by_any_name_through_a_shell_from_another_folder(tmp_path, monkeypatch):
    """As it was typed, relative; read; printed; pasted elsewhere; read again."""
    (tmp_path / "w").mkdir()
    monkeypatch.chdir(tmp_path / "w")
    lines = []
    for name in NAMES:
        Path(name).mkdir()
        words = as_meant([f"data.root={name}", f"hydra.run.dir={name}"], multirun=False)
        lines.append(continuing(words, [], key=SWEEP_FOLDER, folder=name))
    monkeypatch.chdir("/")
    for name, line in zip(NAMES, lines, strict=True):
        words = arrived(line)
        for key in ("data.root", "hydra.run.dir", SWEEP_FOLDER):
            assert Path(value(words, key)).samefile(tmp_path / "w" / name)
