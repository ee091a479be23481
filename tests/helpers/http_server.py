"""A local HTTP server that does to a downloader what servers do: by plan, and it counts."""

import json
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_RECORD = "/api/records/1"
_CHUNK = 1 << 14
_LONGEST_HANG = 20.0  # seconds; a test that forgets to release it ends all the same


@dataclass(frozen=True)
class Answer:
    """How one request is answered; the default is as it should be."""

    status: int = 0  # 0: 200, 206 or 416, as fits the request
    headers: dict[str, str | None] = field(default_factory=dict)  # None leaves one out
    content: bytes | None = None  # instead of the file's
    cut: int | None = None  # the connection is dropped after so many bytes of the body
    hang: int | None = None  # nothing more comes after so many bytes
    ranges: bool = True  # whether Range is looked at


class HostileServer(ThreadingHTTPServer):
    """Files by path, and for each path a plan of how its next requests are answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.plans: dict[str, Iterator[Answer]] = {}
        self.asked: list[tuple[str, str | None]] = []  # path and Range of every request, in order
        self.times: list[float] = []
        self.sent: Counter[str] = Counter()  # bytes of bodies, by path
        self.released = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Silent about clients that hang up, as a downloader does that has had enough."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def plan(self, path: str, answers: Iterable[Answer]) -> None:
        """The next requests of a path are answered so; those after them as they should be."""
        self.plans[path] = iter(answers)

    def ranges(self, path: str) -> list[str | None]:
        """The Range header of each request of a path, in order."""
        return [asked for requested, asked in self.asked if requested == path]

    def publish(self, archives: dict[str, bytes]) -> str:
        """Serve archives by name and a record of them in Zenodo's layout; returns its address."""
        entries = []
        for name, content in archives.items():
            self.files[f"/{name}"] = content
            entries.append(self.entry(name, content))
        self.files[_RECORD] = json.dumps({"id": 1, "files": entries}).encode()
        return self.url(_RECORD)

    def entry(self, name: str, content: bytes) -> dict:
        """Metadata of one file, as Zenodo writes it."""
        digest = md5(content, usedforsecurity=False).hexdigest()
        links = {"self": self.url(f"/{name}")}
        return {"key": name, "size": len(content), "checksum": f"md5:{digest}", "links": links}


@contextmanager
def serving() -> Iterator[HostileServer]:
    """A server in a thread, on loopback, closed at the end."""
    server = HostileServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HostileServer

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.asked.append((self.path, asked))
        answer = next(self.server.plans.get(self.path, iter(())), Answer())
        content = answer.content
        if content is None:
            content = self.server.files.get(self.path)
        if content is None:
            return self._send(Answer(), 404, {}, b"no such file")
        etag = f'"{md5(content, usedforsecurity=False).hexdigest()}"'
        headers = {"ETag": etag, "Content-Type": "application/octet-stream"}
        status, start = 200, 0
        current = self.headers.get("If-Range", etag) == etag
        if asked and answer.ranges and current:
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
            status = 206 if start < len(content) else 416
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return self._send(answer, answer.status or status, headers, content[start:])

    def _send(self, answer: Answer, status: int, headers: dict, body: bytes) -> None:
        headers = {**headers, "Content-Length": str(len(body)), **answer.headers}
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.close_connection = answer.cut is not None or headers["Content-Length"] is None
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        stop = next((n for n in (answer.cut, answer.hang) if n is not None), len(body))
        try:
            for start in range(0, stop, _CHUNK):
                chunk = body[start : min(stop, start + _CHUNK)]
                self.server.sent[self.path] += len(chunk)  # before, or a test might look too soon
                self.wfile.write(chunk)
            if answer.hang is not None:
                self.server.released.wait(_LONGEST_HANG)
                self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the other side has had enough

    def log_message(self, *args) -> None:
        """Nothing: pytest's output is for failures."""
