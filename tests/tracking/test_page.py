"""Where a person finds a run: addresses that open on runs, and the command that starts a server."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from ravdess_exp.tracking.page import run_address, runs_address, store_command, way_to_run
from tests.helpers.names import pasted

MODE = "?workflowType=machine_learning"


def test_addresses_ask_for_the_mode_that_shows_runs():
    assert runs_address("http://h:1/", "2") == f"http://h:1/#/experiments/2/runs{MODE}"
    assert run_address("http://h:1", "2", "ab") == f"http://h:1/#/experiments/2/runs/ab{MODE}"


@pytest.mark.parametrize(
    ("uri", "experiment", "expected"),
    [
        ("http://team:5000", "mine", f"http://team:5000/#/experiments/2/runs/ab{MODE}"),
        ("https://me:secret@team", "x", f"https://me:***@team/#/experiments/2/runs/ab{MODE}"),
        (
            "sqlite:///outputs/mlflow.db",
            "ravdess_exp",
            "ravdess-exp ui --uri sqlite:///{here}/outputs/mlflow.db, then http://127.0.0.1:5000/#/",
        ),
        (
            "sqlite:///outputs/mlflow.db",
            "my own",
            "ravdess-exp ui --uri sqlite:///{here}/outputs/mlflow.db --experiment 'my own', then http",
        ),
        (
            "sqlite:////o & o/a.db",
            "ravdess_exp",
            "ravdess-exp ui --uri 'sqlite:////o & o/a.db', then",
        ),
        (
            "postgresql://me:secret@h/d",
            "ravdess_exp",
            "ravdess-exp ui --uri 'postgresql://me:***@h/d'",
        ),
    ],
)
def test_the_way_to_a_run(monkeypatch, tmp_path, uri, experiment, expected):
    """From any working folder, so that no place is relative."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    monkeypatch.chdir(tmp_path)
    way = way_to_run(uri, experiment, "2", "ab")
    assert way.startswith(expected.format(here=tmp_path)) and way.endswith(
        f"/#/experiments/2/runs/ab{MODE}"
    )


def test_a_store_that_the_environment_names_needs_no_option(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////elsewhere.db")
    assert way_to_run("sqlite:////elsewhere.db", "ravdess_exp", "2", "ab").startswith(
        "ravdess-exp ui, then http"
    )


@pytest.mark.parametrize("name", ["josé & co's", "what?"])
def test_the_store_of_a_folder_by_any_name(monkeypatch, tmp_path, name):
    """An address of SQLAlchemy cannot have a question mark in its path."""
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    command = store_command("ui", uri="sqlite:///outputs/mlflow.db", experiment="x")
    line = command.replace("ravdess-exp ui", """printf '%s\\n' "$PWD" """)
    here, *given = pasted(["cd /", line], "sh").decode().splitlines()
    uri = given[given.index("--uri") + 1] if "--uri" in given else "sqlite:///outputs/mlflow.db"
    assert Path(here, make_url(uri).database) == tmp_path / name / "outputs" / "mlflow.db"
