"""Ctrl-C works in what the tests start, however the tests were started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"


def test_a_process_that_a_test_starts_can_be_interrupted():
    answer = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True)
    assert answer.stdout == "True\n"


@pytest.mark.slow
def test_also_where_the_tests_run_in_the_background():
    """As by `nohup make test &`: this module's first test, with SIGINT ignored at the start."""
    test = f"{__file__}::{test_a_process_that_a_test_starts_can_be_interrupted.__name__}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout
