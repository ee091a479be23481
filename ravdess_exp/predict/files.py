"""The folder of a bundle: written whole or not at all, and held against its checksums when read."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ravdess_exp.errors import BundleError
from ravdess_exp.files import whole_folder

DESCRIPTION = "bundle.json"
CARD = "card.md"  # for people, who may well add to it: the one file without a checksum
_FORMAT = 1  # raise it when an older version cannot read what this one writes
_HEADER = ("format", "sha256", "files")  # beside the content


@contextmanager
def written_folder(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A new folder to write files into, and a dictionary for what `bundle.json` is to say.

    When the block has ended well it takes the place of `folder`. Raises `OutputError` where the
    disk does not take it; then what was there before is there still.
    """
    content: dict[str, Any] = {}
    with whole_folder(folder) as unfinished:
        yield unfinished, content
        paths = [path for path in sorted(unfinished.iterdir()) if path.name != CARD]
        files = {path.name: _digest(path) for path in paths}
        header = {"format": _FORMAT, "sha256": _digest_of(content, files), "files": files}
        _write(unfinished / DESCRIPTION, json.dumps(header | content, indent=1))


def read_folder(folder: Path) -> dict[str, Any]:
    """What `bundle.json` says, when it and every other file is as it was written.

    Raises `BundleError` for a newer format, and for a file that lacks, is damaged or is another.
    """
    path = folder / DESCRIPTION
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        known = stored["format"]
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{path}: damaged; copy the bundle again, or train again") from error
    if known != _FORMAT:
        raise BundleError(
            f"{folder}: a bundle of format {known}, and this version of ravdess_exp reads "
            f"{_FORMAT}; install a newer version, or train again with this one"
        )
    files, content = stored.get("files"), {k: v for k, v in stored.items() if k not in _HEADER}
    if not isinstance(files, dict) or stored.get("sha256") != _digest_of(content, files):
        raise BundleError(f"{path}: damaged, or changed by someone; copy the bundle again")
    for name, digest in files.items():
        _check(folder / name, digest)
    return content


def refuse_numbers(content: Mapping[str, Any], run: str, why: str) -> None:
    """Raise `BundleError` where the models of a bundle tell numbers and no classes. why: those are needed."""
    if content.get("numbers"):
        raise BundleError(
            f"{run}: its model tells {', '.join(content['numbers'])} as numbers, and {why}; "
            "ravdess-exp predict gives them"
        )


def _check(path: Path, digest: str) -> None:
    try:
        same = _digest(path) == digest
    except OSError as error:
        raise BundleError(
            f"{path}: cannot be read ({error.strerror}); copy the bundle again"
        ) from error
    if not same:
        raise BundleError(
            f"{path}: damaged or exchanged, its SHA-256 is not the one in {DESCRIPTION}; copy the "
            "bundle again"
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of(content: dict, files: dict) -> str:
    return hashlib.sha256(json.dumps([content, files], sort_keys=True).encode()).hexdigest()


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())  # or a power cut could leave the name without the content
