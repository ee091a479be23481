"""The page's server alone, with a model that is made up: what it takes on, what it refuses, what is left."""

import asyncio
import http.client
import json
import os
import socket
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote, urlsplit

import pytest
import requests

from ravdess_exp.page.app import build_app
from ravdess_exp.page.limits import Limits
from tests.helpers.page_server import PATIENCE, served

SMALL = Limits(largest=100_000, held=10**7, waiting=40, pause=0.5, answer=60.0)
MODEL = {"name": "made up", "classes": ["calm", "angry"]}


class MadeUp:
    """A model: notes what it is asked, and takes its time."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.seen: list[tuple] = []

    async def __call__(self, path, name):
        self.seen.append((name, path.name, path.read_bytes(), stat.S_IMODE(path.stat().st_mode)))
        await asyncio.sleep(self.seconds)
        return {"file": name, "prediction": "calm"}


@pytest.fixture
def page(tmp_path):
    """A function that serves the page for a block: gives its address."""

    @contextmanager
    def serve(ask=None, limits=SMALL):
        (tmp_path / "uploads").mkdir(exist_ok=True)
        ask = ask or MadeUp()
        app = build_app(model=MODEL, ask=ask, explain=ask, folder=tmp_path / "uploads",
                        limits=limits, names=["localhost"])  # fmt: skip
        with served(app) as address:
            yield address
        assert not list((tmp_path / "uploads").iterdir())  # whatever happened

    return serve


def post(address, body, name="clip.mp4", **headers):
    url = f"{address}/api/answers?name={quote(name, safe='')}"
    return requests.post(url, data=body, headers=headers, timeout=PATIENCE)


def test_a_recording_is_answered_and_deleted(page):
    """It stands on the disk under a name of ours, for its owner's eyes alone."""
    model = MadeUp()
    with page(model) as address:
        assert post(address, b"film" * 1000).json() == {"file": "clip.mp4", "prediction": "calm"}
    ((name, path, content, mode),) = model.seen
    assert (name, content, mode) == ("clip.mp4", b"film" * 1000, 0o600) and "clip" not in path


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\clip.mp4", "clip.mp4"),
        ("<img src=x onerror=alert(1)>.mp4", "<img src=x onerror=alert(1)>.mp4"),
        ("a\x00b\nc\x1b[31m.mp4", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
         "\N{REPLACEMENT CHARACTER}[31m.mp4"),
        ("", "recording"),
        ("..", ".."),
        ("x" * 1000, "x" * 120),
    ],
)  # fmt: skip
def test_a_file_name_is_shown_and_never_used(name, shown, page):
    model = MadeUp()
    with page(model) as address:
        answer = post(address, b"film", name)
    assert answer.json()["file"] == shown
    assert answer.headers["content-type"] == "application/json"
    assert model.seen[0][1].isalnum()  # on the disk


def test_too_large_is_said_before_it_is_read(page):
    """By what is declared, without a byte of it; and where nothing is declared at the limit."""
    model = MadeUp()
    with page(model) as address:
        host, port = urlsplit(address).hostname, urlsplit(address).port
        with socket.create_connection((host, port), timeout=PATIENCE) as plain:
            plain.sendall(
                f"POST /api/answers HTTP/1.1\r\nHost: localhost:{port}\r\n"
                f"Content-Length: {2 * 2**30}\r\n\r\n".encode()
            )
            assert b"413" in plain.recv(1000).splitlines()[0]
        for body in (b"x" * 100_001, iter([b"x" * 1000] * 200)):
            refused = post(address, body)
            assert refused.status_code == 413
            assert refused.json()["reason"].startswith("larger than 0 MB, the most that")
        assert post(address, b"x" * 100_000).status_code == 200  # the page goes on
    assert len(model.seen) == 1


def test_what_stops_coming_is_given_up(page):
    with page() as address:
        host = urlsplit(address)
        connection = http.client.HTTPConnection(host.hostname, host.port, timeout=PATIENCE)
        connection.putrequest("POST", "/api/answers")
        connection.putheader("Content-Length", "1000")
        connection.endheaders()
        connection.send(b"a little")
        answer = connection.getresponse()
        assert answer.status == 408 and "stopped coming for 0.5 s" in json.load(answer)["reason"]
        connection.close()


def test_a_sender_who_leaves_leaves_nothing(page):
    """In the middle of a file, and before its answer."""
    with page(MadeUp(seconds=30)) as address:
        host = urlsplit(address)
        for length in (1000, 8):
            connection = http.client.HTTPConnection(host.hostname, host.port, timeout=PATIENCE)
            connection.putrequest("POST", "/api/answers")
            connection.putheader("Content-Length", str(length))
            connection.endheaders()
            connection.send(b"a little")
            time.sleep(0.2)
            connection.close()
        assert requests.get(address, timeout=PATIENCE).ok


def test_twenty_at_once_are_all_answered(page):
    with page(MadeUp(seconds=0.05)) as address, ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda i: post(address, b"film", f"{i}.mp4"), range(20)))
    assert [a.json()["file"] for a in answers] == [f"{i}.mp4" for i in range(20)]


def test_more_than_it_takes_on_is_told_to_come_again(page):
    """A hundred at once, with three places: each has an answer or a sentence, and the page goes on."""
    with page(MadeUp(seconds=0.3), replace(SMALL, waiting=3)) as address:
        with ThreadPoolExecutor(100) as threads:
            answers = list(threads.map(lambda i: post(address, b"film"), range(100)))
        counts = [sum(a.status_code == code for a in answers) for code in (200, 503)]
        assert counts[0] >= 3 and sum(counts) == 100 and counts[1] > 0
        busy = next(a for a in answers if a.status_code == 503)
        assert "busy" in busy.json()["reason"] and int(busy.headers["retry-after"]) > 0
        assert post(address, b"film").status_code == 200


def test_files_in_hand_do_not_fill_the_disk(page):
    limits = replace(SMALL, held=150_000)
    with page(MadeUp(seconds=0.5), limits) as address, ThreadPoolExecutor(2) as threads:
        codes = sorted(
            a.status_code for a in threads.map(lambda i: post(address, b"x" * 90_000), range(2))
        )
    assert codes == [200, 503]


def test_a_full_disk_is_a_sentence(page, monkeypatch):
    def full(path, flags):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("ravdess_exp.page.upload._private", full)
    with page() as address:
        answer = post(address, b"film")
    assert answer.status_code == 507 and "the disk is full" in answer.json()["reason"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (b"", {}, 400, "the file is empty"),
        (b"--x", {"Content-Type": "multipart/form-data; boundary=x"}, 415, "send the file itself"),
        (b"film", {"Origin": "http://evil.example"}, 403, "a page of another site"),
        (b"film", {"Origin": "null"}, 403, "a page of another site"),
        (b"film", {"Sec-Fetch-Site": "cross-site"}, 403, "a page of another site"),
        (b"film", {"Host": "evil.example"}, 403, "not one of this page's"),
        (b"film", {"Host": "localhost.evil.example:80"}, 403, "not one of this page's"),
        (b"film", {"Host": "[::"}, 403, "not one of this page's"),
    ],
)
def test_what_is_not_answered_has_a_reason(body, headers, status, reason, page):
    model = MadeUp()
    with page(model) as address:
        answer = post(address, body, **headers)
    assert answer.status_code == status and reason in answer.json()["reason"]
    assert not model.seen


def test_its_own_page_may_ask_by_any_of_its_names(page):
    with page() as address:
        port = urlsplit(address).port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", "localhost"):
            answer = post(address, b"film", Host=host, Origin=f"http://{host}")
            assert answer.status_code == 200, host


@pytest.mark.parametrize("path", ["/", "/static/page.js", "/api/model", "/nowhere", "/api/answers"])
def test_every_answer_forbids_what_the_page_does_not_need(path, page):
    with page() as address:
        headers = requests.get(address + path, timeout=PATIENCE).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers and "server" not in headers


@pytest.mark.parametrize(
    "path", ["/static/..%2fapp.py", "/static/../app.py", "/static/%2e%2e/app.py", "/static/app.py",
             "/static//etc/passwd", "/static/", "/docs"],
)  # fmt: skip
def test_only_the_pages_own_files_are_served(path, page):
    with page() as address:
        host = urlsplit(address)
        connection = http.client.HTTPConnection(host.hostname, host.port, timeout=PATIENCE)
        connection.request("GET", path)  # as it stands, where others would tidy it
        assert connection.getresponse().status == 404
        connection.close()


def test_a_fault_is_said_and_the_page_goes_on(page):
    async def breaks(path, name):
        if name == "bad":
            raise RuntimeError("no")
        return {"file": name}

    with page(breaks) as address:
        answer = post(address, b"film", "bad")
        assert answer.status_code == 500 and "RuntimeError" in answer.json()["reason"]
        assert post(address, b"film", "good").json() == {"file": "good"}


def test_requests_that_read_do_not_wait_for_a_model(page):
    with page(MadeUp(seconds=1.0)) as address:
        asking = threading.Thread(target=post, args=(address, b"film"))
        asking.start()
        model = requests.get(f"{address}/api/model", timeout=PATIENCE).json()
        assert asking.is_alive() and model["name"] == "made up"
        assert model["limits"]["largest"] == 100_000
        asking.join()
