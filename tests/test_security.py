"""Nothing that we read or are told can make the program run foreign code."""

import pickle
import re
import subprocess
import tomllib
from pathlib import Path

import keras
import numpy as np
import pytest

from ravdess_exp.config.compose import check
from ravdess_exp.corpus.manifest import scan
from ravdess_exp.errors import ConfigError
from ravdess_exp.models.fusion import load_model
from ravdess_exp.prepare.store import Store
from ravdess_exp.tracking import server

ROOT = Path(__file__).parents[1]


class Bomb:
    """What unpickles into a call."""

    def __reduce__(self):
        return pytest.fail, ("foreign code was run",)


@pytest.mark.parametrize("section", ["audio", "face", "split", "visual", "fusion", "augment"])
@pytest.mark.parametrize(
    "target", ["os.system", "builtins.eval", "ravdess_exp.config.check.validate"]
)
def test_a_component_is_one_of_those_that_the_schema_lists(section, target):
    with pytest.raises(ConfigError, match=re.escape(f"{section}._target_={target}: expected")):
        check([f"{section}._target_={target}"])


@pytest.mark.parametrize(
    "overrides",
    [
        ["hydra.launcher._target_=os.system"],
        ["hydra.sweeper._target_=subprocess.run"],
        ["+hydra.callbacks.mine._target_=os.system"],
        ["hydra/launcher=ray", "+hydra.launcher.ray.init.x._target_=os.system"],
        ["hydra/launcher=joblib", "+hydra.launcher.x=[{_target_: os.system}]"],
        ["+hydra.job_logging.handlers.mine={class: os.system}"],
        ["hydra.hydra_logging.handlers.console.class=subprocess.Popen"],
    ],
    ids=lambda overrides: overrides[-1],
)
def test_hydras_own_section_calls_nothing_foreign(overrides):
    with pytest.raises(ConfigError, match=r"^hydra\..*: expected .*; nothing else is called$"):
        check(overrides)


@pytest.mark.parametrize("launcher", ["basic", "joblib", "ray", "submitit_local", "submitit_slurm"])
@pytest.mark.parametrize("sweeper", ["basic", "optuna"])
def test_the_launchers_and_sweepers_that_there_are_still_work(launcher, sweeper):
    check([f"hydra/launcher={launcher}", f"hydra/sweeper={sweeper}"])


def test_a_model_with_code_in_it_is_not_loaded(tmp_path):
    """Python code hides in a Lambda layer; Keras's safe mode refuses it before it is unpacked."""
    inputs = keras.Input((2,))
    path = tmp_path / "model.keras"
    keras.Model(inputs, keras.layers.Lambda(lambda x: x + 1)(inputs)).save(path)
    with pytest.raises(ValueError, match="safe_mode"):
        load_model(path)


def test_a_pickle_in_the_prepared_store_is_not_opened(tmp_path):
    store = Store(tmp_path)
    key = store.key("feature", "content", {})
    path = store._path(key)
    path.parent.mkdir(parents=True)
    for write in (
        lambda: np.savez(path, feature=np.array([Bomb()], dtype=object), allow_pickle=True),
        lambda: path.write_bytes(pickle.dumps(Bomb())),
    ):
        write()
        assert store.get(key) is None


def test_file_names_are_never_commands(tmp_path):
    """Names that a shell would obey are told as they are, and nothing happens."""
    evil = ["$(touch x).mp4", "; touch x;.mp4", "`touch x`.mp4", "--help.mp4", "a\ntouch x.mp4"]
    (tmp_path / "clips").mkdir()
    for name in [*evil, "01-01-03-01-01-01-01.mp4"]:
        (tmp_path / "clips" / name).touch()
    found = scan(tmp_path / "clips")
    assert [clip.name for clip in found.clips] == ["01-01-03-01-01-01-01"]
    assert {path.name for path, _ in found.rejected} == set(evil)
    assert [path.name for path in tmp_path.iterdir()] == ["clips"]


def test_no_shell_no_pickle_no_eval_in_the_code():
    """Ruff's rules for these (S102, S301, S307, S506, S602, S605) are on, and nobody switched them off."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in settings["select"] and not {"S102", "S301", "S307"} & set(settings["ignore"])
    files = [p for top in ("ravdess_exp", "scripts") for p in (ROOT / top).rglob("*.py")]
    assert len(files) > 50
    silenced = [
        p.name for p in files if re.search(r"noqa: *S(102|30[127]|506|602|604|605)", p.read_text())
    ]
    assert not silenced


def test_every_dependency_is_pinned_with_hashes():
    text = (ROOT / "requirements.txt").read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    assert len(packages) > 100
    assert all("==" in line and "--hash=sha256:" in line for line in packages)
    assert "--require-hashes" in (ROOT / "Makefile").read_text()


def test_mlflows_page_is_for_this_machine_only(monkeypatch):
    """`make ui` is `ravdess-exp ui`, and its server listens to the loopback address alone."""
    done = subprocess.run(
        ["make", "--dry-run", "ui"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "/ravdess-exp ui\n" in done.stdout
    started = []

    class StartedError(Exception):
        pass

    def popen(command, **kwargs):
        started.append(command)
        raise StartedError

    monkeypatch.setattr(server.subprocess, "Popen", popen)
    with pytest.raises(StartedError), server.local_server_of("sqlite:///x.db", 5000):
        pass
    assert started[0][started[0].index("--host") + 1] == "127.0.0.1"
