"""Addresses in MLflow's page, and how a person gets to them."""

from pathlib import Path

from ravdess_exp.command import assignment, our_command, within
from ravdess_exp.errors import TrackingError
from ravdess_exp.places import Kind, absolute
from ravdess_exp.tracking.backend import (
    STORE_ERRORS,
    connect,
    sqlite_file,
    tracking_uri,
    without_password,
)
from ravdess_exp.tracking.defaults import DEFAULT_EXPERIMENT, DEFAULT_PORT

HOST = "127.0.0.1"
# Without it MLflow 3.17's page opens in its mode for language models, where an experiment has no runs.
_MODE = "workflowType=machine_learning"


def local_server(port: int = DEFAULT_PORT) -> str:
    """Address of a server on this machine."""
    return f"http://{HOST}:{port}"


def runs_address(server: str, experiment_id: str) -> str:
    """The table of an experiment's runs."""
    return f"{server.rstrip('/')}/#/experiments/{experiment_id}/runs?{_MODE}"


def run_address(server: str, experiment_id: str, run_id: str) -> str:
    """One run: its metrics, parameters, files and description."""
    return f"{server.rstrip('/')}/#/experiments/{experiment_id}/runs/{run_id}?{_MODE}"


def way_to_run(uri: str, experiment: str, experiment_id: str, run_id: str) -> str:
    """What a run prints: its address on a server, else the command that starts one, and the address."""
    if uri.startswith("http"):
        return run_address(without_password(uri), experiment_id, run_id)
    address = run_address(local_server(), experiment_id, run_id)
    return f"{store_command('ui', uri=uri, experiment=experiment)}, then {address}"


def store_command(*words: str, uri: str, experiment: str) -> str:
    """A subcommand for a store and an experiment, which finds them from any working folder.

    One whose address cannot be made absolute is looked for in the working folder of today.
    """
    place = absolute(uri, Kind.STORE, Path.cwd())
    options = [] if place == tracking_uri(None) else ["--uri", without_password(place)]
    options += [] if experiment == DEFAULT_EXPERIMENT else ["--experiment", experiment]
    command, database = our_command(*words, *options), sqlite_file(place)
    here = database is None or database.is_absolute()
    return command if here else within(Path.cwd(), command)


def experiment_with_runs(uri: str, name: str) -> str:
    """Id of the experiment of this name. Makes nothing, not even a database.

    Raises `TrackingError` where the store does not answer, or has no such experiment or no run in it.
    """
    database = sqlite_file(uri)
    if database and not database.exists():
        raise _no_runs(uri, name)
    try:
        client = connect(uri)
        experiment = client.get_experiment_by_name(name)
        if experiment and client.search_runs([experiment.experiment_id], max_results=1):
            return experiment.experiment_id
        others = [e.name for e in client.search_experiments() if e.name not in (name, "Default")]
    except STORE_ERRORS as error:
        reason = str(error).splitlines()[0][:300]
        raise TrackingError(
            f"MLflow at {without_password(uri)} does not answer: {reason}"
        ) from error
    if experiment is None and others:
        raise TrackingError(
            f"{without_password(uri)}: no experiment {name!r}, expected one of {', '.join(others)} "
            "(--experiment)"
        )
    raise _no_runs(uri, name)


def _no_runs(uri: str, name: str) -> TrackingError:
    overrides = []
    if uri != tracking_uri(None):
        place = absolute(uri, Kind.STORE, Path.cwd())
        overrides.append(assignment("tracking.uri", without_password(place)))
    if name != DEFAULT_EXPERIMENT:
        overrides.append(assignment("tracking.experiment", name))
    command = our_command(*overrides)
    return TrackingError(f"{without_password(uri)}: no runs in it yet; this makes one: {command}")
