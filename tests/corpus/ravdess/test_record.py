"""The record's metadata: every layout there is, and everything that may be wrong with it."""

import json
import threading

import pytest

from ravdess_exp.corpus.ravdess.download.client import Client, Limits
from ravdess_exp.corpus.ravdess.download.record import Archive, choose, read_record
from ravdess_exp.errors import DownloadError
from tests.helpers.archives import described, zip_name
from tests.helpers.http_server import Answer, serving

QUICK = Limits(connect=2, read=0.5, attempts=3, pause=0.01, longest_pause=0.02, waits=3)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as server:
        yield server


@pytest.fixture
def read(server):
    """Read a record of the given metadata (JSON, or bytes as they are)."""

    def reader(metadata: object) -> dict[str, Archive]:
        text = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
        server.files["/record"] = text
        return read_record(Client(QUICK, threading.Event()), server.url("/record"))

    return reader


def entry(server, **changes: object) -> dict:
    """Metadata of the archive of actor 1; None leaves a field out."""
    fields = {**server.entry(zip_name(1), b"archive"), **changes}
    return {name: value for name, value in fields.items() if value is not None}


@pytest.mark.parametrize("layout", ["zenodo", "invenio record", "invenio files"])
def test_the_archives_of_every_layout(server, read, layout):
    url = server.url("/content")
    files = [entry(server, key=zip_name(1)), entry(server, key=zip_name(2, channel=2))]
    for file in files:
        if layout == "zenodo":
            file["links"] = {"self": url}
        else:  # here `self` is metadata about the file, and not the file
            file["links"] = {"self": server.url("/about"), "content": url}
    other = [
        {"key": "Audio_Speech_Actors_01-24.zip"},
        {"key": "../../Video_Speech_Actor_03.zip"},
        7,
    ]
    metadata = {
        "zenodo": {"id": 1, "files": [*files, *other]},
        "invenio record": {"files": {"entries": {f["key"]: f for f in files}}},
        "invenio files": {"entries": [*files, *other]},
    }[layout]
    speech, song = described(b"archive", url), described(b"archive", url, actor=2, channel=2)
    assert read(metadata) == {"Video_Speech_Actor_01": speech, "Video_Song_Actor_02": song}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"checksum": None}, r"checksum: expected md5: and 32 hexadecimal digits, found None"),
        ({"checksum": "sha256:" + 64 * "0"}, "checksum: expected md5:"),
        ({"checksum": "md5:" + 32 * "G"}, "checksum: expected md5:"),
        ({"size": None}, "size: expected 1 to .* bytes, found None"),
        ({"size": -1}, "size: expected .* found -1"),
        ({"size": True}, "size: expected .* found True"),
        ({"size": 10**15}, "size: expected .* found 1000000000000000"),
        ({"links": None}, "links: expected an address"),
        ({"links": "x"}, "links: expected an address"),
        ({"links": {"self": "file:///etc/passwd"}}, "expected an address http.*found 'file:///etc"),
        ({"links": {"self": "ftp://127.0.0.1/x"}}, "expected an address http"),
        ({"links": {"self": "http://["}}, "expected an address http"),
        (
            {"links": {"self": "http://elsewhere.example/x"}},
            "links: expected https, found 'http://e",
        ),
    ],
)
def test_what_an_archive_lacks_is_named(server, read, changes, message):
    with pytest.raises(
        DownloadError, match=rf"/record: .*Video_Speech_Actor_01\.zip.*{message}|{message}"
    ):
        read({"files": [entry(server, **changes)]})


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (
            b"<!DOCTYPE html><html>Page not found</html>",
            r"expected the metadata .* as JSON, found 'app",
        ),
        (b'{"files": [', "expected the metadata of a record as JSON"),
        (b"[" * 100_000, "expected the metadata of a record as JSON"),
        (b" " * (5 << 20), r"as JSON.*too long"),
        ({"id": 1}, "expected a list of the record's files in its metadata, found none"),
        ({"files": {"enabled": False}}, "expected a list of the record's files"),
        ([], "expected a list of the record's files"),
    ],
)
def test_no_record_at_all(read, metadata, message):
    with pytest.raises(DownloadError, match=message) as error:
        read(metadata)
    assert "https://zenodo.org/api/records/1188976" in str(error.value), "what would be one"


def test_an_archive_that_is_listed_twice_is_refused(server, read):
    with pytest.raises(DownloadError, match=r"Video_Speech_Actor_01\.zip is in the record twice"):
        read({"files": [entry(server), entry(server)]})


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/", "records/1", "http:///x"]
)
def test_only_http_addresses(url):
    with pytest.raises(
        DownloadError, match=r"--record: expected an address http://\.\.\. or https"
    ):
        read_record(Client(QUICK, threading.Event()), url)


def test_a_busy_server_is_asked_again_and_an_absent_record_is_not(server, read):
    server.plan("/record", [Answer(status=503), Answer(cut=3)])
    assert read({"files": [entry(server)]})
    assert len(server.asked) == 3
    with pytest.raises(DownloadError, match=r"/nothing: the server answers 404 \(Not Found\); see"):
        read_record(Client(QUICK, threading.Event()), server.url("/nothing"))
    assert len(server.asked) == 4


def test_a_file_of_zenodo_has_an_address_that_heeds_ranges_too(server, read):
    link = f"https://zenodo.org/api/records/1188976/files/{zip_name(1)}/content"
    found = read({"files": [entry(server, links={"self": link})]})
    page = f"https://zenodo.org/records/1188976/files/{zip_name(1)}?download=1"
    assert found["Video_Speech_Actor_01"].urls == (page, link)


def test_no_server_is_said_in_few_words(server):
    url = server.url("/record")
    server.shutdown()
    server.server_close()
    with pytest.raises(DownloadError, match=r"no connection \(.*Connection refused\) \(3 attempts"):
        read_record(Client(QUICK, threading.Event()), url)


def test_what_is_chosen_and_what_the_record_has_not():
    archives = {
        a.name: a
        for a in [described(b"x", "", actor, channel) for actor in (1, 18) for channel in (1, 2)]
        if a.name != "Video_Song_Actor_18"
    }
    assert [a.name for a in choose(archives, [18, 1, 1], song=False)] == [
        "Video_Speech_Actor_01",
        "Video_Speech_Actor_18",
    ]
    assert [a.name for a in choose(archives, [18, 1], song=True)] == [
        "Video_Speech_Actor_01",
        "Video_Song_Actor_01",
        "Video_Speech_Actor_18",
    ], "RAVDESS has no songs of actor 18"
    with pytest.raises(
        DownloadError,
        match=r"has no Video_Speech_Actor_02\.zip, Video_Song_Actor_02\.zip; it has 3",
    ):
        choose(archives, [1, 2], song=True)
