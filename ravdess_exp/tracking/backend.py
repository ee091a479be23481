"""The database or server that keeps the runs: where it is, and whether it answers."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from alembic.util import CommandError
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode
from mlflow.tracking import MlflowClient
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from ravdess_exp.errors import TrackingError
from ravdess_exp.files import locked
from ravdess_exp.stores import VARIABLE, refusal, without_password
from ravdess_exp.tracking.defaults import DEFAULT_URI

STORE_ERRORS = (MlflowException, SQLAlchemyError, CommandError, OSError)  # it is away or refuses


def tracking_uri(configured: str | None) -> str:
    """The configured store, else MLFLOW_TRACKING_URI, else a SQLite file in `outputs`.

    Raises `TrackingError` where MLflow has no store of that kind.
    """
    address = configured or os.environ.get(VARIABLE) or DEFAULT_URI
    if reason := refusal(address):
        raise TrackingError(f"{without_password(address)}: {reason}")
    return address


def sqlite_file(uri: str) -> Path | None:
    """The file of an SQLite store; None for any other store."""
    return Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None


def connect(uri: str) -> MlflowClient:
    """A client that gives up on a silent server within seconds, not minutes."""
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    for chatty in ("alembic", "mlflow.store.db.utils"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if database := sqlite_file(uri):
        with _alone(database):
            return MlflowClient(tracking_uri=uri)  # makes the tables where there are none
    if not uri.startswith(("http", "databricks")):
        _knock(uri)
    return MlflowClient(tracking_uri=uri)


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """One process at a time: MLflow's tables cannot be made by two at once."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with locked(database.with_name(f"{database.name}.lock"), wait=True):
        yield


def _knock(uri: str) -> None:
    """Connect to a database once: MLflow itself tries for 100 s before it gives up."""
    waiting = {"connect_timeout": 10} if uri.startswith(("postgresql", "mysql")) else {}
    try:
        engine = sqlalchemy.create_engine(uri, poolclass=NullPool, connect_args=waiting)
    except ImportError as error:
        raise TrackingError(
            f"tracking.uri={without_password(uri)}: its driver is not installed ({error.name}); "
            "install it, or let an MLflow server talk to the database"
        ) from error
    with engine.connect():
        pass


def run_status(client: MlflowClient, run_id: str) -> str | None:
    """As MLflow says it, such as FINISHED; None where this store does not know the run."""
    try:
        return client.get_run(run_id).info.status
    except MlflowException as error:
        if error.error_code == ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
            return None
        raise


def experiment_id(client: MlflowClient, uri: str, name: str) -> str:
    """The experiment of this name, made if missing; a local store keeps its files beside itself."""
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        location = None
        if database := sqlite_file(uri):
            location = (database.resolve().parent / "mlartifacts").as_uri()
        try:
            return client.create_experiment(name, artifact_location=location)
        except MlflowException:  # another process was faster
            experiment = client.get_experiment_by_name(name)
            if experiment is None:
                raise
    if experiment.lifecycle_stage != "active":
        raise TrackingError(
            f"tracking.experiment={name}: deleted on {without_password(uri)}; restore it or choose "
            "another name"
        )
    return experiment.experiment_id
