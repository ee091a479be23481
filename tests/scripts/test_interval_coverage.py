"""The simulation of intervals: what it reaches here, and that it would see intervals that are wrong."""

import importlib.util
from pathlib import Path

import pytest

from ravdess_exp.scoring.intervals import Estimate

SCRIPT = Path(__file__).parents[2] / "scripts" / "interval_coverage.py"


@pytest.fixture(scope="module")
def coverage():
    spec = importlib.util.spec_from_file_location("interval_coverage", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def few_speakers(coverage, monkeypatch):
    monkeypatch.setattr(coverage, "_ALL_SPEAKERS", 2000)


def test_one_actor_and_six(coverage):
    """The whole table, with 2,000 draws a cell, is in docs/reliability.md."""
    text, _ = coverage.table([1, 6], draws=25, seed=0)
    one, six = (line.split(" | ") for line in text.splitlines()[2:])
    assert one[:2] == ["| 1", "clips"] and six[:2] == ["| 6", "speakers"]
    assert one[-1] == six[-1] == "0 |"  # contradictions
    assert all(85 <= float(share.rstrip("%")) <= 100 for share in (*one[2:8], *six[2:8]))


def test_intervals_half_as_wide_are_seen(coverage, monkeypatch):
    whole = Estimate.interval
    monkeypatch.setattr(
        Estimate,
        "interval",
        lambda self, *of: tuple((self.value + end) / 2 for end in whole(self, *of)),
    )
    text, within = coverage.table([6], draws=40, seed=0)
    shares = [float(share.rstrip("%")) for share in text.splitlines()[2].split(" | ")[2:8]]
    assert not within and sum(shares) / len(shares) < 85
