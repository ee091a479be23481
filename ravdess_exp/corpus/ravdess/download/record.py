"""What the Zenodo record holds, by its own metadata: archives with their sizes and MD5 sums."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ravdess_exp.corpus.ravdess.download.client import AttemptError, Client, check_url
from ravdess_exp.corpus.ravdess.labels import CHANNELS, WITHOUT_SONGS
from ravdess_exp.errors import DownloadError

ZENODO = "https://zenodo.org/api/records/1188976"
_KEY = re.compile(r"Video_(Speech|Song)_Actor_(0[1-9]|1[0-9]|2[0-4])\.zip")
_MD5 = re.compile(r"md5:([0-9a-f]{32})")
# Zenodo's API, to which its metadata leads, ignores ranges; its pages' address of the same file heeds
# them (github.com/zenodo/zenodo/issues/2593 of January 2026). pooch takes the latter too.
_API_LINK = re.compile(r"(https?://[^/]+)/api(/records/[^/]+/files/[^/]+)/content")
_MOST_METADATA = 4 << 20  # bytes; the record of RAVDESS has about 50 kB
_MOST_ARCHIVE = 4 << 30  # bytes; those of RAVDESS have about 0.55 GB


@dataclass(frozen=True)
class Archive:
    """One zip archive of the record: an actor's speech or songs."""

    channel: int  # a code of `CHANNELS`
    actor: int
    size: int  # bytes
    md5: str  # hexadecimal
    urls: tuple[str, ...]  # where it is, the best first

    @property
    def identity(self) -> str:
        """What a part of it that was fetched before must be of."""
        return self.md5

    @property
    def name(self) -> str:
        """`Video_Speech_Actor_01`: its own name less `.zip`, and that of the folder it becomes."""
        return archive_name(self.channel, self.actor)


def archive_name(channel: int, actor: int) -> str:
    """How RAVDESS names the archive of an actor, without `.zip`."""
    return f"Video_{CHANNELS[channel].capitalize()}_Actor_{actor:02d}"


def read_record(client: Client, url: str = ZENODO) -> dict[str, Archive]:
    """The video archives of a record, by name; its other files are left out.

    Understands the metadata of Zenodo (a list `files`), and that of InvenioRDM, on which Zenodo
    runs (`entries`, in `files` or of the record's address with `/files`).
    Raises `DownloadError` where it cannot be had or lacks what is needed.
    """
    check_url(url, "--record")
    patience = client.patience(url)
    while True:
        try:
            with client.get(url, {"Accept": "application/json"}) as response:
                kind = response.headers.get("Content-Type", "an unknown type")
                text = response.raw.read(_MOST_METADATA + 1, decode_content=True)
            break
        except AttemptError as failure:
            patience.wait(failure)
    try:
        if len(text) > _MOST_METADATA:
            raise ValueError("too long")
        metadata = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DownloadError(
            f"{url}: expected the metadata of a record as JSON, found {kind!r} ({error}); "
            f"--record wants an address such as {ZENODO}"
        ) from error
    archives: dict[str, Archive] = {}
    for file in _files(metadata, url):
        if archive := _archive(file, url):
            if archive.name in archives:
                raise DownloadError(f"{url}: {archive.name}.zip is in the record twice")
            archives[archive.name] = archive
    return archives


def choose(archives: dict[str, Archive], actors: Iterable[int], song: bool) -> list[Archive]:
    """Speech, and with `song` songs, of these actors; raises `DownloadError` naming what is missing."""
    names = [
        archive_name(channel, actor)
        for actor in sorted(set(actors))
        for channel in CHANNELS
        if channel == 1 or (song and actor != WITHOUT_SONGS)
    ]
    if missing := [f"{name}.zip" for name in names if name not in archives]:
        raise DownloadError(
            f"the record has no {', '.join(missing)}; it has {len(archives)} archives with names "
            "such as Video_Speech_Actor_01.zip: choose others (--actors) or another record (--record)"
        )
    return [archives[name] for name in names]


def _files(metadata: object, url: str) -> list:
    files = None
    if isinstance(metadata, dict):
        files = metadata.get("files", metadata.get("entries"))
    if isinstance(files, dict):
        files = files.get("entries")
    if isinstance(files, dict):
        files = [{"key": key, **entry} for key, entry in files.items() if isinstance(entry, dict)]
    if not isinstance(files, list):
        raise DownloadError(
            f"{url}: expected a list of the record's files in its metadata, found none; a record "
            f"whose files are public has it, such as {ZENODO}"
        )
    return files


def _archive(file: object, url: str) -> Archive | None:
    """None for a file that is no video archive; its key is no path before it is checked here."""
    key = file.get("key") if isinstance(file, dict) else None
    match = _KEY.fullmatch(key) if isinstance(key, str) else None
    if match is None:
        return None
    size, checksum, links = (file.get(field) for field in ("size", "checksum", "links"))
    links = links if isinstance(links, dict) else {}
    link = links.get("content", links.get("self"))  # where both are, `self` is about the file
    if type(size) is not int or not 0 < size <= _MOST_ARCHIVE:
        raise _lacking(url, key, f"size: expected 1 to {_MOST_ARCHIVE:,} bytes", size)
    md5 = _MD5.fullmatch(checksum) if isinstance(checksum, str) else None
    if md5 is None:
        raise _lacking(url, key, "checksum: expected md5: and 32 hexadecimal digits", checksum)
    if not isinstance(link, str):
        raise _lacking(url, key, "links: expected an address as `content` or `self`", link)
    _check_link(link, key, url)
    channel = 1 if match[1] == "Speech" else 2
    return Archive(channel, int(match[2]), size, md5[1], _addresses(link))


def _addresses(link: str) -> tuple[str, ...]:
    match = _API_LINK.fullmatch(link)
    return (f"{match[1]}{match[2]}?download=1", link) if match else (link,)


def _check_link(link: str, key: str, url: str) -> None:
    """A record that came by https does not lead out of it, nor one by http to other hosts."""
    check_url(link, f"{url}: link of {key}")
    to, origin = urlsplit(link), urlsplit(url)
    if to.scheme != "https" and (origin.scheme, origin.hostname) != (to.scheme, to.hostname):
        raise _lacking(url, key, "links: expected https", link)


def _lacking(url: str, key: str, expected: str, found: object) -> DownloadError:
    return DownloadError(
        f"{url}: {key}: {expected}, found {found!r}; without it nothing could be checked, so "
        "nothing is fetched"
    )
