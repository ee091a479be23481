"""Whole downloads: every actor complete or not there, nothing fetched twice, nothing of the user's lost."""

import fcntl
import itertools
import json
import os
import shutil
import threading
import time
from collections import namedtuple
from pathlib import Path

import pytest

from ravdess_exp.corpus.manifest import scan
from ravdess_exp.corpus.ravdess.download import session as session_module
from ravdess_exp.corpus.ravdess.download import target as target_module
from ravdess_exp.corpus.ravdess.download.client import Limits
from ravdess_exp.corpus.ravdess.download.session import Outcome, download
from ravdess_exp.errors import CorpusError, DownloadError
from tests.helpers.archives import clip_names, speech, zip_name, zip_of
from tests.helpers.http_server import Answer, serving

QUICK = Limits(connect=2, read=5, attempts=2, pause=0.01, longest_pause=0.02, waits=3)
NAMES = {actor: f"Video_Speech_Actor_{actor:02d}" for actor in range(1, 25)}
PATHS = {actor: f"/{zip_name(actor)}" for actor in range(1, 25)}


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as server:
        server.publish({zip_name(actor): speech(actor) for actor in (1, 2, 3)})
        yield server


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "RAVDESS"


@pytest.fixture
def run(server, root):
    """Download actors 1 to 3, or others, into the target."""

    def runner(*actors: int, **options) -> Outcome:
        server.asked.clear()
        server.sent.clear()
        return download(
            root,
            actors=actors or (1, 2, 3),
            record=server.url("/api/records/1"),
            limits=QUICK,
            shown=False,
            **options,
        )

    return runner


def fetched(server) -> list[str]:
    """Paths of the archives that were asked for, in order of their names."""
    return sorted(path for path, _ in server.asked if path.endswith(".zip"))


def clips(root: Path) -> dict[str, int]:
    """How many clips there are in each folder of the target."""
    return {p.name: len(list(p.glob("*.mp4"))) for p in sorted(root.iterdir())}


def test_all_actors_and_nothing_twice(server, run, root):
    outcome = run()
    assert sorted(outcome.complete) == [NAMES[1], NAMES[2], NAMES[3]] and not outcome.failed
    assert clips(root) == {NAMES[1]: 4, NAMES[2]: 4, NAMES[3]: 4}
    assert not root.with_name("RAVDESS.download").exists(), "nothing unfinished is left"
    assert len(server.asked) == 4, "the record and three archives"
    assert run().complete == [NAMES[1], NAMES[2], NAMES[3]]
    assert [path for path, _ in server.asked] == ["/api/records/1"]


def test_the_clips_that_were_zipped_are_those_that_are_scanned(server, root, corpus):
    actors = sorted(folder for folder in corpus.iterdir() if folder.is_dir())
    record = server.publish(
        {
            zip_name(int(folder.name[-2:])): zip_of(
                [(f"{folder.name}/{p.name}", p.read_bytes()) for p in sorted(folder.glob("*.mp4"))]
            )
            for folder in actors
        }
    )
    assert not download(root, actors=(1, 2, 3, 4), record=record, limits=QUICK, shown=False).failed
    expected, found = scan(corpus), scan(root)
    assert [c.name for c in found.clips] == [c.name for c in expected.clips] and not found.rejected
    for one, other in zip(expected.clips, found.clips, strict=True):
        assert one.path.read_bytes() == other.path.read_bytes()


def test_songs_go_beside_speech(server, run, root):
    song = zip_of([(n.replace("01-01-", "01-02-", 1), b"la" * 50) for n in clip_names(1, 4)])
    server.publish({zip_name(1): speech(1), zip_name(1, 2): song, zip_name(18): speech(18)})
    outcome = run(1, 18, song=True)
    assert clips(root) == {"Video_Song_Actor_01": 4, NAMES[1]: 4, NAMES[18]: 4}
    assert not outcome.failed, "RAVDESS has no songs of actor 18, so none are missing"


def test_archives_are_kept_where_that_is_asked_for(server, run, root):
    run(keep_archives=True)
    kept = root.with_name("RAVDESS.download")
    assert {p.name for p in kept.glob("*.zip")} == {zip_name(1), zip_name(2), zip_name(3)}
    shutil.rmtree(root / NAMES[2])
    run(keep_archives=True)
    assert fetched(server) == [], "unpacked once more, from the archive that was kept"
    assert clips(root)[NAMES[2]] == 4
    run()
    assert not kept.exists()


@pytest.mark.parametrize("damage", ["missing", "shorter", "no folder"])
def test_an_actor_whose_clips_are_not_all_there_is_fetched_again(server, run, root, damage):
    run()
    clip = root / NAMES[2] / clip_names(2, 1)[0]
    if damage == "missing":
        clip.unlink()
    elif damage == "shorter":
        clip.write_bytes(b"x")
    else:
        shutil.rmtree(clip.parent)
    assert not run().failed
    assert fetched(server) == [PATHS[2]]
    assert clip.stat().st_size == 3000 and clips(root)[NAMES[2]] == 4


def test_an_archive_that_changed_in_the_record_is_fetched_again(server, run, root):
    run()
    server.publish(
        {zip_name(1): speech(1), zip_name(2): speech(2, count=6), zip_name(3): speech(3)}
    )
    assert not run().failed
    assert fetched(server) == [PATHS[2]] and clips(root)[NAMES[2]] == 6


@pytest.mark.parametrize("marked", [True, False])
def test_files_of_the_user_are_not_replaced(server, run, root, marked):
    if marked:
        run()
        (root / NAMES[1] / clip_names(1, 1)[0]).unlink()
    own = root / NAMES[1] / "notes.txt"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("mine")
    outcome = run()
    assert set(outcome.failed) == {NAMES[1]} and len(outcome.complete) == 2
    assert (
        "did not put there, such as 'notes.txt'; move the folder away" in outcome.failed[NAMES[1]]
    )
    assert own.read_text() == "mine" and PATHS[1] not in fetched(server)


@pytest.mark.parametrize(
    "marker", ["{half", "[]", '{"md5": 7, "clips": {}}', '{"md5": "x", "clips": 3}']
)
def test_a_damaged_marker_is_no_marker(server, run, root, marker):
    run()
    (root / NAMES[1] / "archive.json").write_text(marker)
    assert "move the folder away" in run().failed[NAMES[1]]
    shutil.rmtree(root / NAMES[1])
    assert not run().failed


def test_one_that_fails_does_not_hold_up_the_others(server, run, root):
    server.plan(PATHS[2], itertools.repeat(Answer(status=404)))
    outcome = run(at_once=1)
    assert sorted(outcome.complete) == [NAMES[1], NAMES[3]] == sorted(clips(root))
    assert "404 (Not Found)" in outcome.failed[NAMES[2]]


def test_wrong_bytes_once_are_fetched_once_more(server, run, root, capsys):
    wrong = bytes(len(speech(2)))
    server.plan(PATHS[2], [Answer(content=wrong)])
    assert not run().failed and clips(root)[NAMES[2]] == 4
    assert fetched(server).count(PATHS[2]) == 2
    assert "the MD5 sum is" in capsys.readouterr().err


def test_wrong_bytes_always_are_given_up_after_two(server, run, root):
    server.plan(PATHS[2], itertools.repeat(Answer(content=bytes(len(speech(2))))))
    outcome = run()
    assert outcome.failed[NAMES[2]].endswith(
        "as the record says, twice; ask whoever runs the server"
    )
    assert fetched(server).count(PATHS[2]) == 2 and sorted(clips(root)) == [NAMES[1], NAMES[3]]


def test_an_archive_that_is_damaged_in_the_record_too(server, run, root):
    damaged = bytearray(speech(2))
    damaged[len(damaged) // 2] ^= 1
    server.publish({zip_name(1): speech(1), zip_name(2): bytes(damaged)})
    outcome = run(1, 2)
    assert "expected a sound zip file, found: Bad CRC-32" in outcome.failed[NAMES[2]]
    assert outcome.failed[NAMES[2]].endswith("twice; ask whoever runs the server")
    assert fetched(server).count(PATHS[2]) == 2
    assert clips(root) == {NAMES[1]: 4} and not list(root.parent.glob("*/*.unpacking"))


def test_a_hostile_archive_fails_alone_and_is_not_fetched_again(server, run, root):
    hostile = zip_of([(f"../../{clip_names(2, 1)[0]}", b"x")])
    server.publish({zip_name(1): speech(1), zip_name(2): hostile})
    for requests in (1, 0):
        outcome = run(1, 2)
        assert "leads out of its folder" in outcome.failed[NAMES[2]]
        assert fetched(server).count(PATHS[2]) == requests
    assert clips(root) == {NAMES[1]: 4}
    assert {p.name for p in root.parent.iterdir()} == {"RAVDESS", "RAVDESS.download"}


def test_half_an_actor_is_never_seen(server, run, root, monkeypatch):
    seen = []

    def look(descriptor: int) -> None:
        seen.append(clips(root))
        with pytest.raises(CorpusError, match="no full audio-video clip"):
            scan(root)

    monkeypatch.setattr(os, "fsync", look)  # called after each clip, before the folder is there
    run(1)
    assert len(seen) == 5 and all(not found for found in seen) and clips(root) == {NAMES[1]: 4}


def test_killed_while_unpacking_goes_on_without_fetching(server, run, root, monkeypatch):
    calls = itertools.count()

    def killed(descriptor: int) -> None:
        if next(calls) == 2:
            raise RuntimeError("as good as killed")

    monkeypatch.setattr(os, "fsync", killed)
    monkeypatch.setattr(
        target_module.Target, "staging", lambda self, a: self.work / "rest.unpacking"
    )
    with pytest.raises(RuntimeError, match="as good as killed"):
        run(1)
    monkeypatch.undo()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    rest = root.with_name("RAVDESS.download")
    (rest / "rest.unpacking").rename(rest / f"{NAMES[1]}.unpacking")
    assert clips(root) == {}
    assert not run(1).failed and fetched(server) == [] and clips(root) == {NAMES[1]: 4}
    assert not rest.exists()


def test_what_stops_one_thread_stops_the_others(server, run, monkeypatch):
    def broken(*arguments: object) -> None:
        raise RuntimeError("not foreseen")

    monkeypatch.setattr(session_module, "unpack", broken)
    server.plan(PATHS[2], itertools.repeat(Answer(cut=10)))  # would go on for a thousand requests
    with pytest.raises(RuntimeError, match="not foreseen"):
        run(1, 2)
    asked = len(server.asked)
    time.sleep(0.3)
    assert len(server.asked) <= asked + 1


def test_a_disk_that_fills_up_loses_nothing(server, run, root, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    outcome = run(1)
    assert "No space left on device; what came is kept" in outcome.failed[NAMES[1]]
    monkeypatch.undo()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert not run(1).failed and fetched(server) == [], "only unpacked"


@pytest.mark.parametrize(("keep", "at_once"), [(False, 1), (False, 3), (True, 1)])
def test_room_is_looked_for_before_anything_is_fetched(
    server, run, root, monkeypatch, keep, at_once
):
    size = len(speech(1))
    zips = 3 if keep else at_once
    needed = 500_000_000 + int(3 * size * 1.02) + zips * size
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(target_module.shutil, "disk_usage", lambda path: usage(needed - 1))
    with pytest.raises(
        DownloadError, match=r"3 archives need 0\.5 GB at most, 0\.5 GB are free; make"
    ):
        run(keep_archives=keep, at_once=at_once)
    assert fetched(server) == [] and not root.with_name("RAVDESS.download").exists()
    monkeypatch.setattr(target_module.shutil, "disk_usage", lambda path: usage(needed))
    assert not run(keep_archives=keep, at_once=at_once).failed
    monkeypatch.setattr(target_module.shutil, "disk_usage", lambda path: usage(0))
    assert not run().failed, "what is there needs no room"


def test_a_second_run_at_the_same_time_is_refused(server, run, root):
    server.plan(PATHS[1], [Answer(hang=1000)])
    first = threading.Thread(target=run, args=(1,))
    first.start()
    part = root.with_name("RAVDESS.download") / f"{zip_name(1)}.part"
    for _ in range(500):
        if part.exists() and part.stat().st_size == 1000:
            break
        threading.Event().wait(0.01)
    with pytest.raises(
        DownloadError, match="another download into it is at work; wait for it to end"
    ):
        run(1)
    assert server.asked == [], "the second one asks for nothing"
    server.released.set()
    first.join(10)
    assert not first.is_alive() and clips(root) == {NAMES[1]: 4}


def test_a_file_system_without_locks_is_said_and_used(run, root, monkeypatch, capsys):
    def refuse(handle: int, operation: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert not run(1).failed and clips(root) == {NAMES[1]: 4}
    assert (
        "cannot be locked; make sure that nobody else downloads into it" in capsys.readouterr().err
    )


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_stands_in_the_place_of_a_folder_is_not_replaced(server, run, root, kind):
    root.mkdir()
    place = root / NAMES[1]
    place.write_text("mine") if kind == "file" else place.symlink_to(root.parent)
    assert "expected no such file, or a folder; move it away" in run().failed[NAMES[1]]
    assert place.is_symlink() or place.read_text() == "mine"
    assert PATHS[1] not in fetched(server)


def test_targets_that_cannot_be(server, run, root, tmp_path):
    root.write_text("a file")
    with pytest.raises(DownloadError, match=r"RAVDESS: cannot be written \(File exists\)"):
        run()
    with pytest.raises(DownloadError, match="is a disk's own folder; choose one below it"):
        download(Path("/proc"), actors=(1,), record=server.url("/api/records/1"), shown=False)
    assert server.asked == []


def test_the_marker_says_what_was_there(server, run, root):
    run(1)
    marker = json.loads((root / NAMES[1] / "archive.json").read_text())
    entry = server.entry(zip_name(1), speech(1))
    assert marker == {
        "archive": zip_name(1),
        "md5": entry["checksum"].removeprefix("md5:"),
        "clips": dict.fromkeys(clip_names(1, 4), 3000),
    }
