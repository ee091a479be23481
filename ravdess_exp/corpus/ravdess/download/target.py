"""The folder that clips go to, and the one beside it where archives are fetched and unpacked.

    RAVDESS/Video_Speech_Actor_01/01-01-...mp4    whole actors only: a folder comes by one rename
    RAVDESS/Video_Speech_Actor_01/archive.json    which archive it was: MD5, names and sizes
    RAVDESS.download/                             unfinished; removed once it is empty

Beside and not inside, since a run that scans the clips meanwhile would find half an actor.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import Timeout

from ravdess_exp.corpus.listing import ARCHIVE_MARKER as MARKER
from ravdess_exp.corpus.ravdess.download.record import Archive
from ravdess_exp.errors import DownloadError
from ravdess_exp.files import LOCK, locked

MARGIN = 500_000_000  # bytes that stay free
_NO_LOCKS = "warning: {}: cannot be locked; make sure that nobody else downloads into it"
_UNPACKED = 1.02  # clips to their archive, which does not compress; folders and rounding up


class Target:
    """Where clips go. Raises `DownloadError` where it cannot be such a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.work = self.root.with_name(f"{self.root.name}.download") if self.root.name else None
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if self.work is None or self.root.stat().st_dev != self.root.parent.stat().st_dev:
                raise DownloadError(
                    f"{self.root}: is a disk's own folder; choose one below it, such as "
                    f"{self.root / 'RAVDESS'}, since unfinished files are kept beside it"
                )
            self.work.mkdir(exist_ok=True)
        except OSError as error:
            raise DownloadError(
                f"{error.filename}: cannot be written ({error.strerror}); choose a folder of yours"
            ) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone with the folder: a second run would fetch the same bytes into the same files.

        Raises `DownloadError` where another process has it. The lock ends with the process.
        """
        with ExitStack() as stack:
            try:
                really = stack.enter_context(locked(self.work / LOCK))
            except (Timeout, FileNotFoundError) as error:  # or the other one has just ended
                raise DownloadError(
                    f"{self.root}: another download into it is at work; wait for it to end, or "
                    "choose another folder"
                ) from error
            if not really:
                print(_NO_LOCKS.format(self.work), file=sys.stderr)
            try:
                yield
            finally:
                self._remove_empty()

    def _remove_empty(self) -> None:
        """Remove the folder of unfinished files where only the lock is left in it.

        This comes before the lock ends: a process that waits for it sees that its file was removed.
        """
        if [path.name for path in self.work.iterdir()] == [LOCK]:
            with suppress(OSError):  # Windows keeps an open file; or another process begins
                (self.work / LOCK).unlink()
                self.work.rmdir()

    def holds(self, archive: Archive) -> bool:
        """Whether all clips of this very archive are there, each of its size."""
        marked, there = self._marked(archive), self._listing(archive)
        return marked.get("md5") == archive.md5 and marked["clips"].items() <= there.items()

    def check_free(self, archive: Archive) -> None:
        """Raises `DownloadError` where the archive's folder has files that did not come from it."""
        folder = self.root / archive.name
        foreign = sorted(
            set(self._listing(archive)) - {MARKER} - set(self._marked(archive)["clips"])
        )
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise DownloadError(f"{folder}: expected no such file, or a folder; move it away")
        if foreign:
            raise DownloadError(
                f"{folder}: {len(foreign)} files that this program did not put there, such as "
                f"{foreign[0]!r}; move the folder away, so that nothing of yours is lost"
            )

    def check_space(self, archives: Sequence[Archive], at_once: int, keep: bool) -> None:
        """Raises `DownloadError` unless there is room for all: clips, and archives meanwhile."""
        missing = sorted((a.size - self._fetched(a) for a in archives), reverse=True)
        zips = sum(missing if keep else missing[:at_once])
        needed = int(sum(a.size for a in archives) * _UNPACKED) + zips + MARGIN
        free = shutil.disk_usage(self.root).free
        if archives and needed > free:
            raise DownloadError(
                f"{self.root}: {len(archives)} archives need {needed / 1e9:.1f} GB at most, "
                f"{free / 1e9:.1f} GB are free; make room, or choose fewer actors (--actors)"
            )

    def check_room(self, needed: int, what: str) -> None:
        """Raises `DownloadError` unless so many bytes fit, and some stay free."""
        free = shutil.disk_usage(self.root).free
        if needed + MARGIN > free:
            raise DownloadError(
                f"{self.root}: {what} need {(needed + MARGIN) / 1e9:.1f} GB, {free / 1e9:.1f} GB are "
                "free; make room"
            )

    def staging(self, archive: Archive) -> Path:
        """A path for unpacking, where nothing is: what a killed run left there is removed."""
        path = self.work / f"{archive.name}.unpacking"
        shutil.rmtree(path, ignore_errors=True)
        return path

    def put(self, archive: Archive, unpacked: Path, clips: dict[str, int]) -> None:
        """A folder of clips becomes that of the archive, in the place of what was there."""
        folder, old = self.root / archive.name, self.work / f"{archive.name}.old"
        marker = {"archive": f"{archive.name}.zip", "md5": archive.md5, "clips": clips}
        with (unpacked / MARKER).open("w") as file:
            json.dump(marker, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        unpacked.rename(folder)
        shutil.rmtree(old, ignore_errors=True)

    def forget(self, archive: Archive, *, keep: bool) -> None:
        """Remove what is not needed any more of an archive that became its folder."""
        for suffix in (".zip.part", ".zip.part.json", *([] if keep else [".zip"])):
            (self.work / f"{archive.name}{suffix}").unlink(missing_ok=True)

    def _fetched(self, archive: Archive) -> int:
        sizes = [
            path.stat().st_size
            for suffix in (".zip", ".zip.part")
            if (path := self.work / f"{archive.name}{suffix}").is_file()
        ]
        return min(archive.size, max(sizes, default=0))

    def _marked(self, archive: Archive) -> dict:
        """The marker of an archive's folder, or an empty one: damaged is as good as missing."""
        try:
            marker = json.loads((self.root / archive.name / MARKER).read_text())
            if isinstance(marker["md5"], str) and marker["clips"]:
                return {"md5": marker["md5"], "clips": dict(marker["clips"])}
        except (OSError, ValueError, LookupError, TypeError):
            pass
        return {"md5": None, "clips": {}}

    def _listing(self, archive: Archive) -> dict[str, int]:
        folder = self.root / archive.name
        if not folder.is_dir():
            return {}
        return {path.name: path.lstat().st_size for path in folder.iterdir()}
