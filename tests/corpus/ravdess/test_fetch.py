"""One archive from servers that do everything wrong: the record's bytes in the end, or a reason."""

import itertools
import random
import threading
import time
from dataclasses import replace
from email.utils import formatdate

import pytest

from ravdess_exp.corpus.ravdess.download.client import Client, Limits
from ravdess_exp.corpus.ravdess.download.fetch import DamagedError, fetch
from ravdess_exp.errors import DownloadError
from tests.helpers.archives import described
from tests.helpers.http_server import Answer, serving

PATH = "/archive"
NAME = "Video_Speech_Actor_01"
CONTENT = random.Random(0).randbytes(300_000)
OTHER = random.Random(1).randbytes(300_000)
QUICK = Limits(connect=2, read=0.3, attempts=4, pause=0.01, longest_pause=0.02, waits=3)


class Waits(threading.Event):
    """Never set, and notes for how long it was waited for instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return False


class Count:
    """Bytes that a progress bar would show."""

    def __init__(self) -> None:
        self.there = self.came = self.thrown_away = 0

    def already_there(self, count: int) -> None:
        self.there += count

    def lost(self, count: int) -> None:
        self.thrown_away += count

    def add(self, count: int) -> None:
        self.came += count


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as server:
        server.files[PATH] = CONTENT
        yield server


@pytest.fixture
def bring(server, tmp_path):
    """Fetch from the server what the record describes as `content`; returns the bytes on the disk."""

    def bringer(content: bytes = CONTENT, limits: Limits = QUICK) -> bytes:
        bringer.count, bringer.waits = Count(), Waits()
        archive = described(content, server.url(PATH))
        path = fetch(archive, tmp_path, Client(limits, bringer.waits), bringer.count)
        assert path == tmp_path / f"{NAME}.zip"
        count = bringer.count
        assert count.there + count.came - count.thrown_away == len(content), "the bar ends at 100%"
        return path.read_bytes()

    return bringer


def left(folder) -> bytes:
    """What there is of an unfinished archive."""
    path = folder / f"{NAME}.zip.part"
    return path.read_bytes() if path.exists() else b""


def test_whole_at_once_and_not_again(server, bring, tmp_path):
    assert bring() == CONTENT
    assert [p.name for p in tmp_path.iterdir()] == [f"{NAME}.zip"]
    assert bring() == CONTENT and len(server.asked) == 1, "what is there is not asked for"
    (tmp_path / f"{NAME}.zip").write_bytes(OTHER)
    assert bring() == CONTENT and len(server.asked) == 2, "unless it is something else"


@pytest.mark.parametrize("seed", range(5))
def test_dropped_at_random_places_every_byte_is_sent_once(server, bring, seed):
    places = random.Random(seed)
    server.plan(PATH, [Answer(cut=places.randrange(50_000)) for _ in range(6)])
    assert bring() == CONTENT
    assert server.sent[PATH] == len(CONTENT)
    assert len(server.asked) == 7 and server.ranges(PATH)[-1] is not None


def test_dropped_without_a_byte_or_in_the_headers_too(server, bring):
    server.plan(PATH, [Answer(cut=0), Answer(cut=100), Answer(cut=0), Answer(cut=0), Answer(cut=1)])
    assert bring() == CONTENT and server.sent[PATH] == len(CONTENT)


def test_a_server_that_ignores_ranges_is_never_appended_to(server, bring):
    server.plan(
        PATH, [Answer(cut=100_000), Answer(cut=200_000, ranges=False), Answer(ranges=False)]
    )
    assert bring() == CONTENT
    assert server.ranges(PATH) == [None, "bytes=100000-", "bytes=200000-"]
    assert server.sent[PATH] == 600_000, "each time from the start"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Range": "bytes 0-299999/300000"},
        {"Content-Range": "bytes 99999-299999/300000"},
        {"Content-Range": "bytes 100000-299999/400000"},
        {"Content-Range": "bytes */300000"},
        {"Content-Range": "lines 1-2/3"},
        {"Content-Range": None},
        {"ETag": '"another"'},
    ],
)
def test_a_part_that_does_not_fit_is_thrown_away(server, bring, headers):
    server.plan(PATH, [Answer(cut=100_000), Answer(headers=headers)])
    assert bring() == CONTENT
    assert server.ranges(PATH) == [None, "bytes=100000-", None]


@pytest.mark.parametrize("if_range", [True, False], ids=["If-Range heeded", "If-Range ignored"])
def test_a_file_that_changed_meanwhile_is_fetched_anew(server, bring, if_range):
    rest = Answer(status=206, headers={"Content-Range": "bytes 100000-299999/300000"})
    server.plan(PATH, [Answer(content=OTHER, cut=100_000), *([] if if_range else [rest])])
    assert bring() == CONTENT
    asked = [None, "bytes=100000-"] if if_range else [None, "bytes=100000-", None]
    assert server.ranges(PATH) == asked, "If-Range saves a request"


def test_a_part_that_was_not_asked_for_is_not_taken(server, bring):
    server.plan(PATH, [Answer(status=206, headers={"Content-Range": "bytes 0-299999/300000"})])
    assert bring() == CONTENT and server.ranges(PATH) == [None, None]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            Answer(content=CONTENT[:1000]),
            "the server offers 1000 bytes, the record says 300,000 bytes",
        ),
        (Answer(content=CONTENT + b"more"), "the server offers 300004 bytes"),
        (
            Answer(content=CONTENT[:1000], headers={"Content-Length": None}),
            "file ends before byte 1,000",
        ),
        (
            Answer(content=CONTENT + b"x", headers={"Content-Length": None}),
            "sends more than the record",
        ),
        (Answer(status=500), r"the server answers 500 \(Internal Server Error\)"),
        (Answer(cut=0), "the connection broke off"),
        (Answer(cut=1000, ranges=False), "the connection broke off"),
        (Answer(hang=0), r"no byte for 0\.3 s"),
    ],
)
def test_what_never_gets_better_ends_with_its_reason(server, bring, answer, message):
    server.plan(PATH, itertools.repeat(answer))
    with pytest.raises(
        DownloadError, match=rf"{NAME}\.zip: .*{message}.* attempts without progress"
    ):
        bring()
    assert len(server.asked) <= QUICK.attempts + 2


def test_progress_renews_the_patience(server, bring):
    server.plan(PATH, [Answer(cut=1000)] * 20)
    assert bring(limits=Limits(attempts=2, pause=0.01)) == CONTENT
    assert len(server.asked) == 21 and set(bring.waits.seconds) == {0.01}


def test_pauses_grow_up_to_a_limit(server, bring):
    server.plan(PATH, [Answer(status=502)] * 6)
    assert bring(limits=Limits(attempts=8, pause=1, longest_pause=10)) == CONTENT
    assert bring.waits.seconds == [1, 2, 4, 8, 10, 10]


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_to_wait_is_left_alone(server, bring, status):
    date = formatdate(time.time() + 100, usegmt=True)
    server.plan(
        PATH,
        [
            Answer(status=status, headers={"Retry-After": "7"}),
            Answer(status=status, headers={"Retry-After": date}),
            Answer(status=status, headers={"Retry-After": "soon"}),
        ],
    )
    assert bring() == CONTENT
    seven, hundred, own = bring.waits.seconds
    assert (seven, own) == (7, QUICK.pause) and 95 < hundred <= 100


@pytest.mark.parametrize(
    ("asked", "times", "message"),
    [
        ("7200", 1, "asks to wait 7200 s .1 attempt without progress"),
        ("1", 4, "asks to wait 1 s .4 attempts without progress"),
    ],
)
def test_waiting_has_an_end(server, bring, asked, times, message):
    server.plan(PATH, itertools.repeat(Answer(status=429, headers={"Retry-After": asked})))
    with pytest.raises(DownloadError, match=message):
        bring()
    assert len(server.asked) == times


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refusal_is_not_repeated(server, bring, status):
    server.plan(PATH, itertools.repeat(Answer(status=status)))
    with pytest.raises(DownloadError, match=f"the server answers {status}"):
        bring()
    assert len(server.asked) == 1


def test_a_page_in_the_place_of_the_archive_is_not_written(server, bring, tmp_path):
    page = Answer(headers={"Content-Type": "text/html; charset=utf-8"}, ranges=False)
    server.plan(PATH, [Answer(cut=100_000), page])
    with pytest.raises(
        DownloadError, match=r"/archive: expected an archive, the server answers with"
    ):
        bring()
    assert left(tmp_path) == CONTENT[:100_000], "what was there is kept"


@pytest.mark.parametrize(
    "answer", [None, Answer(status=403), Answer(headers={"Content-Type": "text/html"})]
)
def test_zenodo_is_asked_where_it_heeds_ranges_and_else_at_its_api(server, tmp_path, answer):
    page, api = "/records/1/files/x.zip?download=1", "/api/records/1/files/x.zip/content"
    server.files |= {page: CONTENT, api: CONTENT}
    server.plan(page, [Answer(cut=100_000)] if answer is None else itertools.repeat(answer))
    server.plan(api, itertools.repeat(Answer(ranges=False)))
    archive = replace(described(CONTENT, ""), urls=(server.url(page), server.url(api)))
    path = fetch(archive, tmp_path, Client(QUICK, Waits()), Count())
    assert path.read_bytes() == CONTENT
    asked = (
        [(page, None), (page, "bytes=100000-")] if answer is None else [(page, None), (api, None)]
    )
    assert server.asked == asked


def test_wrong_bytes_are_removed(bring, tmp_path):
    with pytest.raises(
        DamagedError, match=r"MD5 sum is [0-9a-f]{32}, expected [0-9a-f]{32} as the"
    ):
        bring(OTHER)
    assert not left(tmp_path) and not list(tmp_path.glob("*.zip"))


def test_a_later_run_asks_only_for_the_rest(server, bring, tmp_path):
    server.plan(PATH, [Answer(cut=120_000), *[Answer(cut=0)] * 4])
    with pytest.raises(DownloadError, match="same command later, which goes on from here"):
        bring()
    assert left(tmp_path) == CONTENT[:120_000]
    assert bring() == CONTENT
    assert server.ranges(PATH)[-1] == "bytes=120000-" and server.sent[PATH] == len(CONTENT)
    assert bring.count.there == 120_000


@pytest.mark.parametrize("left_over", ["other archive", "too long", "damaged note", "no note"])
def test_what_an_earlier_run_left_of_something_else_is_not_used(server, bring, tmp_path, left_over):
    note = {
        "other archive": '{"md5": "0", "etag": null}',
        "damaged note": "[{",
    }.get(left_over, f'{{"md5": "{described(CONTENT, "").md5}", "etag": null}}')
    (tmp_path / f"{NAME}.zip.part").write_bytes(OTHER * (2 if left_over == "too long" else 1))
    if left_over != "no note":
        (tmp_path / f"{NAME}.zip.part.json").write_text(note)
    assert bring() == CONTENT and server.ranges(PATH) == [None]


def test_a_part_that_is_whole_is_only_checked(server, bring, tmp_path):
    (tmp_path / f"{NAME}.zip.part").write_bytes(CONTENT)
    note = f'{{"md5": "{described(CONTENT, "").md5}", "etag": null}}'
    (tmp_path / f"{NAME}.zip.part.json").write_text(note)
    assert bring() == CONTENT and not server.asked


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("http://elsewhere.example/x", "redirects to 'http://elsewhere.example/x', expected https"),
        ("file:///etc/passwd", "expected an address http"),
        ("//elsewhere.example/x", "expected https"),
        (PATH, "more than 5 redirects"),
    ],
)
def test_redirects_that_are_not_followed(server, bring, target, message):
    server.plan(PATH, itertools.repeat(Answer(status=302, headers={"Location": target})))
    with pytest.raises(DownloadError, match=message):
        bring()


def test_redirects_keep_the_range(server, bring):
    server.files["/elsewhere"] = CONTENT
    moved = Answer(status=302, headers={"Location": "/elsewhere"})
    server.plan(PATH, itertools.repeat(moved))
    server.plan("/elsewhere", [Answer(cut=1000)])
    assert bring() == CONTENT
    assert server.ranges("/elsewhere") == [None, "bytes=1000-"]
