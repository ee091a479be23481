"""Our sweepers serve our program, and leave every other Hydra program as it was."""

import subprocess
import sys
from pathlib import Path

import pytest

OTHER_PROGRAM = """\
import hydra

@hydra.main(version_base="1.3", config_path=None)
def main(config):
    print("x is", config.x)

main()
"""


def run(arguments: list[str], cwd: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.slow
def test_another_hydra_program_of_the_environment_keeps_its_own_sweeper(tmp_path):
    (tmp_path / "other.py").write_text(OTHER_PROGRAM)
    done = run(["other.py", "-m", "+x=1,2"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "x is 1" in done.stdout and "x is 2" in done.stdout
    shown = run(["other.py", "--cfg", "hydra", "--package", "hydra.sweeper"], tmp_path)
    assert "_target_: hydra._internal.core_plugins.basic_sweeper.BasicSweeper" in shown.stdout


@pytest.mark.slow
@pytest.mark.parametrize("told", [[], ["hydra/sweeper=basic"]], ids=["default", "named"])
def test_ours_is_the_basic_sweeper_of_our_program(tmp_path, told):
    """It refuses an interval with our own words, before anything runs."""
    searched = "training.learning_rate=interval(0.1,0.2)"
    done = run(["-m", "ravdess_exp", "-m", *told, searched], tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: training.learning_rate=interval(0.1,0.2): expected a list"
    )
    assert "an interval is for a search, with hydra/sweeper=optuna" in done.stderr


@pytest.mark.slow
def test_who_only_launches_runs_waits_for_no_tensorflow(tmp_path):
    """With a launcher for a cluster this process trains nothing."""
    imported = "import sys, ravdess_exp.study.combinations; print('tensorflow' in sys.modules)"
    assert run(["-c", imported], tmp_path).stdout == "False\n"
