"""scripts/download_ravdess.py as a person or a scheduler starts it: words, exit codes, kills."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ravdess_exp.corpus.ravdess.download.licence import accept
from ravdess_exp.errors import DownloadError
from tests.helpers.archives import clip_names, speech, zip_name, zip_of
from tests.helpers.http_server import Answer, serving

PROGRAM = Path(__file__).parents[3] / "scripts" / "download_ravdess.py"
NAME = "Video_Speech_Actor_01"
PATH = f"/{zip_name(1)}"


@pytest.fixture
def server():
    with serving() as server:
        server.publish({zip_name(1): speech(1), zip_name(2): speech(2), zip_name(18): speech(18)})
        yield server


@pytest.fixture
def command(server, tmp_path):
    """The program's command line with the local record; target is `RAVDESS` in tmp_path."""

    def made(*options: str) -> list[str]:
        record = f"--record={server.url('/api/records/1')}"
        return [sys.executable, str(PROGRAM), str(tmp_path / "RAVDESS"), record, *options]

    return made


def start(command: list[str], **options) -> subprocess.Popen:
    """The program, without a terminal."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        **options,
    )


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    try:
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    return process.returncode, out, err


def wait_for(path: Path, size: int) -> None:
    """Until a file has so many bytes, for 15 s at most."""
    for _ in range(1500):
        if path.exists() and path.stat().st_size >= size:
            return
        time.sleep(0.01)
    pytest.fail(f"{path} did not grow to {size} bytes")


def test_everything_there_and_what_is_said_of_it(server, command, tmp_path):
    code, out, err = finish(start(command("--actors", "1,18", "--song", "--yes")))
    assert code == 2 and "error: the record has no Video_Song_Actor_01.zip" in err
    code, out, err = finish(start(command("--actors", "18", "--song", "--yes")))
    assert code == 0, err
    for words in ("CC BY-NC-SA 4.0", "Livingstone", "Russo", "10.5281/zenodo.1188976"):
        assert words in out.replace("Creative Commons", "CC")
    assert "no commercial use" in out and out.index("no commercial use") < out.index("complete")
    assert "RAVDESS has no songs of actor 18" in out
    assert f"next: ravdess-exp data=ravdess data.root={tmp_path / 'RAVDESS'}" in out
    assert "Video_Speech_Actor_18: 4 clips" in err and "downloading:" in err


def test_a_failure_is_named_and_the_others_are_there(server, command, tmp_path):
    hostile = zip_of([("Actor_02/run.sh", b"rm -rf /")])
    server.publish({zip_name(1): speech(1), zip_name(2): hostile})
    code, out, err = finish(start(command("--actors=1-2", "--yes")))
    assert code == 1
    assert "failed: Video_Speech_Actor_02: Video_Speech_Actor_02.zip: 'Actor_02/run.sh'" in err
    assert "1 archives complete" in out and (tmp_path / "RAVDESS" / NAME / "archive.json").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "no terminal to accept the licence on; give --yes if you accept it"),
        (["--yes", "--actors=0"], "expected actors 1 to 24, found '0'"),
        (["--yes", "--actors=23-25"], "expected actors 1 to 24, found '23-25'"),
        (["--yes", "--actors=5-3"], "expected actors 1 to 24, found '5-3'"),
        (["--yes", "--actors=all"], "expected numbers such as 1,2,5-8, found 'all'"),
        (["--yes", "--at-once=50"], "expected 1 to 8, found '50'"),
        (["--yes", "--record=file:///etc/passwd"], "--record: expected an address http://"),
    ],
)
def test_mistakes(server, command, tmp_path, options, message):
    code, _, err = finish(start(command(*options)))
    assert code == 2 and message in err and "Traceback" not in err
    assert server.asked == [] and not (tmp_path / "RAVDESS.download").exists()


@pytest.mark.parametrize(
    ("answer", "accepted"), [("yes", True), ("Y", True), ("no", False), ("", False)]
)
def test_on_a_terminal_the_licence_is_asked_for(monkeypatch, capsys, answer, accepted):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    if accepted:
        accept(False)
    else:
        with pytest.raises(DownloadError, match="licence was not accepted, so nothing was fetched"):
            accept(False)
    assert "no commercial use" in capsys.readouterr().out


def test_killed_in_the_middle_it_asks_only_for_the_rest(server, command, tmp_path):
    content = speech(1, count=60, size=20_000)
    server.publish({zip_name(1): content})
    places = sorted(random.Random(0).sample(range(1, len(content)), 3))
    done = 0
    for place in places:
        server.plan(PATH, [Answer(hang=place - done)])
        process = start(command("--actors=1", "--yes"))
        wait_for(tmp_path / "RAVDESS.download" / f"{zip_name(1)}.part", place)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
        done = place
        assert not (tmp_path / "RAVDESS" / NAME).exists()
    code, _, err = finish(start(command("--actors=1", "--yes")))
    assert code == 0, err
    assert server.ranges(PATH) == [None, *(f"bytes={place}-" for place in places)]
    assert server.sent[PATH] == len(content), "every byte once"
    names = {p.name for p in (tmp_path / "RAVDESS" / NAME).glob("*.mp4")}
    assert names == set(clip_names(1, 60))


def test_ctrl_c_ends_it_at_once_and_says_that_it_goes_on(server, command, tmp_path):
    server.plan(PATH, [Answer(hang=1000)])
    process = start(command("--actors=1,2", "--yes"))
    wait_for(tmp_path / "RAVDESS.download" / f"{zip_name(1)}.part", 1000)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)
    assert code == 130 and time.monotonic() - began < 5, "although a read hangs for a minute"
    assert "interrupted: what came is kept, and the same command continues" in err
    assert "Traceback" not in err
    code, _, err = finish(start(command("--actors=1,2", "--yes")))
    assert code == 0 and server.ranges(PATH)[-1] == "bytes=1000-", err
