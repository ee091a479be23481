"""Studies of tests: small, of sound alone, as a user starts them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import quick_overrides
from tests.helpers.nursery import nursery

SMALL = (
    "experiment=loso",
    "modality=audio",
    "audio=mfcc_mean",
    "audio_encoder=dense",
    "split.validation_actors=1",
    "tracking.log_model=false",
    "hydra.sweep.dir=study",
)


def overrides(corpus: Path, store: Path, told: tuple[str, ...]) -> list[str]:
    """The quick settings that fit the parts of a small study, and what a test tells beside."""
    other_split = any(o.startswith(("split=", "experiment=leaky")) for o in told)
    small = [o for o in SMALL if not (other_split and o.startswith("split."))]
    replaced = ["split."] + (["fusion"] if "experiment=majority" in told else [])
    quick = quick_overrides(corpus, store, *small, *told)
    of_tests = set(small) | set(told)
    return [o for o in quick if o in of_tests or not o.startswith(tuple(replaced))]


def arguments_of(corpus: Path, store: Path, *arguments: str) -> list[str]:
    """The program's arguments for a small study."""
    flags = [argument for argument in arguments if argument.startswith("-")]
    told = tuple(argument for argument in arguments if argument not in flags)
    return [*flags, *overrides(corpus, store, told)]


def start(corpus: Path, store: Path, cwd: Path, *arguments: str, **kwargs) -> subprocess.Popen:
    """Start the program with a small study."""
    return subprocess.Popen(
        [sys.executable, "-m", "ravdess_exp", *arguments_of(corpus, store, *arguments)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        **kwargs,
    )


def command(corpus: Path, store: Path, cwd: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and all that is printed, in a process that has imported everything already."""
    return nursery().run(arguments_of(corpus, store, *arguments), cwd)


def fresh_command(corpus: Path, store: Path, cwd: Path, *arguments: str) -> tuple[int, str]:
    """The same in a fresh process, which imports for itself: launchers start others like it."""
    process = start(corpus, store, cwd, *arguments)
    said, _ = process.communicate(timeout=420)
    return process.returncode, said


def summary(folder: Path) -> dict:
    """A study's summary."""
    return json.loads((folder / "summary.json").read_text())
