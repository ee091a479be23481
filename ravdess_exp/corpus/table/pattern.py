"""What the names of files say, by a pattern with names in it: `{speaker}_{statement}_{emotion}.wav`."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ravdess_exp.corpus.listing import list_files
from ravdess_exp.corpus.table.columns import REQUIRED
from ravdess_exp.errors import CorpusError
from ravdess_exp.files import whole

_FIELD = re.compile(r"\{([^{}:]*)(?::(\d+))?\}")
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True)
class Pattern:
    """A pattern of file names; with a slash in it, of the last folders too. Case does not count.

    `{name}` is as short a text as will do, `{name:3}` has three characters, the same name twice the same
    text twice, and `{_}` anything that is not wanted.
    """

    text: str
    fields: tuple[str, ...]
    compiled: re.Pattern

    @classmethod
    def of(cls, text: str) -> "Pattern":
        """Read a pattern; raises `CorpusError` for one that no file could be read by."""
        fields: list[str] = []
        expression, end = "", 0
        for found in _FIELD.finditer(text):
            name, width = found.groups()
            expression += re.escape(text[end : found.start()])
            expression += _group(name, width, fields, text)
            end = found.end()
        expression += re.escape(text[end:])
        if missing := [name for name in REQUIRED[1:] if name not in fields]:
            raise CorpusError(
                f"--pattern {text!r}: no {{{'}, no {'.join(missing)}}} in it; expected one such as "
                "'{speaker}_{statement}_{emotion}_{level}.wav'"
            )
        if "{" in _FIELD.sub("", text) or "}" in _FIELD.sub("", text):
            raise CorpusError(
                f"--pattern {text!r}: a brace is left open; expected {{NAME}} or {{NAME:3}}"
            )
        return cls(text, tuple(fields), re.compile(f"(?:.*/)?{expression}", re.IGNORECASE))

    def read(self, name: str) -> dict[str, str] | None:
        """The fields of a path below the folder, folders divided by slashes; None for another name."""
        found = self.compiled.fullmatch(name if "/" in self.text else name.rpartition("/")[2])
        return None if found is None else found.groupdict()


@dataclass(frozen=True)
class Named:
    """The rows that a pattern gives of a folder, and the files that it does not fit."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    others: tuple[str, ...]

    def shown(self, count: int) -> str:
        """The first rows as a table of text."""
        cells = [self.header, *self.rows[:count]]
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.header))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in cells]
        return "\n".join(line.rstrip() for line in lines)

    def save(self, path: Path, begin: str) -> None:
        """Write the table, whole or not at all. begin: of each path, with a slash, or nothing."""
        with whole(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.header)
            writer.writerows((f"{begin}{name}", *rest) for name, *rest in self.rows)


def read_names(folder: Path, pattern: Pattern) -> Named:
    """Every file below a folder whose name fits; raises `CorpusError` where none does."""
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder; expected one of clips")
    rows, others = [], []
    for path in list_files(folder):
        name = path.relative_to(folder).as_posix()
        found = pattern.read(name)
        if found is None:
            others.append(name)
        else:
            rows.append((name, *(found[field] for field in pattern.fields)))
    if not rows:
        example = f", such as {others[0]}" if others else ""
        raise CorpusError(
            f"{folder}: none of its {len(others):,} files{example} fits --pattern {pattern.text!r}"
        )
    return Named(("path", *pattern.fields), tuple(rows), tuple(others))


def _group(name: str, width: str | None, fields: list[str], text: str) -> str:
    """A field as a regular expression; its name is noted."""
    body = rf"[^/]{{{width}}}" if width else r"[^/]+?"
    if name == "_":
        return f"(?:{body})"
    if not _WORD.fullmatch(name) or name == "path":
        raise CorpusError(
            f"--pattern {text!r}: {{{name}}}: expected a name of letters, digits and '_', other than path"
        )
    if name in fields:
        return f"(?P={name})"
    fields.append(name)
    return f"(?P<{name}>{body})"


def distinct(named: Named, field: str) -> Sequence[str]:
    """The different values of a column, sorted."""
    position = named.header.index(field)
    return sorted({row[position] for row in named.rows})
