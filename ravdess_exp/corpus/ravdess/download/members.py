"""What a zip file of clips holds, whoever made it: clips in any nesting, archives of clips, other files."""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ravdess_exp.corpus.listing import SOUND_SUFFIXES, VIDEO_SUFFIXES
from ravdess_exp.corpus.ravdess.clip import RavdessClip
from ravdess_exp.corpus.ravdess.download.unpack import (
    LITTER,
    MOST_CLIP,
    MOST_RATIO,
    check_entry,
    refused,
)
from ravdess_exp.errors import CorpusError

_MOST_ENTRIES = 30_000  # RAVDESS has 7,356 files; twice that, folders, and a Mac's companions
_MOST_ARCHIVE = 4 << 30  # bytes of a zip file within; those of RAVDESS have 0.6 GB
_KINDS = VIDEO_SUFFIXES + SOUND_SUFFIXES


@dataclass(frozen=True)
class Member:
    """An entry that is used: a clip, and the place below the folder that it goes to; or a zip within.

    copies: further entries of the same bytes, should this one be damaged.
    """

    entry: zipfile.ZipInfo
    place: PurePosixPath | None = None
    copies: tuple[zipfile.ZipInfo, ...] = ()


@dataclass(frozen=True)
class Members:
    """The clips and archives of a zip file, each clip once; and how many files are neither."""

    clips: Sequence[Member]
    archives: Sequence[Member]
    others: int

    @property
    def copies(self) -> int:
        """How many further entries there are of these clips."""
        return sum(len(member.copies) for member in self.clips)

    @property
    def size(self) -> int:
        """Bytes that the clips have when they are unpacked."""
        return sum(member.entry.file_size for member in self.clips)


def read_members(archive: str, entries: Sequence[zipfile.ZipInfo], packed: int) -> Members:
    """Judge every entry of an archive of `packed` bytes, called so without `.zip`.

    Raises `DownloadError` for one that must not be there: then nothing of the archive is used.
    """
    if len(entries) > _MOST_ENTRIES:
        raise refused(archive, f"{len(entries):,} entries, expected at most {_MOST_ENTRIES:,}")
    clips: dict[tuple, list[zipfile.ZipInfo]] = {}
    archives, others = [], 0
    for entry, name in _files(archive, entries):
        if name.lower().endswith(".zip"):
            check_entry(archive, entry, name=name, most=_MOST_ARCHIVE)
            archives.append(Member(entry))
            continue
        place = _place(name)
        if place is None:
            others += 1
            continue
        check_entry(archive, entry, name=name, most=MOST_CLIP)
        clips.setdefault((place, entry.CRC, entry.file_size), []).append(entry)
    once = [Member(same[0], place, tuple(same[1:])) for (place, *_), same in clips.items()]
    found = Members(tuple(once), tuple(archives), others)
    inner = sum(member.entry.file_size for member in archives)
    if found.size + inner > (most := MOST_RATIO * packed):
        raise refused(
            archive, f"{found.size + inner:,} bytes when unpacked, expected at most {most:,}"
        )
    return found


def _files(
    archive: str, entries: Sequence[zipfile.ZipInfo]
) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Entries that are files, with their names; old programs of Windows divide folders by backslashes."""
    for entry in entries:
        name = entry.orig_filename.replace("\\", "/")
        check_entry(archive, entry, name=name, most=_MOST_ARCHIVE)
        if not (entry.is_dir() or name.endswith("/") or LITTER.fullmatch(name)):
            yield entry, name


def _place(name: str) -> PurePosixPath | None:
    """Where a clip of this name goes; made of its codes, whatever folders it was in. None for no clip."""
    path = PurePosixPath(name)
    if path.suffix.lower() not in _KINDS or path.name.startswith("."):
        return None
    try:
        clip = RavdessClip.from_path(Path(path.name))
    except CorpusError:
        return None
    return PurePosixPath(f"Actor_{int(clip.speaker):02d}", f"{clip.name}{path.suffix.lower()}")
