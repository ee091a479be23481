"""A real browser without a window: what a page shows, as text and as a picture."""

import shutil
import subprocess
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_BUDGET = 30_000  # milliseconds of the page's own clock, which runs ahead while nothing loads


def rendered(address: str, folder: Path) -> tuple[str, Path]:
    """The page's DOM once its scripts have run, and a screenshot; skips where there is no Chromium."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} is installed")
    picture = folder / "page.png"
    command = [
        program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--window-size=1400,900", f"--virtual-time-budget={_BUDGET}",
        f"--user-data-dir={folder / 'profile'}",
    ]  # fmt: skip
    texts = [
        subprocess.run([*command, option, address], capture_output=True, text=True, timeout=180)
        for option in ("--dump-dom", f"--screenshot={picture}")
    ]
    return texts[0].stdout, picture
