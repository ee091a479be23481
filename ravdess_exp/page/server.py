"""The web server of the page: a port, a folder for what is uploaded, and an end that leaves nothing."""

import ipaddress
import logging
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from ravdess_exp.errors import PageError
from ravdess_exp.page.app import build_app
from ravdess_exp.page.limits import Limits
from ravdess_exp.page.model_process import ModelProcess

_LOCAL = ("localhost", "127.0.0.1", "::1")
_LOG = "uvicorn.error"
_CONNECTIONS = 400  # beyond, a bare 503: the page's own queue says it in words before
_KEEPER = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"
_FAREWELL = 1  # seconds that answers under way are waited for at the end


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that holds this port, 0 for any; raises `PageError` where it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        known = not isinstance(error, socket.gaierror) and error.errno
        reason = os.strerror(error.errno) if known else error.strerror or str(error)
        raise PageError(
            f"port {port} of {host} cannot be used ({reason}); choose another one with --port, or "
            "--port auto, and --host only among this machine's own addresses"
        ) from error
    with listener:
        yield listener


def serve(
    bundle: Path,
    listener: socket.socket,
    *,
    host: str,
    live: bool,
    limits: Limits,
    ready: Callable[[], None],
) -> None:
    """Serve the page of a model until a signal ends it; the socket is bound.

    ready: called when the page answers. Raises `RavdessError` where the model cannot be used.
    """
    with _private_folder() as folder:
        process = ModelProcess(bundle, limits)
        try:
            app = build_app(
                model=process.start(),
                ask=process.answer,
                explain=process.explain,
                folder=folder,
                limits=limits,
                names={*_LOCAL, host, socket.gethostname()},
                live=live,
            )
            ready()
            web_server(app).run(sockets=[listener])
        finally:
            process.stop()


def address(listener: socket.socket, host: str) -> str:
    """What to type into a browser."""
    port = listener.getsockname()[1]
    if is_everywhere(host):
        return f"http://{socket.gethostname()}:{port}/"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def is_everywhere(host: str) -> bool:
    """Whether it stands for all of this machine's addresses."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def is_local(host: str) -> bool:
    """Whether only this machine itself can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def web_server(app: ASGIApp) -> uvicorn.Server:
    """What answers requests; it says nothing and waits little at its end."""
    logging.getLogger(_LOG).setLevel(logging.ERROR)
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_FAREWELL,
        )
    )


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hang up on whoever is still there: at the end that is no fault to be told of."""
        logging.getLogger(_LOG).setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder that only this user may look into, gone with all it holds when the block ends.

    Another process deletes it as soon as a pipe from this one closes, which it does however this one
    ends: a server that is killed deletes nothing.
    """
    folder = Path(tempfile.mkdtemp(prefix="ravdess_page_"))  # made with 0700
    keeper = subprocess.Popen(  # noqa: S603 - our own line
        [sys.executable, "-I", "-S", "-c", _KEEPER, folder],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is not for it
    )
    try:
        yield folder
    finally:
        keeper.stdin.close()
        keeper.wait()
