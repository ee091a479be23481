"""The prepared store: what was computed from a clip, under a name made of the clip's content.

An entry's name is the SHA-256 of its kind, of the clip's bytes and of the settings that matter, so
renaming a clip costs nothing and changing a setting never returns what another setting made.
Entries are .npz files, written under another name and then renamed: a reader sees a whole entry or
none, and any number of processes may write the same one. Each array is read together with its name
and its shape and compared with their CRC: after a flipped bit there are the same arrays or none.
"""

import errno
import hashlib
import io
import json
import os
import secrets
import stat
import struct
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ravdess_exp.corpus.segment import Segment
from ravdess_exp.errors import OutputError
from ravdess_exp.media.limits import LONGEST

_VERSION = 1  # of what entries hold: raise it when the meaning of one changes
_MOST_BYTES = 25_000_000  # a second of a clip, as cameras record for cutting; RAVDESS has a million
_END = struct.Struct("<10xH10x")  # of a zip file: how many members it has
_STALE = 3600.0  # seconds after which an unfinished file must be of a process that was killed


class Store:
    """A folder of entries; safe under many readers and writers, also on a shared file system."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
            probe = root / f".{secrets.token_hex(8)}.tmp"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise OutputError(
                f"data.store={root}: cannot be written ({error.strerror}); set data.store to a "
                "folder of yours"
            ) from error

    def key(self, kind: str, content: str, settings: Mapping) -> str:
        """Name of an entry: `kind/` and a digest of kind, clip content and settings."""
        return f"{kind}/{_digest_of([_VERSION, kind, content, settings])}"

    def has(self, key: str) -> bool:
        """Whether the entry is there; whether it is undamaged is seen only when it is read."""
        return self._path(key).exists()

    def put(self, key: str, **arrays: np.ndarray) -> None:
        """Write an entry; raises `OutputError` where the disk does not take it."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _replacing(path) as unfinished, unfinished.open("wb") as file:
                np.savez(file, **arrays)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(
                f"{path}: cannot be written ({error.strerror}); what was prepared before is kept, "
                "so make room and start again"
            ) from error

    def get(self, key: str, *, without: str | None = None) -> dict[str, np.ndarray] | None:
        """The arrays of an entry, except the one named `without`, which is not read.

        None where the entry is missing, or was damaged and is now removed. Raises `OutputError`
        where it is there but may not be read.
        """
        path = self._path(key)
        try:
            with path.open("rb") as file:
                arrays = _arrays(file, without)
            if arrays is None:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OutputError(f"{path}: cannot be read ({error.strerror})") from error
        return arrays

    def sweep(self) -> None:
        """Remove the unfinished files of killed processes."""
        for path in self.root.rglob("*.tmp"):
            try:
                if time.time() - path.stat().st_mtime > _STALE:
                    path.unlink()
            except FileNotFoundError:
                pass  # another process was faster

    def _path(self, key: str) -> Path:
        kind, digest = key.split("/")
        return self.root / kind / digest[:2] / f"{digest}.npz"


def _arrays(file: BinaryIO, without: str | None) -> dict[str, np.ndarray] | None:
    """The arrays of an .npz file; None where one of them is damaged.

    numpy alone would read as many values as a damaged header says and stop before the CRC, so each
    array is read with its header, as a whole; and zipfile does not count the members it finds.
    """
    try:
        file.seek(-_END.size, os.SEEK_END)
        (members,) = _END.unpack(file.read())
        with zipfile.ZipFile(file) as entry:
            if len(entry.namelist()) != members:
                return None
            names = [name for name in entry.namelist() if name != f"{without}.npy"]
            whole = {name: io.BytesIO(entry.read(name)) for name in names}
        return {n.removesuffix(".npy"): np.lib.format.read_array(b) for n, b in whole.items()}
    except MemoryError:
        raise
    except Exception:  # a damaged directory makes zipfile raise half a dozen kinds
        return None


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A path to write to. It is renamed to `path` at the end, and removed if the block fails.

    Its name is random: process numbers are not unique among machines that share a file system.
    """
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class ContentDigests:
    """SHA-256 of files, remembered by size and modification time so that no file is read twice.

    The memory is one JSON file in the store, rewritten atomically. Two processes at once may lose
    some of each other's lines; then those files are read again, and nothing worse.
    """

    def __init__(self, store: Store, *, longest: float = LONGEST) -> None:
        """longest: seconds that a clip may last; a file far too large for them is not read."""
        self._largest = largest_file(longest)
        self._path = store.root / "contents.json"
        self._known: dict[str, list] = {}
        try:
            memory = json.loads(self._path.read_text())
            if memory["sha256"] == _digest_of(memory["files"]):
                self._known = memory["files"]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none yet, or damaged
        self._changed = False

    def __call__(self, path: Path, segment: Segment | None = None) -> str:
        """Digest of a file's bytes, or of a part of it; raises OSError where it cannot be read."""
        whole = self.of_file(path, limited=segment is None)
        return whole if segment is None else segment.content(whole)

    def of_file(self, path: Path, *, limited: bool = True) -> str:
        """Of all of a file. limited: refuse one that is too large for a clip, with an OSError."""
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device would be read for ever
            raise OSError(errno.EINVAL, "not a regular file")
        if limited and status.st_size > self._largest:
            raise OSError(
                errno.EFBIG, f"{status.st_size:,} bytes, more than any clip: {self._largest:,.0f}"
            )
        name, state = str(path.resolve()), [status.st_size, status.st_mtime_ns]
        known = self._known.get(name)
        if known is None or known[:2] != state:
            with path.open("rb") as file:
                known = [*state, hashlib.file_digest(file, "sha256").hexdigest()]
            self._known[name] = known
            self._changed = True
        return known[2]

    def save(self) -> None:
        """Write the memory; without it the next run reads the files again, and nothing worse."""
        if self._changed:
            try:
                with _replacing(self._path) as unfinished:
                    content = {"sha256": _digest_of(self._known), "files": self._known}
                    unfinished.write_text(json.dumps(content))
            except OSError as error:
                raise OutputError(f"{self._path}: cannot be written ({error.strerror})") from error


def largest_file(longest: float) -> float:
    """Bytes that a recording of so many seconds may have; whatever has more is no clip."""
    return _MOST_BYTES * longest


def _digest_of(content: Mapping | list) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
