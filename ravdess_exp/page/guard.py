"""What stands before every request: whom the page answers, and what a browser may do with an answer.

A page of another site must neither ask this one (its `Origin` is another) nor pass for it by giving its
own name this machine's address (its `Host` is another: DNS rebinding).
"""

import ipaddress
import json
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=()",
    "cache-control": "no-store",
}
_READING = ("GET", "HEAD")
_SCHEMES = ("http", "https")


class Guard:
    """The application behind it answers only requests that are meant for it. names: of this machine."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *own]
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        if refusal is None:
            await self._app(scope, receive, send_guarded)
        else:
            await _answer(send_guarded, 403, refusal)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        """Why a request is not answered; None where it is."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_ours(host):
            return "the address is not one of this page's: open the one that the terminal shows"
        if method in _READING:
            return None
        if origin is None:  # no browser, or one that says where it comes from in another way
            known = headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
            return None if known else "asked by a page of another site"
        here = origin in [f"{scheme}://{host}" for scheme in _SCHEMES]
        return None if here else "asked by a page of another site"

    def _is_ours(self, host: str) -> bool:
        """Whether it is a name of ours, or a number: those cannot be made to lead elsewhere."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


async def _answer(send: Send, status: int, reason: str) -> None:
    body = json.dumps({"reason": reason}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # whatever else it sends is not read
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
