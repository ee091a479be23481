"""Multiruns: combinations, the table, runs that fail, launchers that break down."""

import csv
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from ravdess_exp.config.schema import Config
from ravdess_exp.errors import ConfigError, StudyError
from ravdess_exp.folder import FAILURE
from ravdess_exp.report.table import as_text, print_table, table
from ravdess_exp.study.combinations import expand
from ravdess_exp.study.runner import run_members
from ravdess_exp.study.study import Member


def scores(uar: float) -> dict[str, float]:
    names = ("val/uar", "test/uar", "test/uar_low", "test/uar_high")
    return {**dict.fromkeys(names, uar), "seconds/train": 3.2, "parameters": 12345}


def test_best_on_validation_first_and_failures_last(tmp_path, capsys):
    results = [
        (
            {"modality": "audio", "seed": str(seed), "split.test": "[1,2]"},
            scores(uar) if uar else {},
        )
        for seed, uar in enumerate((0.3, 0.5, None))
    ]
    print_table(results, tmp_path)
    printed = capsys.readouterr().out
    with (tmp_path / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["seed"] for row in rows] == ["1", "0", "2"]
    assert rows[0]["validation UAR"] == "0.500" and rows[2]["validation UAR"] == "failed"
    assert "modality" not in rows[0], "what all have in common is left out"
    assert "12,345" in printed and "Sorted by validation" in printed


def test_columns_are_in_line():
    lines = as_text(*table([({"audio": name}, scores(0.5)) for name in ("mfcc", "mfcc_mean")]))
    lines = lines.splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].index("0.500") == lines[2].index("0.500")


@pytest.mark.parametrize("results", [[({"task": "prepare"}, {})] * 2, [({}, scores(0.5))]])
def test_nothing_to_compare_no_table(tmp_path, capsys, results):
    print_table(results, tmp_path)
    assert not capsys.readouterr().out and not list(tmp_path.iterdir())


def test_every_combination_and_the_last_of_two():
    found = expand(["audio=mfcc,logmel", "seed=range(0,2)", "split.test=[1,2]", "seed=5"])
    assert found == [
        ["audio=mfcc", "seed=5", "split.test=[1,2]"],
        ["audio=logmel", "seed=5", "split.test=[1,2]"],
    ]
    assert len(expand(["a=1,2", "b=choice(x,y,z)", "+c=range(0,2)"])) == 12


def test_an_interval_needs_a_search():
    with pytest.raises(ConfigError, match="hydra/sweeper=optuna"):
        expand(["training.learning_rate=interval(0,1)"])


@pytest.fixture
def members(tmp_path, configure) -> list[Member]:
    config: Config = configure()
    return [Member(str(i), i, 0, config, (f"seed={i}",), tmp_path / str(i)) for i in range(5)]


def finish(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metrics.json").write_text("{}")


def test_a_killed_worker_takes_no_other_run_with_it(members, tmp_path, capsys):
    """joblib then gives up everything that it had been given."""
    calls = []

    def launch(jobs):
        numbers = [int(job[0].split("=")[1]) for job in jobs]
        calls.append(numbers)
        for number in numbers:
            if number == 2:
                raise BrokenProcessPool("a worker process was terminated\nby signal 9")
            finish(tmp_path / str(number))

    run_members(members, launch)
    assert calls == [[0, 1, 2, 3, 4], [2], [3], [4]], "what is finished is not done again"
    assert "a worker process was killed (BrokenProcessPool: a worker" in capsys.readouterr().out
    assert [m.label for m in members if not (m.folder / "metrics.json").exists()] == ["2"]
    assert (
        members[2].failure()
        == "its process was killed: BrokenProcessPool: a worker process was terminated"
    )


def test_a_cluster_that_breaks_down_gets_no_run_twice(members, tmp_path):
    """A job of SLURM or Ray that died says nothing of the others, which may be at work still."""
    calls = []

    def launch(jobs):
        calls.append(len(jobs))
        finish(tmp_path / "0")
        raise RuntimeError("job 3 has not produced any output")

    with pytest.raises(
        StudyError, match=r"broke down \(RuntimeError: job 3 .* may still be at work"
    ):
        run_members(members, launch)
    assert calls == [5]


def test_what_an_earlier_attempt_left_is_not_mistaken(members, tmp_path):
    for member in members:
        finish(member.folder)
        (member.folder / FAILURE).write_text("earlier\n")
    run_members(members[:2], lambda jobs: None)
    assert members[0].failure() == "not run to its end"
    assert not (members[1].folder / "metrics.json").exists()
    assert (members[2].folder / "metrics.json").exists()


def test_nothing_to_do_launches_nothing():
    run_members([], lambda jobs: pytest.fail("launched"))
