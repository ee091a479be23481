"""An archive becomes a folder of clips, and nothing else: whatever else it holds is refused.

The limits come from what RAVDESS holds: 120 clips of speech or 88 of song in an archive (Zenodo's
page of the record), each below 15 MB, in a format that does not compress.
"""

import io
import os
import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ravdess_exp.corpus.ravdess.clip import RavdessClip
from ravdess_exp.corpus.ravdess.download.fetch import DamagedError
from ravdess_exp.corpus.ravdess.download.record import Archive
from ravdess_exp.errors import CorpusError, DownloadError

_MOST_ENTRIES = 400  # clips, their folders, and a Mac's companion file for each
MOST_CLIP = 30_000_000  # bytes
_MOST_TOTAL = 2_000_000_000
MOST_RATIO = 10  # of what comes out to the archive itself; RAVDESS's is 1.0
_CHUNK = 1 << 20
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # flags: traditional, strong, masked headers
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNSAFE = re.compile(r"^$|[\\:\x00-\x1f]|^/|(^|/)\.\.(/|$)")
LITTER = re.compile(r"__MACOSX/.*|(.*/)?(\.DS_Store|Thumbs\.db)")  # harmless, and not written


def unpack(archive: Archive, path: Path, folder: Path) -> dict[str, int]:
    """Write the clips of `path` into the new folder `folder`; returns their names and sizes in bytes.

    Every entry is judged before the first is written. Raises `DamagedError` for a zip file that
    is not sound, and `DownloadError` for one that holds what it should not.
    """
    folder.mkdir()
    try:
        with path.open("rb", buffering=0) as raw, zipfile.ZipFile(BoundedReads(raw)) as opened:
            entries = _clips(archive, opened.infolist(), path.stat().st_size)
            for name, entry in entries.items():
                write_entry(opened, entry, folder / name)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise DamagedError(
            f"{archive.name}.zip: expected a sound zip file, found: {error}"
        ) from error
    return {name: entry.file_size for name, entry in entries.items()}


class BoundedReads(io.BufferedReader):
    """zipfile believes what an archive says: how long its list of entries is, and where they are."""

    _MOST = 2 << 20

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self._MOST:
            raise DownloadError(
                f"{Path(self.name).name}: a list of entries of {size:,} bytes, expected at most "
                f"{self._MOST:,}; not an archive of RAVDESS, nothing of it was used"
            )
        return super().read(self._MOST if size is None or size < 0 else size)

    def seek(self, target: int, whence: int = os.SEEK_SET, /) -> int:
        if whence == os.SEEK_SET and target < 0:  # the system's error for it would be an OSError
            raise zipfile.BadZipFile("an entry before the start of the file")
        return super().seek(target, whence)


def _clips(
    archive: Archive, entries: list[zipfile.ZipInfo], packed: int
) -> dict[str, zipfile.ZipInfo]:
    """The entries that are clips, by file name; raises `DownloadError` for any that must not be."""
    if len(entries) > _MOST_ENTRIES:
        raise refused(archive.name, f"{len(entries):,} entries, expected at most {_MOST_ENTRIES}")
    clips: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        check_entry(archive.name, entry)
        if entry.is_dir() or LITTER.fullmatch(entry.filename):
            continue
        name = _clip_name(archive, entry)
        if name in clips:
            raise refused(archive.name, f"{name} is in it twice")
        clips[name] = entry
    total = sum(entry.file_size for entry in clips.values())
    most = min(_MOST_TOTAL, MOST_RATIO * packed)
    if total > most:
        raise refused(archive.name, f"{total:,} bytes when unpacked, expected at most {most:,}")
    if not clips:
        raise refused(archive.name, "no clip in it")
    return clips


def check_entry(
    archive: str, entry: zipfile.ZipInfo, *, name: str | None = None, most: int = MOST_CLIP
) -> None:
    """A plain file or folder below the archive's root, readable, of a believable size.

    archive: its name, without `.zip`. name: of the entry, where slashes were mended in it; most: bytes.
    """
    name = entry.orig_filename if name is None else name  # zipfile shortens and turns slashes
    mode = stat.S_IFMT(entry.external_attr >> 16)
    if _UNSAFE.search(name):
        raise refused(archive, f"{name!r} leads out of its folder, or might on some system")
    if mode not in (0, stat.S_IFDIR if entry.is_dir() else stat.S_IFREG):
        raise refused(archive, f"{name!r} is a link or a special file")
    if entry.flag_bits & _ENCRYPTED:
        raise refused(archive, f"{name!r} is encrypted")
    if entry.compress_type not in _METHODS:
        raise refused(archive, f"{name!r} is compressed by method {entry.compress_type}")
    if entry.file_size > most:
        raise refused(archive, f"{name!r} has {entry.file_size:,} bytes, expected at most {most:,}")


def _clip_name(archive: Archive, entry: zipfile.ZipInfo) -> str:
    """File name of a clip of this archive's actor and channel, made from its codes."""
    path = PurePosixPath(entry.filename)
    try:
        clip = RavdessClip.from_path(Path(path.name))
    except CorpusError as error:
        raise refused(archive.name, f"{entry.filename!r}: {error}") from error
    name = f"{clip.name}.mp4"
    if path.name != name or clip.place[1::5] != (archive.channel, archive.actor):
        raise refused(archive.name, f"{entry.filename!r} is not one of its mp4 clips")
    return name


def write_entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
    """One clip, its CRC checked by zipfile; on the disk before its folder gets a name."""
    written = 0
    with opened.open(entry) as source, path.open("xb") as file:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > entry.file_size:
                raise zipfile.BadZipFile(f"{path.name} is longer than it says")
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if written != entry.file_size:
        raise zipfile.BadZipFile(f"{path.name} is shorter than it says")


def refused(archive: str, reason: str) -> DownloadError:
    """The error of an archive, called so without `.zip`, that holds what it should not."""
    return DownloadError(
        f"{archive}.zip: {reason}; not an archive of RAVDESS, nothing of it was used"
    )
