"""A command as a message shows it: what is pasted into a shell arrives there as it was meant.

Two readers stand between a printed line and a value: the shell, and Hydra's grammar of overrides.
"""

import os
import re
import shlex
import shutil
import string
import sys
from pathlib import Path
from unicodedata import category

PROGRAM = "ravdess-exp"
_PLAIN = frozenset(string.ascii_letters + string.digits + "/:._-")  # no quotes in Hydra
_OTHER_THAN_TEXT = frozenset(("true", "false", "null", "nan", "inf"))  # bare words of Hydra's
_MISSING = "???"  # a value that is still to be given, to OmegaConf


def command_line(*words: str) -> str:
    """Words as one line for any POSIX shell; pasted there, they arrive as these very words."""
    return " ".join(map(_for_shell, words))


def our_command(*words: str) -> str:
    """The same with our program in front, by its path where no shell would find it by its name."""
    called = Path(sys.argv[0])
    by_path = called.name == PROGRAM and called.exists() and shutil.which(PROGRAM) is None
    return command_line(str(called.absolute()) if by_path else PROGRAM, *words)


def within(folder: Path, command: str) -> str:
    """A command that works in this folder alone, from any other; the shell stays where it is."""
    return f"(cd {_for_shell(str(folder))} && {command})"


def python_command(*words: str) -> str:
    """The same with this environment's Python in front."""
    return command_line(sys.executable, *words)


def install_command(extra: str) -> str:
    """The command that adds one of our extras to this environment."""
    return install_package(f"ravdess_exp[{extra}]")


def install_package(name: str) -> str:
    """The command that adds another package to it."""
    return python_command("-m", "pip", "install", name)


def assignment(key: str, value: str) -> str:
    """An override KEY=VALUE that Hydra reads as this very text, whatever characters are in it."""
    return f"{key}={as_value(value)}"


def as_value(text: str, *, interpolate: bool = False) -> str:
    """A text as the value of an override: bare where it is plain, else in double quotes.

    OmegaConf takes `${` for the start of another key's value, unless a backslash is before it.
    interpolate: this is meant.
    """
    word = text[:1].isalpha() and text.lower() not in _OTHER_THAN_TEXT
    if set(text) <= _PLAIN and (
        "/" in text or word
    ):  # without a letter in front it may be a number
        return text
    if text == _MISSING:
        text = f"./{text}"
    if "${" in text and not interpolate:
        text = re.sub(r"(\\*)\$\{", r"\1\1\\${", text)
    # Hydra takes backslashes before a quote in pairs
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', text)
    escaped = re.sub(r"(\\+)\Z", r"\1\1", escaped)
    return f'"{escaped}"'


def written(value: object) -> str:
    """Any value of a configuration as Hydra reads it."""
    if isinstance(value, list | tuple):
        return f"[{','.join(map(written, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{name}:{written(of)}" for name, of in value.items()) + "}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return as_value(value) if isinstance(value, str) else repr(value)


def shown(text: str) -> str:
    """A text within a message: what would not be seen in a terminal is spelled, such as `\\r`."""
    return "".join(ascii(c)[1:-1] if _is_unseen(c) else c for c in text)


def _is_unseen(character: str) -> bool:
    """Whether it is a control character, a break of lines or half a character, which a byte that is no
    UTF-8 is to Python."""
    return category(character) in ("Cc", "Zl", "Zp", "Cs")


def _for_shell(word: str) -> str:
    """In quotes where need be. A terminal neither shows nor pastes a carriage return, an escape or a
    byte that is no UTF-8: those are spelled, by the one form that every shell has."""
    if not any(map(_is_unseen, word)):
        return shlex.quote(word)
    body = word.rstrip("\n")  # `$(...)` takes line ends off
    ends = word[len(body) :]
    spelled = "".join(map(_spelled, body))
    text = f'"$(printf %b {shlex.quote(spelled)})"' if body else ""
    return text + (f"'{ends}'" if ends else "")


def _spelled(character: str) -> str:
    """As `printf %b` reads it; a `!` would mean the history within double quotes."""
    if character == "\\":
        return r"\\"
    if not _is_unseen(character) and character not in "!'":
        return character
    return "".join(f"\\0{byte:03o}" for byte in os.fsencode(character))
