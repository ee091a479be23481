"""Commands as messages print them: pasted into a shell, and read by Hydra, they are what was meant."""

import sys
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from ravdess_exp import command
from ravdess_exp.command import assignment, command_line, our_command, shown, within
from tests.helpers.names import NAMES, pasted

SHELLS = ("bash", "sh")
TEXTS = st.text(
    st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), max_size=12
) | st.text("ab '\"\\$!{}[]()`~#=,;&|<>*?%\r\n\t-é中", max_size=12)


@settings(max_examples=15)
@given(st.lists(TEXTS, min_size=20, max_size=40))
@example(NAMES)
@example(["-x", "-", "a\n", "\n", "\r", "x\r\n", "!!", "\udcff/x", "%s", "\\n", "~", ""])
def test_pasted_into_a_shell_each_word_arrives_as_it_was(words):
    lines = [command_line("printf", "%s\\0", word) for word in words]
    expected = b"".join(word.encode(errors="surrogateescape") + b"\0" for word in words)
    for shell in SHELLS:
        assert pasted(lines, shell) == expected


@settings(max_examples=500)
@given(TEXTS)
@example("???")
@example("${oc.env:HOME}")
@example("\\${name}\\")
def test_hydra_and_omegaconf_read_the_very_text(text):
    override = OverridesParser.create().parse_override(assignment("data.root", text))
    config = OmegaConf.create({"root": override.value()})
    assert OmegaConf.to_container(config, resolve=True)["root"] in (text, f"./{text}")


@pytest.mark.parametrize("name", NAMES)
def test_every_known_name_is_read_by_hydra(name):
    value = OverridesParser.create().parse_override(assignment("data.root", name)).value()
    assert OmegaConf.create({"root": value}).root in (name, f"./{name}")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("/data/RA_1.0-b", "x data.root=/data/RA_1.0-b"),
        ("clips", "x data.root=clips"),
        ("2024", """x 'data.root="2024"'"""),
        ("True", """x 'data.root="True"'"""),
    ],
)
def test_what_is_plain_needs_no_quotes(value, written):
    assert command_line("x", assignment("data.root", value)) == written


def test_what_a_terminal_would_not_show_is_spelled():
    line = command_line("x", "clips\r")
    assert line.isprintable() and shown("clips\r\x1b") == "clips\\r\\x1b"


def test_the_program_is_named_so_that_a_shell_finds_it(tmp_path, monkeypatch):
    program = tmp_path / "josé & co" / "ravdess-exp"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho ran $1")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.setattr(command.shutil, "which", lambda name: None)
    assert pasted([our_command("ui")], "sh") == b"ran ui\n"
    monkeypatch.setattr(command.shutil, "which", lambda name: str(program))
    assert our_command("ui") == "ravdess-exp ui"


def test_a_command_of_another_folder_leaves_the_shell_where_it_is(tmp_path):
    folder = tmp_path / "what? it's"
    folder.mkdir()
    here, there = Path.cwd(), f"{folder}\n".encode()
    assert pasted([within(folder, "pwd"), "pwd"], "sh") == there + f"{here}\n".encode()
