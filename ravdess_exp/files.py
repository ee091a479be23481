"""Files that are complete or absent, in folders that one process at a time works in."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ravdess_exp.errors import OutputError

LOCK = ".lock"  # in a folder that one process at a time works in
_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL}  # of some file systems


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to, which is renamed to `path` when the block ends without an error.

    So after a kill, a power cut or a full disk `path` holds all of the new content or all of the
    old. Raises `OutputError` where it cannot be written.
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
def whole_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to write into, which takes the place of `folder` when the block ends well.

    Raises `OutputError` where it cannot be written; then what was there before is there still.
    """
    unfinished = folder.with_name(f"unfinished.{folder.name}")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        yield unfinished
        _exchange(unfinished, folder)
    except OSError as error:
        raise OutputError(
            f"{folder}: cannot be written ({error.strerror or error}); make room there and start "
            "again: what was written before is kept"
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _exchange(new: Path, folder: Path) -> None:
    """A folder cannot be replaced in one step, so the old one is moved aside first."""
    aside = folder.with_name(f"unfinished.{folder.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    if folder.exists():
        folder.rename(aside)
    new.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No other process works in this folder meanwhile; raises `OutputError` where one does.

    The lock is the file `.lock` in the folder. It ends with the process, even a killed one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(folder / LOCK))
        except Timeout as error:
            raise OutputError(
                f"{folder}: another process is at work in it; wait until it ends, or choose "
                "another folder"
            ) from error
        yield


@contextmanager
def locked(path: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock file `path`, which stays where it is afterwards.

    Yields whether it is locked: a file system without locks has none. Raises `filelock.Timeout`
    where another process holds it, unless asked to `wait`; OSError where it cannot be written.
    """
    # not the soft lock that filelock falls back to: that one outlives a killed process
    lock = FileLock(path, fallback_to_soft=False)
    try:
        lock.acquire(blocking=wait)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    try:
        yield lock.is_locked
    finally:
        lock.release()
