"""The page's server as a process: its port, its folder, and what is left however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ravdess_exp.page.server import is_everywhere, is_local

HOLD = """
import sys, time
from ravdess_exp.page.server import _private_folder
with _private_folder() as folder:
    (folder / "upload").write_text("a face")
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_uploads_are_gone_however_the_server_ends(end, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    folder = Path(process.stdout.readline().strip())
    assert folder.parent == tmp_path and folder.stat().st_mode & 0o777 == 0o700
    process.send_signal(end)
    process.communicate()
    deadline = time.monotonic() + 30
    while folder.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("host", "local", "everywhere"),
    [
        ("127.0.0.1", True, False),
        ("127.3.2.1", True, False),
        ("::1", True, False),
        ("localhost", True, False),
        ("0.0.0.0", False, True),  # noqa: S104 - nothing is bound
        ("::", False, True),
        ("192.168.1.5", False, False),
        ("my-machine", False, False),
    ],
)
def test_who_can_reach_it(host, local, everywhere):
    assert (is_local(host), is_everywhere(host)) == (local, everywhere)
