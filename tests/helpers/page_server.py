"""The page's application served on this machine, in a thread of the test's own process."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp

from ravdess_exp.page.server import web_server

PATIENCE = 60.0  # seconds


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Its address, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = web_server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + PATIENCE
        while not server.started:
            assert time.monotonic() < deadline and thread.is_alive()
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
