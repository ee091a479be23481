"""The command line as a person types it: subcommands, help, mistakes, pipes; each in a fresh process."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ravdess_exp import __version__
from ravdess_exp.cli.commands import COMMANDS, refuse_unknown_words
from ravdess_exp.errors import ConfigError

PACKAGE = Path(__file__).parents[2] / "ravdess_exp"
HEAVY = ("tensorflow", "keras", "mlflow", "pandas", "sklearn", "matplotlib", "librosa", "requests")


def call(*arguments: str, cwd: Path, line: str = "") -> subprocess.CompletedProcess:
    """`python -m ravdess_exp` with these arguments, or with what a shell makes of a line."""
    command = [sys.executable, "-m", "ravdess_exp", *arguments]
    if line:
        command = ["bash", "-c", line.replace("ravdess-exp", f"{sys.executable} -m ravdess_exp")]
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_each_subcommand_has_a_module_with_help_and_a_line_on_the_help_page(name, tmp_path):
    done = call(name, "--help", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith(f"usage: ravdess-exp {name} ")
    assert f"  ravdess-exp {name} " in call("--help", cwd=tmp_path).stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_subcommand_imports_nothing_heavy(name, tmp_path):
    code = (
        "import sys\nfrom ravdess_exp.cli.commands import run_command\n"
        f"run_command({name!r}, ['--help'])\n"
        f"print('HEAVY', [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert "usage: ravdess-exp" in done.stdout and "HEAVY []" in done.stdout, done.stderr


def test_the_version_is_ours(tmp_path):
    done = call("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"ravdess-exp {__version__}\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predcit", "x"], "predcit: neither an override KEY=VALUE nor a subcommand"),
        (["predcit", "x"], "(did you mean predict?)"),
        (["help"], "(did you mean --help?)"),
        (["seed=1", "compare", "a"], "compare: a subcommand must be the first word"),
        (["seed", "=1"], "seed: neither an override"),
    ],
)
def test_a_word_that_is_no_command_and_no_override(words, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        refuse_unknown_words(words)


def test_overrides_of_every_form_are_let_through():
    refuse_unknown_words(["seed=1", "+a=1", "++a=1", "~audio", "~a=1", "-m=1"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predcit", "x"], "error: predcit: neither an override"),
        (["compare", "/nowhere/a", "/nowhere"], "error: /nowhere/a: neither a run's folder nor"),
        (["sync", "/nowhere"], "error: /nowhere: no tracking.json"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, message, tmp_path):
    done = call(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(message) and done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize("arguments", ["--nonsense", "compare --nonsense a b", "compare a"])
def test_a_wrong_option_names_our_program(arguments, tmp_path):
    done = call(*arguments.split(), cwd=tmp_path)
    assert done.returncode == 2 and "usage: ravdess-exp " in done.stderr
    assert "__main__" not in done.stderr


@pytest.mark.parametrize("buffered", ["", "PYTHONUNBUFFERED=1 "])
@pytest.mark.parametrize("arguments", ["--help", "download --help", "--cfg job", "--info"])
def test_a_reader_that_leaves_early_is_no_traceback(arguments, buffered, tmp_path):
    done = call(cwd=tmp_path, line=f"{buffered}ravdess-exp {arguments} | true")
    assert done.returncode == 0 and done.stderr == "", done.stderr


@pytest.mark.parametrize("arguments", ["--help", "--cfg job"])
def test_a_closed_output_is_no_traceback(arguments, tmp_path):
    done = call(cwd=tmp_path, line=f"ravdess-exp {arguments} >&-")
    assert done.returncode == 0 and done.stderr == "", done.stderr


@pytest.mark.parametrize("arguments", ["--help", "compare --help"])
def test_a_full_disk_is_one_line(arguments, tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    done = call(cwd=tmp_path, line=f"ravdess-exp {arguments} > /dev/full")
    assert (done.returncode, done.stderr) == (2, "error: writing: No space left on device\n")


def test_scripts_are_the_same_programs(tmp_path):
    scripts = PACKAGE.parent / "scripts"
    for script, name in (("compare", "compare"), ("download_ravdess", "download")):
        done = subprocess.run(
            [sys.executable, str(scripts / f"{script}.py"), "--help"],
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert done.stdout == call(name, "--help", cwd=tmp_path).stdout


def test_no_message_names_what_a_wheel_does_not_have():
    """Scripts and `make` targets are in a checkout only; comments in the code may name them."""
    scripts = "|".join(path.name for path in PACKAGE.parent.joinpath("scripts").glob("*.py"))
    forbidden = re.compile(
        rf"\bscripts/|\b({scripts})\b|python -m ravdess_exp\b(?!\.)|\bmake (ui|demo|test|setup|bench)\b"
    )
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.parent.joinpath("conf").rglob("*.yaml")]
    named = [
        f"{path.name}: {line.strip()}"
        for path in files
        for line in path.read_text().splitlines()
        if forbidden.search(line.partition("#")[0])
        and not (path.name == "__main__.py" and line.startswith('"""'))
    ]
    assert len(files) > 100 and not named, named
