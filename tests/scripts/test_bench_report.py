"""The table and the picture of `make bench`, from figures as the benchmarks leave them."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "bench_report.py"
MACHINE = {"processor": "a processor", "cores": 2}


def way(ms: float, naive: float, floor: float) -> dict:
    return {"ms": ms, "naive_over": naive, "over_floor": floor}


def step(ms: float, plain: float, floor: float) -> dict:
    return {"ms": [ms, 2 * ms], "plain_over": [plain, plain], "over_floor": [floor, floor]}


FIGURES = {
    "prepare": {
        name: {
            "clips": 30,
            "megabytes": 0.1,
            "ways": {
                "naive": way(1900, 1, 20),
                "floor": way(85, 22, 1),
                "mtcnn": way(180, 10.5, 2.1),
                "haar": way(120, 15, 1.5),
                "yunet": way(115, 16.5, 1.4),
            },
        }
        for name in ("as they are", "heavy")
    },
    "train": {
        "batch": 32,
        "vgg 32-64-128": {
            "floor_ms": [200, 390],
            "ways": {"plain": step(900, 1, 4.5), "ours": step(310, 3.04, 1.56)},
        },
        "pipeline": {"default recipe": {"pipeline": {"ms": 100, "over_cached": [1.125, 1.1]}}},
    },
    "startup": {
        "commands": {"help": [0.3, 0.3], "mistake": [0.51, 0.5], "another": [0.4, 0.4]},
        "runs": [{"beside": b, "ratio": b / 5} for b in (8.4, 7.4, 7.6, 7.5)],
    },
    "study": {"beside_s": 4.2, "share": 0.031},
    "growth": {
        "sizes": [
            {"clips": n, "first": {"seconds": 0.05 * n, "memory_mb": 163}} for n in (100, 1000)
        ]
    },
}


def report(folder: Path) -> subprocess.CompletedProcess:
    call = [sys.executable, str(SCRIPT), "--out", str(folder)]
    return subprocess.run(call, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def benched(tmp_path):
    for name, figures in FIGURES.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"machine": MACHINE, **figures}))
    return tmp_path


def test_one_table_and_one_picture(benched):
    done = report(benched)
    assert done.returncode == 0, done.stderr
    table = (benched / "performance.md").read_text()
    assert table in done.stdout + "\n" and "measured on: a processor, 2" in table
    for told in (
        "naive way 16.5 times ours (115 ms a clip), ours 1.40 times decoding alone",
        "plain 3.04 times its processor time, 310 ms, 1.56 times the floor",
        "the input pipeline, default recipe | 12.5% of a step",
        "0.30 s; 0.51 s",
        "8.4 s with a new MLflow database, 7.4 to 7.6 s later: 1.50 times importing",
        "4.2 s, 3.1% of the training",
        "preparing 100, 1,000 clips | 50, 50 ms a clip; 163, 163 MB at most",
    ):
        assert told in table
    assert cv2.imread(str(benched / "performance.png")).std() > 10


def test_some_benchmarks_are_enough(benched):
    for name in ("train", "study", "growth"):
        (benched / f"{name}.json").unlink()
    done = report(benched)
    assert done.returncode == 0 and "a step of" not in done.stdout


def test_no_figures_are_named(tmp_path):
    done = report(tmp_path)
    assert done.returncode == 2 and "no figures of a benchmark" in done.stderr
