"""The process with the model: a recording that hangs or crashes it costs only itself."""

import asyncio
from contextlib import suppress

import psutil
import pytest

from ravdess_exp.page import worker
from ravdess_exp.page.limits import Limits
from ravdess_exp.page.model_process import ModelProcess
from tests.helpers import page_models


@pytest.fixture
def process(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "begin", page_models.begin)
    monkeypatch.setattr(worker, "answer", page_models.answer)
    made = ModelProcess(tmp_path / "bundle", Limits(answer=2.0))
    yield made
    made.stop()


@pytest.mark.slow
def test_what_hangs_or_crashes_costs_only_itself(process, tmp_path):
    """Those that wait behind it are answered, by a process that took its place."""
    files = {}
    for name in ("good", "crash", "hang", "fine"):
        (tmp_path / name).write_text(name)
        files[name] = tmp_path / name

    async def ask_all():
        return await asyncio.gather(*(process.answer(path, name) for name, path in files.items()))

    good, crashed, hung, fine = asyncio.run(ask_all())
    assert "Segmentation fault" in crashed["reason"] and crashed["file"] == "crash"
    assert hung["reason"] == "took longer than 2 s: is it what it seems to be?"
    assert good["process"] != fine["process"] and psutil.pid_exists(fine["process"])


@pytest.mark.slow
def test_who_leaves_does_not_end_the_process(process, tmp_path):
    (tmp_path / "clip").write_text("slow")

    async def leave_and_ask():
        before = await process.answer(tmp_path / "clip", "first")
        gone = asyncio.ensure_future(process.answer(tmp_path / "clip", "gone"))
        await asyncio.sleep(0.2)
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        return before, await process.answer(tmp_path / "clip", "last")

    first, last = asyncio.run(leave_and_ask())
    assert first["process"] == last["process"] and last["file"] == "last"
    process.stop()
    assert not psutil.pid_exists(last["process"])


@pytest.mark.slow
def test_a_process_that_ended_by_itself_is_started_again(process, tmp_path):
    (tmp_path / "clip").write_text("good")

    async def kill_and_ask():
        first = await process.answer(tmp_path / "clip", "first")
        psutil.Process(first["process"]).kill()
        for _ in range(50):
            with suppress(Exception):
                return first, await process.answer(tmp_path / "clip", "last")
            await asyncio.sleep(0.1)

    first, last = asyncio.run(kill_and_ask())
    assert last["file"] == "last" and first["process"] != last["process"]
