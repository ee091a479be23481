"""A file of weights: its SHA-256, and the network in it read once a process."""

import functools
import hashlib
from pathlib import Path

from ravdess_exp.command import python_command
from ravdess_exp.errors import ConfigError

FETCHED = (  # each by its name; the file has it too
    "whisper_tiny_en", "whisper_base", "whisper_small", "whisper_medium", "smart_turn", "fer",
)  # fmt: skip


def digest_of(path: str) -> str:
    """SHA-256 of a file, in hexadecimal; raises `ConfigError` where there is none."""
    file = Path(path)
    try:
        found = file.stat()
    except OSError as error:
        raise ConfigError(
            f"{path}: no such file of weights ({error.strerror}); {_how_to_get(file)}"
        ) from error
    return _digest(file, found.st_size, found.st_mtime_ns)


def _how_to_get(file: Path) -> str:
    """The command that fetches a file of this name, where one of our programs does."""
    checkout = Path(__file__).parents[3]
    program = (checkout / "scripts" / "fetch_weights").with_suffix(".py")  # not in an installation
    if file.stem in FETCHED and program.exists():
        folder = str(file.absolute().parent)
        return f"this fetches it: {python_command(str(program), file.stem, '--to', folder)}"
    return "RAVDESS_WEIGHTS names their folder; docs/choices.md says how to get one"


@functools.lru_cache(maxsize=8)
def _digest(path: Path, _size: int, _changed: int) -> str:
    """Of the file as it was then: one that is written anew is read anew."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def identity_of(path: str, expected: str | None) -> str:
    """The checked SHA-256; of a file that is not there, its path.

    A run without sound or picture names its other encoder too, and computes nothing with it.
    """
    return checked_digest(path, expected) if Path(path).is_file() else path


def checked_digest(path: str, expected: str | None) -> str:
    """The file's SHA-256; raises `ConfigError` where it is not the expected one (None: any)."""
    found = digest_of(path)
    if expected is not None and not found.startswith(expected.lower()):
        raise ConfigError(
            f"{path}: SHA-256 {found[:12]}..., expected {expected[:12]}...; another or a damaged "
            "file: fetch it anew, or give its own sum"
        )
    return found
