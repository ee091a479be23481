"""Folders that one process at a time works in."""

import errno
import fcntl
import os
import subprocess
import sys
import threading
import time

import pytest
from filelock import Timeout

from ravdess_exp.errors import OutputError
from ravdess_exp.files import LOCK, alone, locked
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
        assert [path.name for path in (tmp_path / "run").iterdir()] == [LOCK]


def test_an_error_in_the_block_is_not_taken_for_another_process(tmp_path):
    with pytest.raises(TimeoutError, match="other.lock"), alone(tmp_path / "run"):
        raise Timeout("other.lock")


def test_a_lock_is_waited_for_where_that_is_asked(tmp_path, holder):
    threading.Timer(0.3, holder.kill).start()
    started = time.monotonic()
    with locked(tmp_path / "run" / LOCK, wait=True) as really:
        assert really and time.monotonic() - started >= 0.3


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_is_no_error(tmp_path, monkeypatch, number):
    def refuse(*args):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with alone(tmp_path / "run"):
        assert (tmp_path / "run").is_dir()
