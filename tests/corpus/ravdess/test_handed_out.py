"""One zip file that somebody hands out: any nesting, broken members, hostile ones, gone on with."""

import stat
import struct
import zipfile
from types import SimpleNamespace

import pytest

from ravdess_exp.cli.commands import run_command
from ravdess_exp.corpus.ravdess.download import handed_out as module
from ravdess_exp.corpus.ravdess.download.client import Limits
from ravdess_exp.corpus.ravdess.download.handed_out import unpack_handed_out
from ravdess_exp.errors import DownloadError
from tests.helpers.archives import clip_bytes, clip_names, speech, zip_of
from tests.helpers.http_server import Answer, serving

NAMES = clip_names(1, 4)
FAST = Limits(connect=5, read=5, attempts=3, pause=0.01, longest_pause=0.02)


def whole(*prefixes: str) -> list[tuple[str, bytes]]:
    return [(f"{prefix}{name}", clip_bytes(name)) for prefix in prefixes for name in NAMES]


@pytest.fixture
def unpacked(tmp_path):
    """Unpack an archive of these entries; nothing is ever written beside the target."""

    def unpack(content: bytes | list, name: str = "ravdess.zip", **settings):
        content = content if isinstance(content, bytes) else zip_of(content)
        (tmp_path / name).write_bytes(content)
        try:
            return unpack_handed_out(tmp_path / "R", str(tmp_path / name), shown=False, **settings)
        finally:
            beside = {path.name for path in tmp_path.iterdir()} - {"R", name}
            assert beside <= {"R.download"} and not [*(tmp_path / "R").rglob("*.zip")]

    return unpack


def there(tmp_path) -> set[str]:
    root = tmp_path / "R"
    files = [path for path in root.rglob("*") if path.is_file()]
    assert all(path.read_bytes() == clip_bytes(path.name) for path in files)
    return {path.relative_to(root).as_posix() for path in files}


CLIPS = {f"Actor_01/{name}" for name in NAMES}
LAYOUTS = {
    "flat": whole(""),
    "nested": whole("ravdess/Video_Speech_Actor_01/Actor_01/"),
    "everything twice": whole("a/", "a/a/"),
    "with what else people zip": [
        *whole("Actor_01/"), ("readme.txt", b"x"), ("__MACOSX/._x.mp4", b"x"),
        (f"Actor_01/._{NAMES[0]}", b"x"), ("Actor_01/.DS_Store", b"x"), ("labels.csv", b"x"),
    ],
    "by a program of Windows": [(f"Actor_01\\{name}", clip_bytes(name)) for name in NAMES],
    "capital ending": [(name.replace(".mp4", ".MP4"), clip_bytes(name)) for name in NAMES],
    "a zip within": [("Video_Speech_Actor_01.zip", speech(1))],
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_clips_in_any_nesting(unpacked, tmp_path, layout):
    outcome = unpacked(LAYOUTS[layout])
    assert there(tmp_path) == CLIPS and not outcome.failed
    assert not (tmp_path / "R.download").exists(), "nothing unfinished is left"
    assert "4 clips are there" in outcome.told() and "missing from RAVDESS" in outcome.told()
    again = unpacked(LAYOUTS[layout])
    assert again.there == set(NAMES) and not again.failed


def test_what_is_counted(unpacked):
    assert unpacked(LAYOUTS["everything twice"]).copies == 4
    assert unpacked(LAYOUTS["with what else people zip"]).others == 3


def spoil(content: bytes, name: str, *, which: int = 0) -> bytes:
    """One byte of a member's data changed; which: of several with the same bytes."""
    start = -1
    for _ in range(which + 1):
        start = content.index(clip_bytes(name), start + 1)
    return content[: start + 9] + bytes([content[start + 9] ^ 1]) + content[start + 10 :]


def test_a_broken_member_costs_itself(unpacked, tmp_path):
    broken = spoil(zip_of(whole("x/")), NAMES[1])
    outcome = unpacked(broken)
    assert set(outcome.failed) == {NAMES[1]} and "damaged in the zip" in outcome.failed[NAMES[1]]
    assert there(tmp_path) == CLIPS - {f"Actor_01/{NAMES[1]}"}
    assert not unpacked(whole("x/")).failed and there(tmp_path) == CLIPS, "a sound one mends it"


def test_of_a_broken_member_another_copy_is_taken(unpacked, tmp_path):
    assert not unpacked(spoil(zip_of(whole("a/", "b/")), NAMES[1])).failed
    assert there(tmp_path) == CLIPS


def test_a_broken_archive_within_costs_itself(unpacked, tmp_path):
    outcome = unpacked([("one.zip", speech(1)), ("two.zip", speech(2)[:-30]), ("x/three.zip", b"")])
    assert there(tmp_path) == CLIPS and set(outcome.failed) == {"two.zip", "x/three.zip"}


def test_archives_three_deep_are_left_to_the_user(unpacked, tmp_path):
    outcome = unpacked([("a.zip", zip_of([("b.zip", speech(1))])), *whole("")[:1]])
    assert "unpack it yourself" in outcome.failed["b.zip"] and len(there(tmp_path)) == 1


HOSTILE = {
    "a path that leads out": ([(f"../{NAMES[0]}", b"x")], "leads out of its folder"),
    "the same with backslashes": ([(f"..\\..\\{NAMES[0]}", b"x")], "leads out of its folder"),
    "an absolute path": ([(f"/etc/{NAMES[0]}", b"x")], "leads out of its folder"),
    "a drive": ([(f"C:\\{NAMES[0]}", b"x")], "leads out of its folder"),
    "out of it, and no clip": ([("../../evil.sh", b"x")], "leads out of its folder"),
    "a clip far too large": ([(NAMES[0], bytes(30_000_001))], "expected at most 30,000,000"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_an_archive_that_holds_what_it_should_not_is_refused_whole(unpacked, tmp_path, case):
    entries, told = HOSTILE[case]
    with pytest.raises(DownloadError, match=f"ravdess.zip: .*{told}.*nothing of it was used"):
        unpacked([*whole("")[1:], *entries])
    assert not there(tmp_path)


def test_links_encryption_and_bombs(unpacked, tmp_path):
    with pytest.raises(DownloadError, match="is a link or a special file"):
        unpacked(zip_of([(NAMES[0], b"/etc/passwd")], mode=stat.S_IFLNK | 0o777))
    content = bytearray(zip_of(whole("")))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DownloadError, match="is encrypted"):
        unpacked(bytes(content))
    with pytest.raises(DownloadError, match="bytes when unpacked, expected at most"):
        unpacked(zip_of([(NAMES[0], bytes(20_000_000))], method=zipfile.ZIP_DEFLATED))
    inner = zip_of([(NAMES[0], bytes(20_000_000))], method=zipfile.ZIP_DEFLATED)
    outcome = unpacked([*whole("")[1:], ("bomb.zip", inner)])
    assert "bytes when unpacked" in outcome.failed["bomb.zip"] and len(there(tmp_path)) == 3
    with pytest.raises(DownloadError, match=r"30,001 entries, expected at most"):
        unpacked(zip_of((f"{n}.txt", b"") for n in range(30_001)))


def test_a_size_that_is_a_lie(unpacked, tmp_path):
    content = bytearray(zip_of(whole("")))
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 10)
    assert len(unpacked(bytes(content)).failed) == 1 and len(there(tmp_path)) == 3


def test_files_of_the_user_stay(unpacked, tmp_path):
    mine = tmp_path / "R" / "Actor_01" / NAMES[2]
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    outcome = unpacked(whole(""))
    assert set(outcome.failed) == {NAMES[2]} and "move it away" in outcome.failed[NAMES[2]]
    assert mine.read_bytes() == b"mine" and len(outcome.there) == 3


def test_killed_while_unpacking_it_goes_on(unpacked, tmp_path, monkeypatch):
    write, written = module.write_entry, []

    def killed(opened, entry, path):
        if len(written) == 2:
            path.write_bytes(b"half")
            raise KeyboardInterrupt
        written.append(path.name)
        write(opened, entry, path)

    monkeypatch.setattr(module, "write_entry", killed)
    with pytest.raises(KeyboardInterrupt):
        unpacked(whole(""))
    assert len(there(tmp_path)) == 2, "whole clips under their names, and no half one"
    monkeypatch.setattr(
        module, "write_entry", lambda *given: written.append(given[2].name) or write(*given)
    )
    unpacked(whole(""))
    assert there(tmp_path) == CLIPS and sorted(written) == sorted(NAMES), "none was written twice"


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"not a zip", "expected a sound zip file"), (b"", "expected a sound zip file"),
     (zip_of([("readme.txt", b"x")]), "no clip of RAVDESS in it; 1 other files"),
     (zip_of(whole(""))[:-40], "expected a sound zip file")],
)  # fmt: skip
def test_files_that_are_no_such_archive(unpacked, content, told):
    with pytest.raises(DownloadError, match=told):
        unpacked(content)


def test_no_room_is_said_before_anything_is_written(unpacked, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(DownloadError, match=r"4 clips need .* make room"):
        unpacked(whole(""))
    assert not there(tmp_path)


def test_from_an_address_and_gone_on_with_where_it_broke_off(tmp_path):
    content = speech(1)
    with serving() as server:
        server.files["/get/my%20ravdess.zip"] = content
        url = server.url("/get/my%20ravdess.zip")
        path = "/get/my%20ravdess.zip"
        server.plan(path, [Answer(), Answer(cut=5000), Answer(status=404)])
        with pytest.raises(DownloadError, match="answers 404"):
            unpack_handed_out(tmp_path / "R", url, limits=FAST, shown=False)
        assert (tmp_path / "R.download" / "my_ravdess.zip.part").stat().st_size == 5000
        unpack_handed_out(tmp_path / "R", url, limits=FAST, shown=False)
        assert server.ranges(path)[-1] == "bytes=5000-"
        assert there(tmp_path) == CLIPS and not (tmp_path / "R.download").exists()


def test_addresses_that_give_no_archive(tmp_path):
    with serving() as server:
        server.files["/page"] = server.files["/endless"] = b"<html>"
        server.plan("/page", [Answer(headers={"Content-Type": "text/html; charset=utf-8"})])
        server.plan("/endless", [Answer(headers={"Content-Length": None})])
        for path, told in (("/page", "answers with a page; fetch it with a browser"),
                           ("/endless", "a file of unknown bytes"), ("/gone", "answers 404")):  # fmt: skip
            with pytest.raises(DownloadError, match=told):
                unpack_handed_out(tmp_path / "R", server.url(path), limits=FAST, shown=False)
    with pytest.raises(DownloadError, match="expected an address http"):
        unpack_handed_out(tmp_path / "R", "ftp://x/y.zip", limits=FAST, shown=False)


def test_by_the_command_line(tmp_path, capsys):
    (tmp_path / "x.zip").write_bytes(spoil(zip_of(whole("")), NAMES[0]))
    command = [str(tmp_path / "R"), "--zip", str(tmp_path / "x.zip")]
    assert run_command("download", [*command, "--yes"]) == 1
    told = capsys.readouterr()
    assert (
        "CC BY-NC-SA" in told.out.replace("Creative Commons", "CC")
        and "3 clips are there" in told.out
    )
    assert f"failed: {NAMES[0]}: damaged in the zip" in told.err
    (tmp_path / "x.zip").write_bytes(zip_of(whole("")))
    assert run_command("download", [*command, "--yes"]) == 0
    assert "data=ravdess" in capsys.readouterr().out
    assert run_command("download", [str(tmp_path / "R"), "--zip", "gone.zip", "--yes"]) == 2
    assert "no such file" in capsys.readouterr().err
    assert run_command("download", [*command, "--actors", "1"]) == 2
    assert "--zip brings every clip of the file" in capsys.readouterr().err
