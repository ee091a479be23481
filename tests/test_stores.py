"""Addresses of stores: each kind that MLflow has is let through, each other one gets an answer."""

import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.errors import ConfigError, TrackingError
from ravdess_exp.stores import refusal
from ravdess_exp.tracking.backend import tracking_uri


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:///outputs/mlflow.db",
        "sqlite:////data/mlflow.db",
        "http://localhost:5000",
        "https://me:secret@host/mlflow",
        "postgresql+psycopg2://me@host/runs",
        "databricks",
        "databricks://profile",
    ],
)
def test_a_store_that_there_is(address):
    assert refusal(address) is None


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("./mlruns", "a folder of files.*expected sqlite:////.*/mlflow.db in its place"),
        ("mlruns", "a folder of files"),
        ("/data/mlruns", "expected sqlite:////data/mlflow.db in its place"),
        ("file:///data/mlruns", "expected sqlite:////data/mlflow.db in its place"),
        ("file:mlruns", "a folder of files"),
        ("sqlite://mlflow.db", "write sqlite:///mlflow.db, with three slashes"),
        ("sqlite:mlflow.db", "write sqlite:///mlflow.db, with three slashes"),
        ("localhost:5000", "write http://localhost:5000"),
        ("10.0.0.7:5000/x", "write http://10.0.0.7:5000/x"),
        ("ftp://host", "expected a server, .* or a database"),
    ],
)
def test_any_other_gets_an_answer(address, said, monkeypatch):
    """On the command line, in the environment, and from `--uri` of a subcommand."""
    with pytest.raises(TrackingError, match=said):
        tracking_uri(address)
    with pytest.raises(ConfigError, match=rf"tracking\.uri=.*: .*{said}"):
        validate(compose_config([f'tracking.uri="{address}"']))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.raises(ConfigError, match=f"the environment's MLFLOW_TRACKING_URI={address}: "):
        validate(compose_config([]))
    validate(compose_config(["tracking=none"]))


def test_a_file_store_that_is_there_can_be_taken_along(tmp_path):
    (tmp_path / "mlruns").mkdir()
    said = refusal(str(tmp_path / "mlruns"))
    assert said.endswith(
        f"-m mlflow migrate-filestore --source {tmp_path}/mlruns --target "
        f"sqlite:///{tmp_path}/mlflow.db"
    )


def test_no_password_is_shown():
    with pytest.raises(ConfigError) as refused:
        validate(compose_config(['tracking.uri="postgres://me:secret@host/runs"']))
    assert "secret" not in str(refused.value) and "postgres://me:***@host/runs" in str(
        refused.value
    )
