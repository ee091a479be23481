"""Where a person finds a run: addresses that open on runs, and the command that starts a server."""

import pytest

from ravdess_exp.tracking.page import run_address, runs_address, way_to_run

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
            "ravdess-exp ui, then http://127.0.0.1:5000/#/",
        ),
        (
            "sqlite:///outputs/mlflow.db",
            "my own",
            "ravdess-exp ui --experiment 'my own', then http",
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
def test_the_way_to_a_run(monkeypatch, uri, experiment, expected):
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    way = way_to_run(uri, experiment, "2", "ab")
    assert way.startswith(expected) and way.endswith(f"/#/experiments/2/runs/ab{MODE}")


def test_a_store_that_the_environment_names_needs_no_option(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////elsewhere.db")
    assert way_to_run("sqlite:////elsewhere.db", "ravdess_exp", "2", "ab").startswith(
        "ravdess-exp ui, then http"
    )
