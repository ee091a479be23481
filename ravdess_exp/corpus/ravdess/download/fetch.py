"""One archive over HTTP: resumed where it broke off, and of the record's size and MD5 in the end."""

import hashlib
import json
import re
from pathlib import Path
from typing import Protocol

from requests import Response

from ravdess_exp.corpus.ravdess.download.client import (
    AttemptError,
    Client,
    RefusedError,
    StoppedError,
)
from ravdess_exp.corpus.ravdess.download.record import Archive
from ravdess_exp.corpus.ravdess.download.single import Single
from ravdess_exp.errors import DownloadError

_CHUNK = 1 << 16
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class DamagedError(DownloadError):
    """Bytes that are not those of the record, or no sound zip file; worth fetching once more."""


class Counter(Protocol):
    """Who wants to know how far it is, in bytes."""

    def already_there(self, count: int) -> None:
        """Bytes that were there before."""

    def lost(self, count: int) -> None:
        """Bytes that were there or came, and were thrown away."""

    def add(self, count: int) -> None:
        """Bytes that came."""


def fetch(archive: Archive | Single, folder: Path, client: Client, counter: Counter) -> Path:
    """`NAME.zip` in `folder`, checked. What was there before, whole or in part, is not asked for.

    Raises `DamagedError` where the bytes are not the record's, and has then removed them;
    `DownloadError` where they do not come, and keeps those that came.
    """
    path = folder / f"{archive.name}.zip"
    if path.is_file():
        if path.stat().st_size == archive.size and _is_whole(archive, path):
            counter.already_there(archive.size)
            return path
        path.unlink()
    part = _Part(archive, folder, counter)
    for url in archive.urls:
        try:
            _fill(part, url, client)
            break
        except RefusedError:
            if url == archive.urls[-1]:
                raise
    if not _is_whole(archive, part.path):
        md5 = _md5(part.path)
        part.restart(None)
        raise DamagedError(
            f"{archive.name}.zip: the MD5 sum is {md5}, expected {archive.md5} as the record says"
        )
    return part.finish(path)


def _fill(part: "_Part", url: str, client: Client) -> None:
    """Ask for what is missing until nothing is."""
    patience = client.patience(f"{part.archive.name}.zip")
    furthest = part.size
    while part.size < part.archive.size:
        try:
            with client.get(url, part.headers()) as response:
                _receive(response, part, client)
        except AttemptError as failure:
            # further than ever, not just some bytes: a server may begin anew each time for ever
            if part.size > furthest:
                furthest = part.size
                patience.renew()
            patience.wait(failure)


class _Part:
    """What there is of an archive, and which version of the server's file it is of."""

    def __init__(self, archive: Archive | Single, folder: Path, counter: Counter) -> None:
        self.archive = archive
        self.path = folder / f"{archive.name}.zip.part"
        self._state = folder / f"{archive.name}.zip.part.json"
        self._counter = counter
        self.size, self.etag = self._recall()
        if not self.size:
            self.path.unlink(missing_ok=True)
        counter.already_there(self.size)

    def _recall(self) -> tuple[int, str | None]:
        """Size and ETag of what an earlier run left; (0, None) if that is of another file."""
        try:
            state = json.loads(self._state.read_text())
            size = self.path.stat().st_size
            if state["md5"] == self.archive.identity and size <= self.archive.size:
                return size, None if state["etag"] is None else str(state["etag"])
        except (OSError, ValueError, LookupError, TypeError):
            pass  # nothing left, or a damaged note about it
        return 0, None

    def headers(self) -> dict[str, str]:
        """Of the request for what is missing; `If-Range` gets the whole file if it has changed."""
        if not self.size:
            return {}
        headers = {"Range": f"bytes={self.size}-"}
        if self.etag is not None and self.etag.startswith('"'):  # a weak one, W/"...", may not
            headers["If-Range"] = self.etag
        return headers

    def restart(self, etag: str | None) -> None:
        """Begin anew, with a file of this ETag."""
        self.path.unlink(missing_ok=True)
        self._state.write_text(json.dumps({"md5": self.archive.identity, "etag": etag}))
        self._counter.lost(self.size)
        self.size, self.etag = 0, etag

    def append(self, chunk: bytes) -> None:
        """Add to the file at once, so that a kill loses nothing of it."""
        with self.path.open("ab") as file:
            file.write(chunk)
        self.size += len(chunk)
        self._counter.add(len(chunk))

    def finish(self, path: Path) -> Path:
        """Give it its name."""
        self.path.replace(path)
        self._state.unlink(missing_ok=True)
        return path


def _receive(response: Response, part: _Part, client: Client) -> None:
    """Add what an answer holds; raises `AttemptError` unless the archive is then whole."""
    archive = part.archive
    if response.status_code == 416:
        offset = part.size
        part.restart(None)
        raise AttemptError(f"the server's file ends before byte {offset:,} of {archive.size:,}")
    if response.status_code == 206:
        _check_part(response, part)
    else:
        _check_whole(response, archive)
        part.restart(response.headers.get("ETag"))
    # read1: what has come, and not only once a chunk is full, so a break loses nothing
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        if part.size + len(chunk) > archive.size:
            part.restart(None)
            raise AttemptError(f"the server sends more than the record's {archive.size:,} bytes")
        part.append(chunk)
        if client.stop.is_set():
            raise StoppedError
    if part.size < archive.size:
        raise AttemptError(f"the server ended after {part.size:,} of {archive.size:,} bytes")


def _check_part(response: Response, part: _Part) -> None:
    """An answer of 206 has to go on exactly where the part ends, and with the same file."""
    header = response.headers.get("Content-Range", "")
    match = _RANGE.fullmatch(header)
    etag = response.headers.get("ETag", part.etag)
    fits = (
        match is not None
        and int(match[1]) == part.size
        and match[3] in ("*", str(part.archive.size))
        and etag == part.etag
    )
    if not fits:
        expected = f"bytes {part.size}-{part.archive.size - 1}/{part.archive.size} of {part.etag}"
        part.restart(None)
        raise AttemptError(f"expected {expected}, the server answers {header!r} of {etag}")


def _check_whole(response: Response, archive: Archive | Single) -> None:
    """Looked at before what is there is thrown away for it."""
    length = response.headers.get("Content-Length")
    if length is not None and length != str(archive.size):
        raise AttemptError(
            f"the server offers {length} bytes, the record says {archive.size:,} bytes"
        )
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise RefusedError(f"{response.url}: expected an archive, the server answers with a page")


def _is_whole(archive: Archive | Single, path: Path) -> bool:
    """Whether the bytes are the record's; of a file without a record its size is all that is known."""
    return archive.md5 is None or _md5(path) == archive.md5


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        # against damage, not against an attacker: it is what the record offers
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
