"""Overrides as they were meant: a value that can only name a file or folder needs no quotes.

Hydra's grammar gives `,` `=` `#` `~`, quotes, brackets and every letter beyond ASCII a meaning, or none.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from hydra.core.override_parser.types import ChoiceSweep, Override, QuotedString

from ravdess_exp.command import as_value, assignment, command_line, shown
from ravdess_exp.errors import ConfigError
from ravdess_exp.places import Kind, at_home, is_folder, key_of, kind_of, literal, read_override

_QUOTES = (
    "\"'\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"  # left open, or as a word processor writes them
)
_SHORT = {"data.test": "data.test.source"}  # a section, and its key that is meant
_PACKAGE = "pkg://"  # before a package of Python in Hydra's search path


def as_meant(words: Sequence[str], *, multirun: bool) -> list[str]:
    """The overrides, those that name places so that Hydra reads these very places.

    Raises `ConfigError`, with the spelling that works, for a value that Hydra cannot read and that
    names nothing which is there, and for one that may be one folder as well as several.
    """
    return [_as_meant(_in_full(word), multirun=multirun) for word in words]


def _in_full(word: str) -> str:
    """A corpus to test on is named as one to train on is: `data.test=ravdess`."""
    key, sign, text = word.partition("=")
    return f"{_SHORT[key]}={text}" if sign and key in _SHORT else word


def _as_meant(word: str, *, multirun: bool) -> str:
    key, sign, text = word.partition("=")
    if not sign or key.startswith("~"):
        return word
    if not word.isascii() and word != word.encode(errors="ignore").decode():
        raise ConfigError(
            f"{shown(word)}: a name that is not UTF-8, which neither YAML nor MLflow can keep; rename it"
        )
    if not key_of(word):
        raise ConfigError(f"{shown(word)}: expected KEY=VALUE")
    kind, reading = kind_of(key_of(word)), read_override(word)
    if kind is Kind.FOLDERS:
        return _search_path(key, text, reading)
    if reading is None:
        return _unreadable(key, text, kind, multirun=multirun)
    if kind is None and isinstance(reading.value(), ChoiceSweep) and not multirun:
        raise ConfigError(
            f"{key}={shown(text)}: expected one value; for a run with each of several add -m, a list "
            f"is written {command_line(f'{key}=[{text}]')}, a text {command_line(assignment(key, text))}"
        )
    if kind in (None, Kind.CORPORA) or _is_plain(reading, text):
        return word
    return _read_otherwise(word, kind, reading, multirun=multirun)


def _is_plain(reading: Override, text: str) -> bool:
    """Whether Hydra, and OmegaConf behind it, read the text itself."""
    return reading.value() == text and isinstance(text, str) and "${" not in text


def _unreadable(key: str, text: str, kind: Kind | None, *, multirun: bool) -> str:
    """The override with quotes around its value, or around each of several, where they name places."""
    if place := _place(text, kind):
        return assignment(key, place)
    several = text.split(",") if kind and multirun else []
    if several and all(os.path.lexists(at_home(part)) for part in several):
        return f"{key}={','.join(as_value(at_home(part)) for part in several)}"
    raise ConfigError(_advice(key, text, kind))


def _place(text: str, kind: Kind | None) -> str | None:
    """The file or folder that a text names; None where there is none, and where none can be made.

    One that is to be made lies in a folder that is there.
    """
    scheme = "sqlite:///" if kind is Kind.STORE and text.startswith("sqlite:///") else ""
    path = text.removeprefix(scheme)
    if not path:
        return None
    home = at_home(path)
    if os.path.lexists(home):
        return scheme + home
    made = kind is Kind.MADE or bool(scheme)
    unclear = path[0] in "[{\"'" or "${" in path or path[-1] in "\r\n"
    if made and not unclear and is_folder(str(Path(home).parent)):
        return scheme + home
    return None


def _read_otherwise(word: str, kind: Kind, reading: Override, *, multirun: bool) -> str:
    """An override of a place of which Hydra makes something else than its text."""
    key, _, text = word.partition("=")
    value, there = reading.value(), os.path.lexists(at_home(text)) if text else False
    if isinstance(value, ChoiceSweep):
        return _several(word, value, there, multirun=multirun)
    if reading.is_sweep_override():
        return assignment(key, text) if there else word
    if value is None and kind in (Kind.OR_WORD, Kind.STORE):
        return word
    if isinstance(value, str):
        meant = literal(value)
        if meant is not None and text[0] in "\"'" and os.path.lexists(meant):
            return word
        if there:
            return assignment(key, at_home(text))
        if meant is not None and at_home(meant) != meant:
            return assignment(key, at_home(meant))
        return word
    return assignment(key, text)  # a number, a list: nothing that a place could be


def _several(word: str, sweep: ChoiceSweep, there: bool, *, multirun: bool) -> str:
    """A value with commas: the name of one folder, or several folders, a run with each."""
    key, _, text = word.partition("=")
    one = command_line(assignment(key, text))
    if not there:
        if multirun:
            return word
        raise ConfigError(
            f"{key}={shown(text)}: no such file or folder; for a run with each of several add -m; "
            f"one whose name has a comma is written {one}"
        )
    parts = [part.text if isinstance(part, QuotedString) else str(part) for part in sweep.list]
    if multirun and all(os.path.lexists(at_home(part)) for part in parts):
        each = command_line(f"{key}=choice({','.join(map(as_value, parts))})")
        if text.startswith("choice("):
            return word
        raise ConfigError(
            f"{key}={shown(text)}: there is a folder of this name, and there is each of "
            f"{', '.join(map(shown, parts))}; write {each} for a run with each, or for the one {one}"
        )
    return assignment(key, text)


def _search_path(key: str, text: str, reading: Override | None) -> str:
    """Hydra's list of further folders of YAML files, also where it is but one and no list."""
    value = reading.value() if reading else None
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        folders, word = value, f"{key}={text}"
    else:
        folders = _folders(text)
        word = f"{key}=[{','.join(as_value(at_home(folder)) for folder in folders)}]"
    for folder in folders:
        where = folder.removeprefix("file://")
        if "${" in folder or folder.startswith(_PACKAGE) or is_folder(where):
            continue
        quoted = command_line(f"{key}=[{','.join(map(as_value, folders))}]")
        advice = "" if folders is value else f"; in a shell, write it as {quoted}"
        raise ConfigError(f"{key}={shown(text)}: no folder {shown(where)}{advice}")
    return word


def _folders(text: str) -> list[str]:
    """What a list of folders holds that Hydra cannot read; names may have commas in them."""
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    whole = [path for path in (text, inner) if path and is_folder(path)]
    return whole[:1] or [part.strip().strip("\"'") for part in inner.split(",")]


def _advice(key: str, text: str, kind: Kind | None) -> str:
    """What is wrong with an override that Hydra cannot read, and how it is written."""
    said, bare = f"{shown(key)}={shown(text)}", text.rstrip("\r\n")
    if kind and bare == text and (there := _place(text.strip(_QUOTES), Kind.THERE)):
        return (
            f"{said}: no such file or folder, but one without these quotes; in a shell, write it as "
            f"{command_line(assignment(key, there))}"
        )
    if bare != text:
        word = f"{key}={bare}"
        word = word if read_override(word) else assignment(key, at_home(bare))
        return (
            f"{said}: ends with an end of line, as the words of a script with Windows line ends do; "
            f"write it as {command_line(word)}"
        )
    quoted = assignment(key, text)
    if "${" in text:  # of a key or the environment, which stays so
        quoted = f"{key}={as_value(text, interpolate=True)}"
    if read_override(quoted) is None:
        return f"{said}: expected KEY=VALUE with a dotted key such as data.root"
    if kind is None and text[:1] in tuple("[{\"'"):
        return (
            f"{said}: Hydra cannot read it; a bracket, brace or quote is closed where it was opened. If "
            f"they are part of a text, write it as {command_line(quoted)}"
        )
    missing = "" if kind in (None, Kind.MADE) else "no such file or folder, and "
    return (
        f"{said}: {missing}Hydra reads such a value only in quotes of its own; in a shell, write it "
        f"as {command_line(quoted)}"
    )
