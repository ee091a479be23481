"""What a person sees."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from ravdess_exp import terminal
from ravdess_exp.terminal import progress_bar, quiet_stderr


def test_chatter_of_c_libraries_is_held_back(capfd):
    with quiet_stderr():
        os.write(2, b"6 lines about CUDA\n")
    os.write(2, b"a warning afterwards\n")
    assert capfd.readouterr().err == "a warning afterwards\n"


def test_it_is_shown_when_the_start_fails(capfd):
    with pytest.raises(ImportError), quiet_stderr():
        os.write(2, b"libcuda is broken\n")
        raise ImportError
    assert "libcuda is broken" in capfd.readouterr().err


def test_progress_yields_every_item_and_writes_few_lines_into_a_log(capfd):
    items = list(progress_bar(iter(range(500)), total=500, label="preparing", shown=True))
    assert items == list(range(500))
    said = capfd.readouterr().err
    assert "preparing: 100%" in said and said.count("\r") < 5
    list(progress_bar(iter(range(5)), total=5, label="preparing", shown=False))
    assert capfd.readouterr().err == ""


FAILURES = {
    "ImportError": 'raise ImportError("libtensorflow is broken")',
    "SystemExit": "raise SystemExit(3)",
    "abort": "os.abort()",
    "exit": "os._exit(4)",
    "kill": "os.kill(os.getpid(), 9)",
}


def start_with(tensorflow: str, folder, **settings) -> subprocess.Popen:
    """The program in a fresh process, with this for TensorFlow; standard error comes by a pipe."""
    (folder / "fake").mkdir()
    (folder / "fake" / "tensorflow.py").write_text(tensorflow)
    path = os.pathsep.join([str(folder / "fake"), *filter(None, sys.path)])
    command = [sys.executable, "-m", "ravdess_exp", "tracking=none", "data.workers=1"]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **settings,
    )


@pytest.mark.slow
@pytest.mark.parametrize("how", FAILURES)
def test_a_start_that_fails_in_any_way_shows_what_was_held_back(tmp_path, how):
    chatter = 'import os\nos.write(2, b"not built for this processor\\n")\n'
    process = start_with(chatter + FAILURES[how], tmp_path)
    _, shown = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "not built for this processor" in shown
    if how == "ImportError":
        assert "ImportError: libtensorflow is broken" in shown


@pytest.mark.slow
@pytest.mark.parametrize("at_the_start", [signal.SIG_DFL, signal.SIG_IGN])
def test_ctrl_c_during_the_start_ends_in_our_line_alone(tmp_path, at_the_start):
    """What was held back is not why it ended.

    A shell that starts a program in the background, `nohup ... &`, has it ignore SIGINT.
    """
    started = tmp_path / "started"
    waiting = f"""
import os, pathlib, time
os.write(2, b"a driver is missing\\n")
pathlib.Path({str(started)!r}).touch()
time.sleep(60)
"""
    process = start_with(
        waiting, tmp_path, preexec_fn=lambda: signal.signal(signal.SIGINT, at_the_start)
    )
    while not started.exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, shown = process.communicate(timeout=60)
    assert process.returncode == 130
    assert shown.startswith("interrupted: ") and "a driver is missing" not in shown


def test_no_process_is_left_behind(capfd):
    before = psutil.Process().children()
    for fails in (False, True):
        with suppress(ImportError), quiet_stderr():
            if fails:
                raise ImportError
    assert psutil.Process().children() == before


def test_what_another_process_still_holds_does_not_stop_a_failing_start(capfd, monkeypatch):
    """A grandchild that inherited standard error keeps the pipe open; it is not waited for."""
    monkeypatch.setattr(terminal, "_PATIENCE", 0.2)
    with pytest.raises(ImportError), quiet_stderr():
        other = subprocess.Popen(["sleep", "20"])
        raise ImportError
    other.kill()
    other.wait()
