"""The benchmark on a GPU: what it says without one, and its dry run from end to end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "bench_gpu.py"


def bench(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Where no GPU is seen, from another folder."""
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--out", str(folder / "out"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        cwd=folder,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": str(SCRIPT.parents[1])},
    )


@pytest.mark.slow
def test_without_a_gpu_it_says_so(tmp_path):
    done = bench(tmp_path)
    assert done.returncode == 2 and "--dry-run" in done.stderr
    assert "TensorFlow sees no GPU here" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_dry_run_does_all_of_it_on_the_processor(tmp_path, corpus):
    done = bench(
        tmp_path, "--dry-run", "--steps", "2", "--overrides",
        "data=ravdess", f"data.root={corpus}", "data.workers=1", "audio=mfcc",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    text = (tmp_path / "out" / "gpu.md").read_text()
    assert text in done.stdout and "a dry run with tiny models" in text
    found = json.loads((tmp_path / "out" / "gpu.json").read_text())
    assert found["dry_run"] and set(found["rows"]) == {
        f"{model} {precision}"
        for model in ("default", "resnet", "conv3d")
        for precision in ("float32", "bfloat16")
    }
    for name, row in found["rows"].items():
        assert row["step_ms"] > 0 and row["epoch_s"] > 0
        assert row["ratio"] == pytest.approx(row["processor_step_ms"] / row["step_ms"])
        # the same weights on the same processor: what differs is the precision alone
        low, high = (0, 1e-5) if name.endswith("float32") else (1e-6, 0.1)
        assert low <= row["difference"] < high, name
        assert name in [" ".join(line.split(" | ")[:2]).strip("| ") for line in text.splitlines()]
