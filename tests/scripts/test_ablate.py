"""A table of changes: validation alone unless test is asked for, and a change that fails is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.studies import overrides

SCRIPT = Path(__file__).parents[2] / "scripts" / "ablate.py"


def ablate(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--out", "out", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SCRIPT.parents[1])},
    )


@pytest.mark.slow
def test_a_row_for_each_change(corpus, store_root, tmp_path):
    base = [
        o for o in overrides(corpus, store_root, ()) if not o.startswith(("hydra.", "tracking."))
    ]
    base += ["folds=[1,2]", "tracking=none"]
    changes = ["--change", "augment.sound_variants=1", "--change", "seed=nonsense"]
    done = ablate(tmp_path, *base, *changes)
    assert done.returncode == 1 and "seed=nonsense failed" in done.stderr
    head, _, as_it_is, varied = done.stdout.splitlines()
    assert "test" not in head
    summaries = {
        name: json.loads((tmp_path / "out" / name / "summary.json").read_text())
        for name in ("base", "augment.sound_variants=1")
    }
    before, after = (of["val_uar"] for of in summaries.values())
    assert as_it_is.startswith(f"| as it is | {before:.3f} |")
    assert varied.startswith(
        f"| `augment.sound_variants=1` | {after:.3f} | {after - before:+.3f} | "
    )
    again = ablate(tmp_path, *base, "--test")
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[2].split(" | ")[1] == f"{before:.3f}", "nothing is run twice"
    low, high = summaries["base"]["uar_ci95"]
    assert f"{summaries['base']['uar']:.3f} [{low:.3f}, {high:.3f}]" in again.stdout
    printed = (tmp_path / "out" / "base" / "printed.txt").read_text()
    assert "2 of 2 runs are there already" in printed


def test_a_single_run_is_no_study(tmp_path):
    done = ablate(tmp_path, "seed=x")
    assert done.returncode == 1 and not done.stdout
    assert "base failed" in done.stderr and "seed=x" in done.stderr
