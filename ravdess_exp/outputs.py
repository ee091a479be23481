"""Files that are whole or not there: written under another name first."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ravdess_exp.errors import OutputError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write what `path` is to hold; it gets that name when the block has ended well.

    After a kill, a power cut or a full disk there is the whole new file, or what was there before.
    Raises `OutputError` where the disk does not take it.
    """
    unfinished = path.with_name(f"unfinished.{path.name}")  # the suffix tells libraries the format
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())  # or a power cut could leave the name without the content
        unfinished.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error}); make room there or choose "
            "another folder, and start again: what was written before is kept"
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
