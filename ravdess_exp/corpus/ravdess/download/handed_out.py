"""The one zip file that a course hands out becomes a folder of clips: checked, and gone on with.

Each clip is written aside, checked by its CRC, and then takes its name: a run that is killed leaves whole
clips, and the next one writes those that are missing. One that is damaged costs itself.
"""

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from ravdess_exp.corpus.ravdess.clip import RavdessClip
from ravdess_exp.corpus.ravdess.download.client import Client, Limits
from ravdess_exp.corpus.ravdess.download.fetch import fetch
from ravdess_exp.corpus.ravdess.download.members import Member, Members, read_members
from ravdess_exp.corpus.ravdess.download.session import Bar
from ravdess_exp.corpus.ravdess.download.single import ask_for
from ravdess_exp.corpus.ravdess.download.target import Target
from ravdess_exp.corpus.ravdess.download.unpack import BoundedReads, write_entry
from ravdess_exp.corpus.ravdess.form import describe_form
from ravdess_exp.errors import DownloadError

_DEEPEST = 2  # archives within archives
_CHUNK = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError)


@dataclass
class HandedOut:
    """What came of a zip file. there: clips that are in the folder now; failed: reasons by clip or archive.

    copies: further entries of the same clips; others: files that are no clips, which stay in the zip.
    """

    there: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    copies: int = 0
    others: int = 0

    def told(self) -> str:
        """What is there, held against what RAVDESS has, and what stayed in the zip."""
        clips = [RavdessClip.from_path(Path(name)) for name in sorted(self.there)]
        trials = tuple({clip.trial: clip for clip in clips}.values())
        lines = [f"{len(self.there):,} clips are there", *describe_form(trials, "all")]
        if self.copies:
            lines.append(f"used once: {self.copies:,} further copies in the zip")
        if self.others:
            lines.append(f"left in the zip: {self.others:,} files that are no clips of RAVDESS")
        return "\n".join(lines)


def unpack_handed_out(
    root: Path,
    source: str,
    *,
    keep: bool = False,
    limits: Limits | None = None,
    shown: bool = True,
) -> HandedOut:
    """Bring the clips of a zip file, or of one at an address, into `root/Actor_NN`.

    keep: whether a file that was fetched stays. Raises `DownloadError` where nothing of it can be used.
    """
    target, outcome = Target(root), HandedOut()
    with target.locked():
        if "://" in source:
            path = _fetched(source, target, limits or Limits(), shown=shown)
        else:
            path = Path(source)
            if not path.is_file():
                raise DownloadError(f"--zip {source}: no such file; expected a zip file of clips")
        _unpack(path, target, outcome, depth=1)
        if not (outcome.there or outcome.failed):
            raise DownloadError(
                f"{path.name}: no clip of RAVDESS in it; {outcome.others:,} other files, expected names "
                "such as 01-01-03-01-02-01-07.mp4"
            )
        if "://" in source and not (keep or outcome.failed):
            path.unlink()
    return outcome


def _fetched(url: str, target: Target, limits: Limits, *, shown: bool) -> Path:
    """The file at an address, in the folder of unfinished things; what came before is not asked for."""
    client = Client(limits, Event())
    single = ask_for(url, client)
    target.check_room(single.size, f"the archive of {single.size / 1e9:.1f} GB")
    bar = Bar(single.size, shown)
    try:
        return fetch(single, target.work, client, bar)
    finally:
        bar.close()


def _unpack(path: Path, target: Target, outcome: HandedOut, *, depth: int) -> None:
    """The clips of an archive, and of those within it; raises `DownloadError` where it is refused."""
    with _opened(path) as opened:
        members = read_members(path.stem, opened.infolist(), path.stat().st_size)
        outcome.copies += members.copies
        outcome.others += members.others
        missing = [m for m in members.clips if not _is_there(target, m, outcome)]
        _check_room(target, missing, members)
        for member in missing:
            _write(opened, member, target, outcome)
        for member in members.archives:
            _unpack_inner(opened, member, target, outcome, depth)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with path.open("rb", buffering=0) as raw, zipfile.ZipFile(BoundedReads(raw)) as opened:
            yield opened
    except _BROKEN as error:
        raise DownloadError(
            f"{path.name}: expected a sound zip file, found: {error}; fetch it once more"
        ) from error


def _is_there(target: Target, member: Member, outcome: HandedOut) -> bool:
    """Whether a clip is in the folder; another file of its name is the user's, and stays."""
    path, entry = target.root / member.place, member.entry
    if not path.exists() and not path.is_symlink():
        return False
    if path.is_file() and path.stat().st_size == entry.file_size and _crc(path) == entry.CRC:
        outcome.there.add(path.name)
    else:
        outcome.failed[path.name] = f"{path}: another file of this name is there; move it away"
    return True


def _check_room(target: Target, missing: list[Member], members: Members) -> None:
    inner = max((m.entry.file_size for m in members.archives), default=0)
    needed = sum(member.entry.file_size for member in missing) + 2 * inner
    target.check_room(needed, f"{len(missing):,} clips")


def _write(opened: zipfile.ZipFile, member: Member, target: Target, outcome: HandedOut) -> None:
    """One clip, aside first; what is wrong with it is noted."""
    path = target.root / member.place
    if path.name in outcome.there:
        outcome.failed[path.name] = (
            f"{member.entry.filename}: another file of this name is in the zip too"
        )
        return
    aside = target.work / path.name
    for entry in (member.entry, *member.copies):
        aside.unlink(missing_ok=True)
        try:
            write_entry(opened, entry, aside)
        except _BROKEN as error:
            outcome.failed[path.name] = f"{entry.filename}: damaged in the zip ({error})"
            continue
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise DownloadError(
                f"{path}: cannot be written ({error.strerror}); what is unpacked is kept, so make room "
                "and run the same command again"
            ) from error
        path.parent.mkdir(exist_ok=True)
        aside.rename(path)
        outcome.there.add(path.name)
        outcome.failed.pop(path.name, None)
        return
    aside.unlink(missing_ok=True)


def _unpack_inner(
    opened: zipfile.ZipFile, member: Member, target: Target, outcome: HandedOut, depth: int
) -> None:
    """An archive within: what is wrong with it costs itself."""
    name = member.entry.filename
    if depth == _DEEPEST:
        outcome.failed[name] = f"{name}: an archive in an archive in an archive; unpack it yourself"
        return
    aside = target.work / f"within-{depth}.zip"
    try:
        with opened.open(member.entry) as source, aside.open("wb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
        _unpack(aside, target, outcome, depth=depth + 1)
    except (*_BROKEN, DownloadError) as error:
        outcome.failed[name] = f"{name}: {error}"
    finally:
        aside.unlink(missing_ok=True)


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            crc = zlib.crc32(chunk, crc)
    return crc
