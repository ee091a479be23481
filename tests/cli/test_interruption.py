"""Ctrl-C at any moment: our line with a command, whatever a library makes of the interrupt."""

import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import pytest

from ravdess_exp.cli.exit_codes import exit_code
from ravdess_exp.cli.interruption import interruptible
from ravdess_exp.command import our_command

WORDS = ["data.root=/my clips", "seed=1"]


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """The block leaves signals ignored, for a process that ends; the command line is not pytest's."""
    monkeypatch.setattr(sys, "argv", ["ravdess-exp"])
    heeded = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in heeded.items():
        signal.signal(number, handler)
    sys.unraisablehook = sys.__unraisablehook__


def plain():
    signal.raise_signal(signal.SIGINT)


def by_a_cluster():
    signal.raise_signal(signal.SIGTERM)


def within_an_import():
    """As where a module is written in C: the interrupt ends as another error."""
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise ImportError("initialization failed") from None


def as_a_system_exit():
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        sys.exit(1)


def in_a_destructor():
    class Fragile:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    Fragile()
    gc.collect()
    time.sleep(5)  # the work that it was to end
    pytest.fail("it was lost")


def passed_over_by_an_import():
    """As by a library that tries to import another one: `except:` is of an interrupt too."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "passes_over.py").write_text(
            "import signal, time\n"
            "try:\n    signal.raise_signal(signal.SIGINT)\nexcept BaseException:\n    pass\n"
            "for _ in range(500):\n    time.sleep(0.01)\n"
        )
        sys.path.insert(0, folder)
        try:
            import_module("passes_over")
        finally:
            sys.path.remove(folder)
    pytest.fail("it was lost")


@pytest.mark.parametrize(
    "moment",
    [
        plain,
        by_a_cluster,
        within_an_import,
        as_a_system_exit,
        in_a_destructor,
        passed_over_by_an_import,
    ],
)
def test_it_ends_in_our_line(moment, capsys):
    def act():
        with interruptible(WORDS):
            moment()

    assert exit_code(act) == 130
    said = capsys.readouterr().err
    assert said == (
        "interrupted: nothing was begun that would be lost; this command starts again:\n"
        f"  {our_command(*WORDS)}\n"
    )
    signal.raise_signal(signal.SIGINT)  # a second one, while the process ends


def test_who_knows_better_is_heard(capsys):
    def act():
        with interruptible(WORDS):
            try:
                plain()
            except KeyboardInterrupt:
                raise KeyboardInterrupt("this is kept; do that") from None

    assert (
        exit_code(act) == 130 and capsys.readouterr().err == "interrupted: this is kept; do that\n"
    )


def test_an_error_without_an_interrupt_stays_one():
    with pytest.raises(ImportError), interruptible(WORDS):
        raise ImportError("no such module")


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.6, 2.0])
def test_before_and_in_the_heavy_imports(seconds, tmp_path):
    """In a fresh process, to it and all that it has started, as a terminal does.

    Counted from when signals are heeded: before, it is Python that starts.
    """
    command = [sys.executable, "-m", "ravdess_exp", "data=demo", "tracking=none"]
    path = os.pathsep.join(filter(None, [str(Path.cwd()), *sys.path]))
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not _heeds_sigterm(process.pid):
        assert process.poll() is None
        time.sleep(0.005)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode in (130, -signal.SIGINT)  # a shell says 130 of both
    assert "ravdess-exp data=demo tracking=none" in said.splitlines()[-1], said
    # what TensorFlow says of itself while it is imported may stand in front
    assert "Traceback" not in said and "interrupted: " in said


def _heeds_sigterm(pid: int) -> bool:
    """Whether the process handles it itself, which Python does not by itself."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (caught,) = (line.split()[1] for line in lines if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)
