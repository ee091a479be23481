"""`ravdess-exp page`: mistakes before anything is loaded. What it serves: tests/page."""

import socket
import sys

import pytest

from ravdess_exp.cli.commands import run_command
from ravdess_exp.predict.files import written_folder


@pytest.fixture
def run(tmp_path):
    """A folder that looks like a run's, with a bundle that is whole and empty."""
    with written_folder(tmp_path / "bundle"):
        pass
    return tmp_path


def test_a_port_that_is_taken_is_a_line(run, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert run_command("page", [str(run), "--port", str(port)]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(
        f"error: port {port} of 127.0.0.1 cannot be used (Address already in use)"
    )
    assert "--port auto" in said.err and said.err.count("\n") == 1 and said.out == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nowhere"], "error: nowhere: does not exist; expected the folder of a run"),
        (["RUN", "--host", "no.such.host.invalid"], "of no.such.host.invalid cannot be used"),
        (["RUN", "--port", "99999"], "expected 0 to 65535 or auto, found '99999'"),
    ],
)
def test_a_mistake_is_a_line(arguments, reason, run, monkeypatch, capsys):
    arguments = [str(run) if one == "RUN" else one for one in arguments]
    assert run_command("page", arguments) == 2
    said = capsys.readouterr().err
    assert reason in said and said.splitlines()[-1].startswith(
        ("error: ", "ravdess-exp page: error")
    )


def test_without_its_packages_the_extra_is_named(run, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.setattr("ravdess_exp.cli.page.find_spec", lambda name: sys.modules.get(name))
    monkeypatch.setitem(sys.modules, "starlette", sys)
    assert run_command("page", [str(run)]) == 2
    assert "the page needs uvicorn: pip install 'ravdess_exp[page]'" in capsys.readouterr().err


def test_a_damaged_model_is_a_line_at_once(run, capsys):
    (run / "bundle" / "bundle.json").write_text("{}")
    assert run_command("page", [str(run)]) == 2
    said = capsys.readouterr()
    assert "bundle.json: damaged; copy the bundle again" in said.err and said.out == ""


@pytest.mark.slow
def test_a_model_that_cannot_be_trusted_is_a_line(run, capsys):
    """Read by the process behind the page, and said here; nothing is served."""
    assert run_command("page", [str(run), "--port", "auto", "--no-browser"]) == 2
    said = capsys.readouterr()
    assert "not laid out as a bundle is" in said.err and "Page:" not in said.out
    assert said.err.count("\n") == 1
