"""Overrides that name files and folders: which keys do, and the same ones from any working folder."""

import os
import re
from collections.abc import Iterable, Sequence
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from ravdess_exp.command import as_value, assignment, written

if TYPE_CHECKING:  # a model that is served needs no Hydra
    from hydra.core.override_parser.types import Override


class Kind(Enum):
    """What a key that names a place holds."""

    THERE = "a file or folder that is there"
    OR_WORD = "one, or a word that means something else, or null"
    MADE = "a folder that is made where it is missing"
    STORE = "an address, such as that of an SQLite file"
    FOLDERS = "a list of folders"
    CORPORA = "a list of corpora, each with places of its own"


SEARCH_PATH = "hydra.searchpath"
RUN_FOLDER = "hydra.run.dir"
SWEEP_FOLDER = "hydra.sweep.dir"
_KINDS = {  # keys as patterns; tests/test_places.py holds them against the schema
    "data.root": Kind.THERE,
    "data.table": Kind.THERE,
    "data.test.root": Kind.THERE,
    "data.test.table": Kind.THERE,
    "data.tests": Kind.CORPORA,
    "data.corpora": Kind.CORPORA,
    "data.tests.*": Kind.THERE,
    "data.corpora.*": Kind.THERE,
    "data.store": Kind.MADE,
    "face.model": Kind.OR_WORD,
    "face.landmarks": Kind.OR_WORD,
    "visual.weights": Kind.OR_WORD,
    "*.file": Kind.THERE,
    "tracking.uri": Kind.STORE,
    "hydra.sweeper.storage": Kind.STORE,
    RUN_FOLDER: Kind.MADE,
    SWEEP_FOLDER: Kind.MADE,
    SEARCH_PATH: Kind.FOLDERS,
}
_SCHEMES = ("sqlite:///", "file://")  # before the path of a file
_OPTIONS = ("--config-dir", "-cd", "--config-path", "-cp")  # Hydra's, each with a folder


def kind_of(key: str) -> Kind | None:
    """What place the value of a dotted key names; None where it names none."""
    return next((kind for pattern, kind in _KINDS.items() if fnmatchcase(key, pattern)), None)


def read_override(word: str) -> "Override | None":
    """An override as Hydra reads it; None where it cannot."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        return OverridesParser.create().parse_override(word)
    except HydraException:
        return None


def key_of(word: str) -> str:
    """The dotted key of an override, without the `+` that adds one."""
    return word.partition("=")[0].lstrip("+")


def from_anywhere(words: Sequence[str], folder: Path | str = ".") -> list[str]:
    """The words of a command line with every relative place in them made absolute.

    folder: the working folder that they were given in.
    """
    base = Path(folder).absolute()
    anchored: list[str] = []
    for i, word in enumerate(words):
        option, sign, value = word.partition("=")
        if i and words[i - 1] in _OPTIONS:
            anchored.append(str(base / word))
        elif option in _OPTIONS and sign:
            anchored.append(f"{option}={base / value}")
        else:
            anchored.append(_anchored(word, base))
    return anchored


def anchored_settings(
    settings: Iterable[tuple[str, object]], given: Sequence[str], folder: Path | str = "."
) -> list[str]:
    """Overrides for the places that a configuration has by itself, relative to the working folder.

    settings: dotted key and value. given: the command's words, whose own keys are left out.
    """
    keys, words, base = {key_of(word) for word in given}, [], Path(folder).absolute()
    for key, value in settings:
        kind = kind_of(key)
        if kind is Kind.CORPORA and value and key not in keys:
            words.append(f"{key}={written(_corpora(value, base))}")
        elif isinstance(value, str) and key not in keys and kind:
            place = absolute(value, kind, base)
            words += [assignment(key, place)] if place != value else []
    return words


def at_home(path: str) -> str:
    """`~` is the home folder, unless there is a folder of that name."""
    if not path.startswith("~") or os.path.lexists(path):
        return path
    try:
        return str(Path(path).expanduser())
    except RuntimeError:  # of nobody here
        return path


def path_at_home(text: str) -> Path:
    """A path of a subcommand's option: a shell leaves the `~` of `--output=~/x` as it is."""
    return Path(at_home(text))


def is_folder(path: str) -> bool:
    """Whether a folder is there; a text that can be no path names none."""
    try:
        return Path(at_home(path)).is_dir()
    except OSError:
        return False


def literal(value: str) -> str | None:
    """What OmegaConf makes of a text; None where it has another key's value in it."""
    if re.search(r"(?<!\\)(\\\\)*\$\{", value):
        return None
    return re.sub(r"(\\+)\$\{", lambda found: found[1][: len(found[1]) // 2] + "${", value)


def absolute(value: str, kind: Kind, base: Path) -> str:
    """A place as `base` and every other working folder names it."""
    scheme = next((scheme for scheme in _SCHEMES if value.startswith(scheme)), "")
    path = value.removeprefix(scheme)
    if not path or "://" in path or (kind is Kind.STORE and not scheme):
        return value
    if kind is Kind.STORE and "?" in str(base):  # SQLAlchemy's addresses have no way to write it
        return value
    if kind is Kind.OR_WORD and not os.path.lexists(base / path):
        return value
    return scheme + str(base / (path if os.path.lexists(base / path) else at_home(path)))


def _anchored(word: str, base: Path) -> str:
    from hydra.core.override_parser.types import ChoiceSweep

    kind = kind_of(key_of(word))
    reading = read_override(word) if kind else None
    if reading is None or reading.is_delete():
        return word
    value = reading.value()
    if kind is Kind.CORPORA:
        return f"{word.partition('=')[0]}={written(_corpora(value, base))}"
    if isinstance(value, ChoiceSweep):
        given = [_text(element) for element in value.list]
    elif kind is Kind.FOLDERS and isinstance(value, list):
        given = value
    else:
        given = [value]
    places = [literal(place) if isinstance(place, str) else None for place in given]
    if None in places:
        return word
    there = [absolute(place, kind, base) for place in places]
    if there == places:
        return word
    joined = ",".join(map(as_value, there))
    return f"{word.partition('=')[0]}={f'[{joined}]' if isinstance(value, list) else joined}"


def _corpora(value: object, base: Path) -> object:
    """A list of corpora with every relative place in it made absolute; texts without Hydra's quotes."""
    if isinstance(value, list):
        return [_corpora(one, base) for one in value]
    if isinstance(value, dict):
        plain = {str(_text(key)): _corpora(of, base) for key, of in value.items()}
        places = {key: of for key, of in plain.items() if key in ("root", "table") and of}
        return plain | {key: absolute(str(of), Kind.THERE, base) for key, of in places.items()}
    return _text(value)


def _text(element: object) -> object:
    """An element of a sweep, without its quotes."""
    from hydra.core.override_parser.types import QuotedString

    return element.text if isinstance(element, QuotedString) else element
