"""Files that are whole or not there, in a folder that one process at a time works in."""

import errno
import fcntl
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


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else may do a run in this folder meanwhile; the lock ends with the process, killed or not.

    Raises `OutputError` where another process is at it. A file system without locks has none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            os.close(handle)
            raise OutputError(
                f"{folder}: another process is at work in it; wait until it ends, or choose another folder"
            ) from error
    try:
        yield
    finally:
        os.close(handle)
