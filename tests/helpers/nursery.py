"""Starts the program by the dozen: a process that has imported everything forks for each start.

So a start takes a fraction of a second instead of six, and what is killed is a process of its own.
Figures are made there and not drawn, which takes a third of a small run; fresh processes draw them.
"""

import atexit
import functools
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

_LONGEST = 300  # seconds after which a start is ended by the system: no test hangs


class Nursery:
    """The test's end. Use it as a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.nursery"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, *exc) -> None:
        self._process.stdin.close()
        self._process.wait(30)

    def start(self, arguments: Sequence[str], cwd: Path) -> int:
        """Start the program there, in the environment of now. Returns its pid.

        What it prints is added to printed.txt.
        """
        order = {"arguments": list(arguments), "cwd": str(cwd), "environment": dict(os.environ)}
        return int(self._ask(order))

    def wait(self, pid: int) -> int:
        """Exit code, negative for a signal."""
        return int(self._ask({"wait": pid}))

    def run(self, arguments: Sequence[str], cwd: Path) -> tuple[int, str]:
        """Exit code and what was printed."""
        before = len(printed(cwd))
        code = self.wait(self.start(arguments, cwd))
        return code, printed(cwd)[before:]

    def stop(
        self,
        arguments: Sequence[str],
        cwd: Path,
        progress: Callable[[], int],
        *,
        after: int,
        then: float = 0.0,
        by: int = signal.SIGKILL,
    ) -> int:
        """Start it, and send a signal `then` seconds after it made this much progress.

        Returns the exit code.
        """
        enough = progress() + after
        pid = self.start(arguments, cwd)
        deadline = time.monotonic() + _LONGEST
        while progress() < enough and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(then)
        os.kill(pid, by)
        return self.wait(pid)

    def _ask(self, order: dict) -> str:
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> str:
        line = self._process.stdout.readline()
        assert line, "the nursery has ended"
        return line.strip()


@functools.lru_cache(maxsize=1)
def nursery() -> Nursery:
    """The one of this process, opened when it is first needed."""
    opened = Nursery()
    atexit.register(opened.__exit__)
    return opened


def printed(cwd: Path) -> str:
    """All that was printed by what was started there."""
    path = cwd / "printed.txt"
    return path.read_text() if path.exists() else ""


def _child(arguments: list[str], cwd: str, environment: dict[str, str]) -> None:
    from ravdess_exp.__main__ import main

    signal.alarm(_LONGEST)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    out = os.open("printed.txt", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(out, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["ravdess-exp", *arguments]
    code = 1
    try:
        main()
    except SystemExit as error:
        code = error.code or 0
    finally:
        sys.stdout.flush()
        os._exit(code)


def _save_nothing(figure: object, where: object, **how: object) -> None:
    """An empty picture, to a path or into a buffer."""
    if not hasattr(where, "write"):
        Path(where).write_bytes(b"")


def _serve() -> None:
    import librosa
    import numpy as np
    from matplotlib.figure import Figure

    import ravdess_exp.run.experiment  # noqa: F401 - TensorFlow, MLflow and all the rest

    librosa.feature.mfcc(y=np.zeros(16000, np.float32), sr=16000)  # compiled once, for all
    Figure.savefig = _save_nothing
    gc.collect()
    gc.freeze()  # no child looks through all that is imported
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        pid = os.fork()
        if not pid:
            _child(**order)
        print(pid, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    _serve()
