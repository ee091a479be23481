"""A real browser driven through its DevTools protocol, over a pipe: no driver and no package is needed.

Protocol: https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.browser import NAMES

_PATIENCE = 120.0  # seconds; the machine may do much else
_POLL = 0.1


class Page:
    """One tab. requests: the addresses of all that it asked for; errors: what its scripts raised."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._buffer, self._number = b"", 0
        self._session: str | None = None
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "DOM", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of one command; raises `AssertionError` where the browser refuses it."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            piece = os.read(self._read, 2**16)
            assert piece, "the browser ended"
            self._buffer += piece
        message, self._buffer = self._buffer.split(b"\0", 1)
        event = json.loads(message)
        self._note(event.get("method"), event.get("params", {}))
        return event

    def _note(self, method: str | None, of: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(of["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(of["exceptionDetails"])[:500])
        elif method == "Log.entryAdded" and of["entry"]["level"] == "error":
            self.errors.append(of["entry"]["text"])
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(of["message"])

    def open(self, address: str) -> None:
        """Go there, and wait until the page's scripts have run."""
        self.call("Page.navigate", url=address)
        self.wait("document.documentElement?.dataset.ready === 'yes'")

    def run(self, script: str) -> Any:
        """What an expression gives, as JSON; a promise is waited for."""
        of = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in of, of["exceptionDetails"]
        return of["result"].get("value")

    def wait(self, script: str) -> Any:
        """Until an expression is true; what it gives."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if value := self.run(script):
                return value
            time.sleep(_POLL)
        raise AssertionError(
            f"not within {_PATIENCE:g} s: {script}; {self.run('document.body.innerText')}"
        )

    def click(self, selector: str) -> None:
        """As a person does: a click counts as a gesture."""
        expression = f"document.querySelector({json.dumps(selector)}).click()"
        self.call("Runtime.evaluate", expression=expression, userGesture=True)

    def choose_files(self, selector: str, files: Sequence[Path]) -> None:
        """Put files into a file input."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(file) for file in files], nodeId=node)

    def resize(self, width: int, height: int = 900) -> None:
        """As on a screen of so many pixels; below 600 as a telephone."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip

    def picture(self, path: Path) -> Path:
        """The whole page as a PNG file."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path


@contextmanager
def browser(folder: Path, *options: str) -> Iterator[Page]:
    """A browser without a window until the block ends; skips where no Chromium is installed."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    command = [
        program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--remote-debugging-pipe", "--window-size=1400,900",
        f"--user-data-dir={folder / 'profile'}", *options, "about:blank",
    ]  # fmt: skip
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    # the browser reads from descriptor 3 and writes to 4; these may be among our own
    high_in, high_out = (
        fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (theirs_in, theirs_out)
    )

    def place() -> None:
        os.dup2(high_in, 3)
        os.dup2(high_out, 4)

    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, preexec_fn=place, close_fds=False, **quiet)
    for ours in (theirs_in, theirs_out, high_in, high_out):
        os.close(ours)
    try:
        yield Page(ours_out, ours_in)
    finally:
        os.close(ours_out)
        os.close(ours_in)
        process.terminate()
        process.wait(20)
