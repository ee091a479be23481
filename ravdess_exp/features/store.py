"""The prepared store: what was computed from a clip, found again by the clip's content.

An entry's name is the SHA-256 of its kind, of the clip's bytes and of the settings that matter, so
renaming a clip costs nothing and changing a setting never returns what another setting made.
Entries are .npz files, written under another name and then renamed: a reader sees a whole entry or
none, and any number of processes may write the same one. Reading checks the CRC of every array.
"""

import hashlib
import json
import os
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ravdess_exp.errors import OutputError

_VERSION = 1  # of what entries hold: raise it when the meaning of one changes
_STALE = 3600.0  # seconds after which an unfinished file must be of a process that was killed


class Store:
    """A folder of entries; safe under many readers and writers, also on a shared file system."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
            probe = root / f".{os.getpid()}.tmp"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise OutputError(
                f"data.store={root}: cannot be written ({error.strerror}); set data.store to a "
                "folder of yours"
            ) from error

    def key(self, kind: str, content: str, settings: Mapping) -> str:
        """Name of an entry: `kind/` and a digest of kind, clip content and settings."""
        text = json.dumps([_VERSION, kind, content, settings], sort_keys=True)
        return f"{kind}/{hashlib.sha256(text.encode()).hexdigest()}"

    def has(self, key: str) -> bool:
        """Whether the entry is there; only reading it tells whether it is sound."""
        return self._path(key).exists()

    def put(self, key: str, **arrays: np.ndarray) -> None:
        """Write an entry; raises `OutputError` where the disk does not take it."""
        path = self._path(key)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                np.savez(file, **arrays)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise OutputError(
                f"{path}: cannot be written ({error.strerror}); what was prepared before is kept"
            ) from error

    def get(self, key: str, *, without: str | None = None) -> dict[str, np.ndarray] | None:
        """Arrays of an entry, but for the one named `without`, which is then not read.

        None where the entry is missing, or was damaged and is now removed.
        """
        path = self._path(key)
        try:
            with np.load(path, allow_pickle=False) as entry:
                return {name: entry[name] for name in entry.files if name != without}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)
            return None

    def sweep(self) -> None:
        """Remove what killed processes left unfinished."""
        for path in self.root.rglob("*.tmp"):
            try:
                if time.time() - path.stat().st_mtime > _STALE:
                    path.unlink()
            except FileNotFoundError:
                pass  # another process was faster

    def _path(self, key: str) -> Path:
        kind, digest = key.split("/")
        return self.root / kind / digest[:2] / f"{digest}.npz"


class ContentDigests:
    """SHA-256 of files, remembered by size and modification time so that no file is read twice.

    The memory is one JSON file in the store, rewritten atomically. Two processes at once may lose
    some of each other's lines; then those files are read again, and nothing worse.
    """

    def __init__(self, store: Store) -> None:
        self._path = store.root / "contents.json"
        try:
            self._known = json.loads(self._path.read_text())
        except (OSError, ValueError):
            self._known = {}
        self._changed = False

    def __call__(self, path: Path) -> str:
        """Digest of a file's bytes; raises OSError where it cannot be read."""
        stat = path.stat()
        name, state = str(path.resolve()), [stat.st_size, stat.st_mtime_ns]
        known = self._known.get(name)
        if known is None or known[:2] != state:
            with path.open("rb") as file:
                known = [*state, hashlib.file_digest(file, "sha256").hexdigest()]
            self._known[name] = known
            self._changed = True
        return known[2]

    def save(self) -> None:
        """Keep what was learned; without it the next run only reads the files again."""
        if self._changed:
            unfinished = self._path.with_name(f"contents.{os.getpid()}.tmp")
            try:
                unfinished.write_text(json.dumps(self._known))
                unfinished.replace(self._path)
            except OSError as error:
                raise OutputError(f"{self._path}: cannot be written ({error.strerror})") from error
