"""A real browser without a window: what a page shows, as text and as a picture."""

import shutil
import subprocess
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_BUDGET = 30_000  # milliseconds of the page's own clock, which runs ahead while nothing loads


def rendered(address: str, folder: Path) -> str:
    """The page's DOM once its scripts have run; skips where there is no Chromium."""
    return _run("--dump-dom", address, folder)


def screenshot(address: str, folder: Path) -> Path:
    """The page as a picture; skips as above."""
    picture = folder / "page.png"
    _run(f"--screenshot={picture}", address, folder)
    return picture


def _run(option: str, address: str, folder: Path) -> str:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    command = [
        program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--window-size=1400,900", f"--virtual-time-budget={_BUDGET}",
        f"--user-data-dir={folder / 'profile'}", option, address,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=180).stdout
