"""A run's model in MLflow, used as strangers use it: new processes, another folder, none of our code."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from importlib.metadata import packages_distributions
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import requests
from packaging.requirements import Requirement

from ravdess_exp.cli.commands import run_command
from ravdess_exp.errors import BundleError
from ravdess_exp.tracking.address import find_bundle
from ravdess_exp.tracking.model import requirements, signature
from tests.helpers.pages import words
from tests.helpers.runs import of_run, train

NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once
CLASSES = ["neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised"]


@pytest.fixture(scope="module")
def logged(corpus, store_root, tmp_path_factory) -> dict:
    """A run with its model in a store: address, store, folder, clip and what the run said of it."""
    place = tmp_path_factory.mktemp("logged")
    uri = f"sqlite:///{place}/mlflow.db"
    folder = train(place / "run", corpus, store_root, uri=uri)
    run_id = json.loads((folder / "tracking.json").read_text())["run_id"]
    table = of_run(folder)
    clip = table.index[0]
    return {
        "address": f"runs:/{run_id}/model",
        "uri": uri,
        "folder": folder,
        "clip": corpus / f"Actor_{table.actor.iloc[0]:02d}" / f"{clip}.mp4",
        "expected": table.loc[clip, CLASSES].to_numpy(float),
    }


def stranger(logged: dict) -> dict:
    """The environment of a process that has not got our sources on its path."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    programs = (
        f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # mlflow starts uvicorn
    )
    return environment | {
        "MLFLOW_TRACKING_URI": logged["uri"],
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PATH": programs,
    }


LOAD = """
import json, sys
import mlflow, pandas as pd
model = mlflow.pyfunc.load_model(sys.argv[1])
clip = sys.argv[2]
by_path = model.predict(pd.DataFrame({"path": [clip, "nowhere.mp4"]}))
by_bytes = model.predict(pd.DataFrame({"content": [open(clip, "rb").read()]}))
import ravdess_exp
from contextlib import suppress
from importlib.metadata import packages_distributions
top = {name.split(".")[0] for name in sys.modules}
print(json.dumps({"path": by_path.astype(object).where(by_path.notna(), None).to_dict("records"),
                  "bytes": by_bytes.to_dict("records"), "code": ravdess_exp.__file__,
                  "modules": sorted(top)}, default=str))
"""


@pytest.fixture(scope="module")
def loaded(logged, tmp_path_factory) -> dict:
    """What a fresh process said."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, logged["address"], str(logged["clip"])],
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env=stranger(logged),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_it_loads_in_a_fresh_process(loaded, logged):
    for row in (loaded["path"][0], loaded["bytes"][0]):
        said = [row[name] for name in CLASSES]
        np.testing.assert_allclose(said, logged["expected"], atol=1e-5)
        assert row["prediction"] == CLASSES[int(np.argmax(said))]
    failed = loaded["path"][1]
    assert failed["prediction"] is None and failed["happy"] is None
    assert failed["reason"] == "cannot be read (No such file or directory)"


@pytest.mark.slow
def test_our_code_travels_and_everything_else_is_required(loaded, logged):
    assert f"code{os.sep}ravdess_exp" in loaded["code"], "not what is installed here"
    local = Path(mlflow.artifacts.download_artifacts(logged["address"], tracking_uri=logged["uri"]))
    lines = (local / "requirements.txt").read_text().splitlines()
    required = {Requirement(line).name.lower() for line in lines}
    assert "ravdess-exp" not in required and "ravdess_exp" not in required
    assert all(len(Requirement(line).specifier) == 1 and "==" in line for line in lines)
    ours = tomllib.loads(Path("pyproject.toml").read_text())["project"]["dependencies"]
    names = {Requirement(line).name.lower() for line in ours}
    by_module = packages_distributions()
    used = {d.lower() for m in loaded["modules"] for d in by_module.get(m, [])}
    direct = {"tensorflow", "librosa", "soxr", "av", "opencv-python-headless", "numpy", "mlflow"}
    assert direct <= required and direct <= used & names
    assert not [name for name in names & used if name not in required | BROUGHT]


BROUGHT = {  # by mlflow and librosa, which import them themselves
    "joblib", "scikit-learn", "matplotlib", "sqlalchemy", "requests", "urllib3", "alembic", "psutil",
    "gitpython", "numba", "pyyaml",
}  # fmt: skip


@pytest.mark.slow
def test_nothing_in_it_is_a_pickle(logged):
    local = Path(mlflow.artifacts.download_artifacts(logged["address"], tracking_uri=logged["uri"]))
    assert not [path for path in local.rglob("*") if path.suffix in (".pkl", ".pickle")]
    assert (local / "served.py").exists() and (local / "artifacts/bundle/bundle.json").exists()


@pytest.mark.slow
def test_mlflow_models_predict(logged, tmp_path):
    pd.DataFrame({"path": [str(logged["clip"])]}).to_csv(tmp_path / "in.csv", index=False)
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", "models", "predict", "-m", logged["address"],
         "-i", "in.csv", "-t", "csv", "-o", "out.json", "--env-manager", "local"],
        cwd=tmp_path, env=stranger(logged), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (row,) = json.loads((tmp_path / "out.json").read_text())["predictions"]
    np.testing.assert_allclose([row[name] for name in CLASSES], logged["expected"], atol=1e-5)


@pytest.mark.slow
def test_it_is_served_and_answers_over_http(logged, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "models", "serve", "-m", logged["address"],
             "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)],
            cwd=tmp_path, env=stranger(logged), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server, tmp_path / "log")
        content = base64.b64encode(logged["clip"].read_bytes()).decode()
        frame = {"columns": ["content"], "data": [[content], [base64.b64encode(b"no").decode()]]}
        answer = requests.post(
            f"{address}/invocations", json={"dataframe_split": frame}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        good, bad = answer.json()["predictions"]
        np.testing.assert_allclose([good[n] for n in CLASSES], logged["expected"], atol=1e-5)
        assert bad["prediction"] is None and bad["reason"].startswith("not a readable media file")
        refused = requests.post(
            f"{address}/invocations", json={"dataframe_records": [{"x": 1}]}, timeout=60
        )
        assert refused.status_code == 400
    finally:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 400  # two processes import TensorFlow, maybe beside others
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            if requests.get(f"{address}/ping", timeout=5).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.2)
    pytest.fail(f"the server did not start: {log.read_text()}")


@pytest.mark.slow
def test_addresses_in_mlflow_lead_to_the_bundle(logged, monkeypatch):
    stored = (logged["folder"] / "bundle" / "bundle.json").read_bytes()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", logged["uri"])
    mlflow.set_tracking_uri(logged["uri"])
    mlflow.register_model(logged["address"], "speech")
    for address in (logged["address"], "models:/speech/1"):
        assert (find_bundle(address, uri=logged["uri"]) / "bundle.json").read_bytes() == stored
    assert (find_bundle("models:/speech/1") / "bundle.json").read_bytes() == stored
    for address in ("runs:/0123/model", "models:/nobody/1", "models:/speech/7"):
        with pytest.raises(BundleError, match=rf"^{address}: not to be had from MLflow at "):
            find_bundle(address)


@pytest.mark.slow
def test_a_report_of_a_run_in_mlflow_is_that_of_its_folder(logged, tmp_path, capsys):
    """By the run or by its model."""
    run = logged["address"].removesuffix("/model")
    for address in (run, logged["address"]):
        told = [address, "--uri", logged["uri"], "--out", str(tmp_path / "r.html")]
        assert run_command("report", told) == 0
        text = words((tmp_path / "r.html").read_text())
        uar = json.loads((logged["folder"] / "metrics.json").read_text())["test/uar"]
        assert f"(UAR) is {uar:.3f}" in text
    assert run_command("report", ["runs:/0123", "--uri", logged["uri"]]) == 2
    assert "runs:/0123: not to be had from MLflow" in capsys.readouterr().err


def test_an_address_that_cannot_be_reached_fails_within_seconds_in_a_line(tmp_path):
    started = time.perf_counter()
    with pytest.raises(BundleError, match=f"not to be had from MLflow at {NOBODY}") as error:
        find_bundle("runs:/0123/model", uri=NOBODY)
    assert time.perf_counter() - started < 30 and "\n" not in str(error.value)
    with pytest.raises(BundleError, match="MLflow has no database at"):
        find_bundle("runs:/0123/model", uri=f"sqlite:///{tmp_path}/nowhere/mlflow.db")
    assert not (tmp_path / "nowhere").exists(), "asking makes no database"


def test_the_signature_names_what_goes_in_and_comes_out():
    made = signature(CLASSES)
    assert made.inputs.input_names() == ["path", "content"]
    assert made.outputs.input_names() == ["prediction", *CLASSES, "remarks", "reason", "sure"]


def test_requirements_are_what_trained_it():
    found = requirements({"ravdess_exp": "0.1.0", "keras": "3.0.0", "mtcnn": "1.0.0"})
    assert "keras==3.0.0" in found and "mtcnn==1.0.0" in found
    assert not [line for line in found if line.startswith("ravdess")]
