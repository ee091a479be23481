"""A team's MLflow: a real PostgreSQL server, started here, behind it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from mlflow.tracking import MlflowClient

from tests.helpers.studies import command

pytestmark = pytest.mark.slow


def program(name: str) -> str | None:
    """Debian keeps the server's programs out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """URI of an empty database."""
    initdb, server = program("initdb"), program("postgres")
    if not (initdb and server):
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    folder = tmp_path_factory.mktemp("postgres") / "data"
    user = None
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            shutil.chown(folder.parent, "postgres")
        except LookupError:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        user = "postgres"
        for parent in folder.parents:
            shared = (Path("/"), Path("/tmp"))  # noqa: S108 - nothing is put there
            if parent.owner() == "root" and parent not in shared:
                parent.chmod(parent.stat().st_mode | 0o011)
    port = free_port()
    subprocess.run(
        [initdb, "-D", folder, "-U", "mlflow", "--auth=trust", "--no-sync", "-E", "UTF8"],
        user=user,
        check=True,
        capture_output=True,
        cwd="/",
    )
    options = ["-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-F"]
    with (folder.parent.parent / f"{folder.parent.name}.log").open("w") as log:
        process = subprocess.Popen(
            [server, "-D", folder, *options], user=user, stdout=log, stderr=log, cwd="/"
        )
    try:
        wait_for(lambda: socket.create_connection(("127.0.0.1", port), 1).close(), process)
        yield f"postgresql://mlflow@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)  # does not wait for its clients to leave
        process.wait(timeout=30)


def wait_for(answers, process: subprocess.Popen, seconds: float = 90) -> None:
    """Until a server answers; raises if it ends instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        with suppress(OSError):
            answers()
            return
        time.sleep(0.2)
    raise TimeoutError


def statuses(uri: str, name: str) -> list[str]:
    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name(name)
    return [run.info.status for run in client.search_runs([experiment.experiment_id])]


def test_two_folds_at_once_into_postgresql(postgres, corpus, store_root, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", postgres)
    told = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2", "tracking.experiment=direct"]
    code, printed = command(corpus, store_root, tmp_path, *told, "folds=[1,2]")
    assert code == 0 and "does not answer" not in printed, printed
    assert statuses(postgres, "direct") == ["FINISHED"] * 3


def test_a_study_on_a_server_in_front_of_postgresql(
    postgres, corpus, store_root, tmp_path, monkeypatch
):
    """As docs/cluster.md describes it: the server keeps runs in PostgreSQL and takes the files."""
    port = free_port()
    uri = f"http://127.0.0.1:{port}"
    backend = ["--backend-store-uri", postgres, "--artifacts-destination", str(tmp_path / "files")]
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", *backend, "--host", "127.0.0.1",
             "--port", str(port), "--workers", "1"],
            stdout=log, stderr=log, cwd=tmp_path, start_new_session=True,
            env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},  # seven processes
        )  # fmt: skip
    try:
        wait_for(lambda: requests.get(f"{uri}/health", timeout=1).raise_for_status(), server)
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        told = ["tracking.experiment=served", "folds=[1,2]"]
        code, printed = command(corpus, store_root, tmp_path, *told)
        assert code == 0 and "does not answer" not in printed, printed
        assert statuses(uri, "served") == ["FINISHED"] * 3
        assert list((tmp_path / "files").glob("**/summary.json")), "files went to the server"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, 15)
        server.wait(timeout=30)
