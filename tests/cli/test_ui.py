"""`ravdess-exp ui` as a person uses it: any folder, any store, a real browser, and nothing left after it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import cv2
import psutil
import pytest
from mlflow.tracking import MlflowClient

from ravdess_exp.cli.ui import main
from ravdess_exp.errors import TrackingError
from ravdess_exp.tracking.backend import connect, experiment_id
from tests.helpers.browser import rendered, screenshot

NOTE = "UAR **0.714** on speakers it never saw"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> str:
    """A store with one finished run, in a folder with an awkward name."""
    uri = f"sqlite:///{tmp_path_factory.mktemp('store')}/josé & co's/mlflow.db"
    client = connect(uri)
    experiment = experiment_id(client, uri, "ravdess_exp")
    tags = {"mlflow.note.content": NOTE}
    run = client.create_run(experiment, run_name="my first run", tags=tags)
    client.log_metric(run.info.run_id, "test/uar", 0.714)
    client.set_terminated(run.info.run_id)
    return uri


def _heed_signals() -> None:
    """Whoever started the tests may ignore these, as `nohup` and a shell's `&` do."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextmanager
def started(*arguments: str, cwd: Path, store: str):
    """The command at work, from its address on; yields the process and the address."""
    command = [sys.executable, "-m", "ravdess_exp", "ui", "--no-browser", *arguments]
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "MLFLOW_TRACKING_URI": store},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_signals,
    )
    try:
        lines = [process.stdout.readline() for _ in range(2)]
        address = re.search(r"http://\S+", lines[-1])
        assert address, (lines, process.communicate(timeout=10))
        yield process, address.group()
    finally:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def opened(store, tmp_path_factory):
    """One that several tests look at, the last of which ends it."""
    with started("--port", "auto", cwd=tmp_path_factory.mktemp("ui"), store=store) as found:
        yield found


@pytest.mark.slow
def test_it_opens_on_the_runs_in_a_real_browser(store, opened, tmp_path):
    """Without the mode in the address, MLflow 3.17 shows a newcomer an empty list of traces."""
    _, address = opened
    text = rendered(address, tmp_path)
    assert "my first run" in text and "Run Name" in text, text[-2000:]
    picture = cv2.imread(str(screenshot(address, tmp_path)))
    assert picture.std() > 5, "the screenshot shows something"
    experiment, _ = re.search(r"experiments/(\d+)/(runs)", address).groups()
    client = MlflowClient(tracking_uri=store)
    (run,) = client.search_runs([experiment])
    page = address.replace("/runs?", f"/runs/{run.info.run_id}?")
    assert "<strong>0.714</strong>" in rendered(page, tmp_path), "the description, as Markdown"


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_running(opened):
    assert_it_ends(opened[0], signal.SIGINT)


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_running(store, tmp_path, ending):
    with started("--port", "0", cwd=tmp_path, store=store) as (process, _):
        assert_it_ends(process, ending)


def assert_it_ends(process: subprocess.Popen, ending: signal.Signals) -> None:
    """At this signal, in our words, and all that it started with it."""
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 2, "a server and its worker"
    process.send_signal(ending)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "ended" in out and err == ""
    assert not any(_runs(member) for member in family)


def _runs(process: psutil.Process) -> bool:
    """Not one that has ended and waits for a parent to ask."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_a_server_that_ends_by_itself_is_one_line(store, tmp_path):
    with started("--port", "0", cwd=tmp_path, store=store) as (process, _):
        (server,) = psutil.Process(process.pid).children()
        workers = server.children(recursive=True)
        server.kill()
        _, err = process.communicate(timeout=60)
        assert process.returncode == 2 and err.startswith("error: MLflow's server ended: ")
        assert err.count("\n") == 1
        assert workers and not any(_runs(worker) for worker in workers), "nor is a worker left"


def test_a_server_over_http_is_only_opened(store, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("ravdess_exp.tracking.page.experiment_with_runs", lambda uri, name: "7")
    assert main(["--uri", "http://me:secret@team:5000"]) == 0
    address = "http://me:***@team:5000/#/experiments/7/runs?workflowType=machine_learning"
    assert opened == [address] and address in capsys.readouterr().out
    assert main(["--uri", "http://team:5000", "--no-browser"]) == 0 and len(opened) == 1


def test_where_there_is_no_desktop_no_browser_takes_the_terminal(monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda address: pytest.fail("opened"))
    monkeypatch.setattr("ravdess_exp.tracking.page.experiment_with_runs", lambda uri, name: "7")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform == "linux":
        assert main(["--uri", "http://team:5000"]) == 0


def test_a_port_that_is_taken_is_named(store, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(TrackingError, match=f"port {port} cannot be used .*--port"):
            main(["--uri", store, "--port", str(port)])


def test_no_runs_yet(tmp_path, monkeypatch):
    """Nothing is made by looking."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    with pytest.raises(TrackingError, match="no runs in it yet; this makes one: ravdess-exp$"):
        main([])
    other = "sqlite:///no such/a.db"
    command = rf"ravdess-exp 'tracking.uri=\"sqlite:///{tmp_path}/no such/a.db\"' "
    with pytest.raises(TrackingError, match=command + "'?tracking.experiment="):
        main(["--uri", other, "--experiment", "mine"])
    assert list(tmp_path.iterdir()) == []


def test_an_experiment_without_runs_and_one_that_does_not_exist(tmp_path, store):
    empty = f"sqlite:///{tmp_path}/empty.db"
    experiment_id(connect(empty), empty, "ravdess_exp")
    with pytest.raises(TrackingError, match="no runs in it yet"):
        main(["--uri", empty])
    with pytest.raises(TrackingError, match="no experiment 'mine', expected one of ravdess_exp"):
        main(["--uri", store, "--experiment", "mine"])


def test_a_file_that_is_no_database_and_a_server_that_is_away(tmp_path):
    (tmp_path / "text.db").write_text("no database " * 100)
    for uri in (f"sqlite:///{tmp_path}/text.db", "http://127.0.0.1:9"):
        started = time.monotonic()
        with pytest.raises(TrackingError, match="does not answer"):
            main(["--uri", uri])
        assert time.monotonic() - started < 60


@pytest.mark.parametrize("port", ["-1", "70000", "x"])
def test_a_port_that_is_no_port(port, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([f"--port={port}"])
    assert "expected 0 to 65535 or auto" in capsys.readouterr().err
