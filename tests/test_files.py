"""Folders that one process at a time works in."""

import subprocess
import sys

import pytest

from ravdess_exp.errors import OutputError
from ravdess_exp.files import alone
from ravdess_exp.run.experiment import run

HOLDER = """
import sys
from pathlib import Path
from ravdess_exp.files import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process at work in `tmp_path/run`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "run")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_two_processes_do_not_work_in_one_folder(configure, tmp_path, holder):
    before = sorted((tmp_path / "run").iterdir())
    with pytest.raises(OutputError, match="run: another process is at work in it; wait until"):
        run(configure("tracking=none"), folder=tmp_path / "run")
    assert sorted((tmp_path / "run").iterdir()) == before, "nothing of the other's is touched"


def test_a_killed_process_holds_nothing(tmp_path, holder):
    holder.kill()
    holder.wait()
    with alone(tmp_path / "run"), pytest.raises(OutputError), alone(tmp_path / "run"):
        pass
    with alone(tmp_path / "run"):
        assert not list((tmp_path / "run").iterdir()), "the lock is no file"


def test_a_file_system_without_locks_is_no_error(tmp_path, monkeypatch):
    def refuse(*args):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("ravdess_exp.files.fcntl.flock", refuse)
    with alone(tmp_path / "run"):
        assert (tmp_path / "run").is_dir()
