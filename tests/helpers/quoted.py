"""What the documentation quotes: commands and pieces of Python, with the page and the line."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.joinpath("docs").glob("*.md")])
RECIPES = sorted(ROOT.joinpath("conf").rglob("*.yaml"))
_FENCE = re.compile(r"^(```+)(\w*)\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^(?: {4}|\t).*\n?)+", re.MULTILINE)
_INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_COMMENT = re.compile(r"^# {2,}(\S.*)$", re.MULTILINE)  # of a recipe's head: a command is indented
_SHELL = ("", "sh", "bash", "text")


@dataclass(frozen=True)
class Quoted:
    """words: of one command, as a shell would split them."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.words)}"


def commands(*programs: str) -> list[Quoted]:
    """Every command that begins with one of these words, each once; pages and heads of recipes."""
    found = {
        (path.relative_to(ROOT).as_posix(), words): None
        for path in (*PAGES, *RECIPES)
        for line in _lines(path)
        for words in _commands(line)
        if words and words[0] in programs
    }
    return [Quoted(page, words) for page, words in found]


def python_blocks(page: str) -> list[str]:
    """The fenced Python of a page, block by block."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [block for _, language, block in _FENCE.findall(text) if language == "python"]


def _lines(path: Path) -> Iterator[str]:
    """Lines of code blocks, whole where a backslash ends them, and code within sentences."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        yield from _COMMENT.findall(text)
        return
    blocks = [block for _, language, block in _FENCE.findall(text) if language in _SHELL]
    text = _FENCE.sub("", text)
    blocks += _INDENTED.findall(text)
    for block in blocks:
        yield from re.sub(r"\\\n\s*", " ", block).splitlines()
    for code in _INLINE.findall(_INDENTED.sub("", text)):
        yield " ".join(code.replace("\\|", "|").split())


def _commands(line: str) -> Iterator[tuple[str, ...]]:
    """The commands of a line, without a prompt; none where it is no line of a shell."""
    try:
        lexer = shlex.shlex(
            line.strip().removeprefix("$ "), posix=True, punctuation_chars="|&;()<>"
        )
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:  # a quotation mark of a sentence
        return
    command: list[str] = []
    for word in [*words, "|"]:
        if set(word) <= set("|&;()<>"):
            yield tuple(word.removeprefix(".venv/bin/") for word in command)
            command = []
        else:
            command.append(word)
