"""A recording that a request brings: a stream into a file of ours, which is gone afterwards."""

import asyncio
import errno
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request

from ravdess_exp.page.limits import Limits, WaitingRoom
from ravdess_exp.page.refusal import RefusalError

_LONGEST_NAME = 120  # characters that are shown
_FULL = (errno.ENOSPC, errno.EDQUOT)
_UNKNOWN = "recording"


def shown_name(request: Request) -> str:
    """What the file is called: the last part of a path, printable, and never a place on this disk."""
    last = re.split(r"[/\\]", unquote(request.query_params.get("name", "")))[-1]
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in last)
    return printable.strip()[:_LONGEST_NAME] or _UNKNOWN


@asynccontextmanager
async def uploaded(request: Request, folder: Path, room: WaitingRoom) -> AsyncIterator[Path]:
    """The request's body as a file of the folder, until the block ends.

    Raises `RefusalError` for what is too large, as soon as that is known, comes too slowly, or is empty,
    and `ClientDisconnect` where the sender has gone.
    """
    limits, declared = room.limits, _declared(request)
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise RefusalError(
            415, "send the file itself as the body of the request, not a form with it"
        )
    if declared is not None and declared > limits.largest:
        raise _too_large(limits)
    # who does not say how much it is may send as much as is allowed
    with room.room_for(limits.largest if declared is None else declared):
        path = folder / uuid4().hex  # no part of the name that came: it may be a path
        try:
            await _write(request, path, limits)
            yield path
        finally:
            with suppress(FileNotFoundError):
                path.unlink()


async def _write(request: Request, path: Path, limits: Limits) -> None:
    size, pieces = 0, aiter(request.stream())
    try:
        with open(path, "xb", opener=_private) as file:
            while piece := await asyncio.wait_for(anext(pieces, b""), limits.pause):
                size += len(piece)
                if size > limits.largest:
                    raise _too_large(limits)
                file.write(piece)
    except TimeoutError:
        raise RefusalError(
            408, f"the file stopped coming for {limits.pause:g} s; send it again"
        ) from None
    except ClientDisconnect:
        raise
    except OSError as error:
        full = error.errno in _FULL
        reason = "the disk is full" if full else f"the file cannot be kept ({error.strerror})"
        raise RefusalError(
            507 if full else 500, f"{reason}; free some space and try again"
        ) from error
    if not size:
        raise RefusalError(400, "the file is empty")


def _declared(request: Request) -> int | None:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _too_large(limits: Limits) -> RefusalError:
    most = limits.largest // 2**20
    return RefusalError(
        413, f"larger than {most} MB, the most that the page takes; cut out what matters"
    )
