"""What a person sees."""

import os
import subprocess

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from ravdess_exp.terminal import assignment, command_line, progress_bar, quiet_stderr


def test_chatter_of_c_libraries_is_held_back(capfd):
    with quiet_stderr():
        os.write(2, b"6 lines about CUDA\n")
    os.write(2, b"a warning afterwards\n")
    assert capfd.readouterr().err == "a warning afterwards\n"


def test_it_is_shown_when_the_start_fails(capfd):
    with pytest.raises(ImportError), quiet_stderr():
        os.write(2, b"libcuda is broken\n")
        raise ImportError
    assert "libcuda is broken" in capfd.readouterr().err


def test_progress_yields_every_item_and_writes_few_lines_into_a_log(capfd):
    items = list(progress_bar(iter(range(500)), total=500, label="preparing", shown=True))
    assert items == list(range(500))
    said = capfd.readouterr().err
    assert "preparing: 100%" in said and said.count("\r") < 5
    list(progress_bar(iter(range(5)), total=5, label="preparing", shown=False))
    assert capfd.readouterr().err == ""


AWKWARD = [
    "josé & co's",
    "a b",
    "it's",
    "C:\\dir\\",
    "a\\'b",
    "x",
    "2024",
    "true",
    "#1",
    "a,b",
    "",
    "$HOME",
]


@pytest.mark.parametrize("name", AWKWARD)
def test_a_printed_command_survives_copy_and_paste(name):
    line = command_line("printf", "%s", f"outputs/{name}")
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout == f"outputs/{name}"


@pytest.mark.parametrize("name", [*AWKWARD, "outputs/josé & co's", "/data/RAVDESS"])
def test_a_printed_override_is_read_by_hydra_as_it_was(name):
    override = OverridesParser.create().parse_override(assignment("data.root", name))
    assert override.value() == name if isinstance(override.value(), str) else False


def test_a_plain_path_needs_no_quotes():
    assert (
        command_line("x", assignment("data.root", "/data/RA_1.0-b")) == "x data.root=/data/RA_1.0-b"
    )
