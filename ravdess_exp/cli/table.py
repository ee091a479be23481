"""Make a table of clips from the names of their files, for `data=table`.

    ravdess-exp table CLIPS --pattern '{speaker}_{statement}_{emotion}_{level}.wav'

Shows the first rows and what the columns hold, asks where a terminal is there to answer, and writes.
`{name}` takes as little text as will do, `{name:3}` three characters, `{_}` what is not wanted; a slash
reaches into folders: '{speaker}/{emotion}/{_}.wav'. Further columns may be added by hand.
"""

import argparse
import os
import sys
from pathlib import Path

from ravdess_exp.command import assignment, our_command
from ravdess_exp.corpus.table.columns import OPTIONAL, REQUIRED
from ravdess_exp.corpus.table.pattern import Named, Pattern, distinct, read_names
from ravdess_exp.errors import CorpusError
from ravdess_exp.places import path_at_home

_ROWS = 10
_VALUES = 12  # of a column


def main(arguments: list[str]) -> int:
    """Show what the names say, and write it down."""
    options = _options(arguments)
    named = read_names(options.folder, Pattern.of(options.pattern))
    output = options.output or options.folder / "table.csv"
    print(named.shown(_ROWS))
    print(_facts(named))
    if output.exists() and not options.overwrite:
        raise CorpusError(
            f"{output}: is there already; --overwrite replaces it, --output names another"
        )
    if not options.yes and sys.stdin.isatty() and not _wanted(output):
        print("nothing is written")
        return 0
    named.save(output, _begin(options.folder, output.parent))
    print(f"written: {output}, {len(named.rows):,} rows")
    table = assignment("data.table", str(output.absolute()))
    print(f"next: {our_command('data=table', table)}")
    return 0


def _begin(folder: Path, parent: Path) -> str:
    """What a path begins with, since it is relative to the table's own folder where it can be."""
    folder, parent = folder.absolute(), parent.absolute()
    relative = os.path.relpath(folder, parent)
    if relative == ".":
        return ""
    return f"{folder if relative.startswith('..') else relative}/"


def _facts(named: Named) -> str:
    lines = [f"... {len(named.rows):,} rows in all", ""]
    for field in named.header[1:]:
        values = distinct(named, field)
        more = f" and {len(values) - _VALUES:,} more" if len(values) > _VALUES else ""
        unused = "" if field in (*REQUIRED, *OPTIONAL) else "  (kept, not used)"
        lines.append(
            f"{field}: {len(values):,} different: {', '.join(values[:_VALUES])}{more}{unused}"
        )
    if named.others:
        lines.append(
            f"no row of {len(named.others):,} files with other names, such as {named.others[0]}"
        )
    return "\n".join(lines)


def _wanted(output: Path) -> bool:
    return input(f"write {output}? [Y/n] ").strip().lower() in ("", "y", "yes")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="ravdess-exp table",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=path_at_home, help="of the clips, in any nesting")
    parser.add_argument("--pattern", required=True, help="of file names; see above")
    parser.add_argument(
        "--output", type=path_at_home, help="the table; default: table.csv in the folder"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a table that is there")
    parser.add_argument("--yes", action="store_true", help="write without being asked")
    return parser.parse_args(arguments)
