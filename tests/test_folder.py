"""The folder of a run: one process at a time, and a refused one leaves no trace."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ravdess_exp.errors import OutputError
from ravdess_exp.folder import FAILURE, METRICS, RunFolder
from tests.conftest import quick_overrides

HOLD = """
import sys
from ravdess_exp.folder import RunFolder
with RunFolder(sys.argv[1]).locked():
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path):
    """A run's folder in which another process is at work: the first one of a multirun."""
    folder = tmp_path / "sweep" / "0"
    (folder / ".hydra").mkdir(parents=True)
    for name in ("config.yaml", "hydra.yaml", "overrides.yaml"):
        (folder / ".hydra" / name).write_text("of the run that is at work\n")
    root = str(Path(__file__).parents[1])
    worker = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert worker.stdout.readline().strip() == "locked"
    yield folder
    worker.communicate("", timeout=30)


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize(
    "place",
    [["hydra.run.dir=sweep/0"], ["seed=0", "hydra.sweep.dir=sweep", "-m"]],
    ids=["run", "multirun"],
)
def test_a_refused_process_leaves_the_run_as_it_is(held, corpus, store_root, tmp_path, place):
    """Neither `.hydra/` nor `failure.txt` is its to write."""
    before = content(held)
    refused = subprocess.run(
        [sys.executable, "-m", "ravdess_exp", *quick_overrides(corpus, store_root, *place)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert refused.returncode in (1, 2) and "another process is at work in it" in (
        refused.stdout + refused.stderr
    )
    assert "Traceback" not in refused.stderr
    assert content(held) == before


def test_one_process_at_a_time(held):
    with pytest.raises(OutputError, match="another process is at work"), RunFolder(held).locked():
        pass


def test_where_a_run_stands(tmp_path):
    folder = RunFolder(tmp_path)
    assert not folder.finished and folder.failure() == "not run to its end"
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        folder.fail(error)
    assert folder.ended and folder.failure() == "ValueError: two lines"
    assert "Traceback" in (tmp_path / FAILURE).read_text()
    folder.write_json(METRICS, {"val/uar": 0.5})
    assert folder.finished and folder.metrics() == {"val/uar": 0.5}
    folder.clear()
    assert not folder.ended


def test_damaged_metrics_are_named(tmp_path):
    (tmp_path / METRICS).write_text('{"val/uar": 0.')
    with pytest.raises(OutputError, match=r"metrics\.json: cannot be read .*; do this run again"):
        RunFolder(tmp_path).metrics()
