"""The page's addresses: its files, what it says of the model, and answers to recordings."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ravdess_exp.page.guard import Guard
from ravdess_exp.page.limits import Limits, WaitingRoom
from ravdess_exp.page.refusal import RefusalError
from ravdess_exp.page.upload import shown_name, uploaded

Ask = Callable[[Path, str], Awaitable[Mapping[str, Any]]]
_KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_INDEX = "index.html"
_GONE = 499  # nobody reads it


def build_app(
    *,
    model: Mapping[str, Any],
    ask: Ask,
    explain: Ask,
    folder: Path,
    limits: Limits,
    names: Collection[str],
    live: bool = False,
) -> ASGIApp:
    """model: what `/api/model` says of it; ask, explain: answer a file, by path and name to show; folder:
    where files are until then; names: by which this machine may be addressed; live: whether the page
    opens on its live part.
    """
    files, room = _static_files(), WaitingRoom(limits)
    described = {**model, "limits": asdict(limits), "live": live}

    async def static(request: Request) -> Response:
        name = request.path_params.get("name", _INDEX)
        if name not in files:
            raise HTTPException(404, "not found")
        return Response(files[name], media_type=_KINDS[Path(name).suffix])

    async def about_model(request: Request) -> Response:
        return JSONResponse(described)

    def answering(question: Ask) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            with room.place():
                async with uploaded(request, folder, room) as path:
                    made = await _unless_gone(request, question(path, shown_name(request)))
            return JSONResponse(made)

        return answer

    routes = [
        Route("/", static),
        Route("/static/{name}", static),
        Route("/api/model", about_model),
        Route("/api/answers", answering(ask), methods=["POST"]),
        Route("/api/explanations", answering(explain), methods=["POST"]),
    ]
    handlers = {
        RefusalError: _refused,
        ClientDisconnect: _gone,
        HTTPException: _http_error,
        Exception: _fault,
    }
    return Guard(Starlette(routes=routes, exception_handlers=handlers), names)


def _static_files() -> dict[str, bytes]:
    """All files of the page by name: nothing else on the disk can be asked for."""
    folder = resources.files("ravdess_exp.page").joinpath("static")
    return {f.name: f.read_bytes() for f in folder.iterdir() if Path(f.name).suffix in _KINDS}


async def _unless_gone(request: Request, answer: Awaitable[Mapping]) -> Mapping[str, Any]:
    """The answer; raises `ClientDisconnect` where the sender leaves first, and nobody waits for it."""
    asked, left = asyncio.ensure_future(answer), asyncio.ensure_future(_leaves(request))
    try:
        await asyncio.wait({asked, left}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            return asked.result()
        raise ClientDisconnect
    finally:
        for task in (asked, left):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _leaves(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _refused(request: Request, error: RefusalError) -> Response:
    headers = {"connection": "close"}  # what it still sends is not read
    if error.retry is not None:
        headers["retry-after"] = str(error.retry)
    return JSONResponse({"reason": error.sentence}, status_code=error.status, headers=headers)


async def _gone(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=_GONE)


async def _http_error(request: Request, error: HTTPException) -> Response:
    return JSONResponse({"reason": str(error.detail)}, error.status_code, error.headers)


async def _fault(request: Request, error: Exception) -> Response:
    reason = f"a fault of the page, {type(error).__name__}; the terminal that it runs in shows more"
    return JSONResponse({"reason": reason}, status_code=500)
