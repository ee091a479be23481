"""A database in audformat: from a folder, or by name and version from where audb finds it."""

from pathlib import Path
from typing import TYPE_CHECKING

from ravdess_exp.command import install_package
from ravdess_exp.corpus.listing import require_folder
from ravdess_exp.corpus.terms import Terms
from ravdess_exp.errors import CorpusError

if TYPE_CHECKING:
    from audformat import Database

_HEADER = "db.yaml"
_LETTERS = 2  # of a language's code in ISO 639-1, which a model card wants


def open_database(root: Path | None, name: str | None, version: str | None) -> "Database":
    """The header and tables below `root`, or those that audb fetches by name, media included.

    version: None for the latest. Raises `CorpusError` where there is no such database, or it cannot be
    read.
    """
    return _fetched(name, version) if root is None else _in_folder(root)


def _in_folder(root: Path) -> "Database":
    import audformat

    require_folder(root)
    if not (root / _HEADER).is_file():
        raise CorpusError(
            f"data.root={root}: no {_HEADER} in it; expected the folder of a database in audformat"
        )
    try:
        database = audformat.Database.load(root)
        for table in database.tables.values():
            len(table)  # a table's file is read when it is asked for
    except Exception as error:  # of YAML, pandas and pyarrow, which have many
        raise CorpusError(
            f"data.root={root}: cannot be read as a database in audformat ({error})"
        ) from error
    return database


def _fetched(name: str, version: str | None) -> "Database":
    try:
        import audb
    except ImportError as error:
        raise CorpusError(
            f"data.name={name}: fetching by name needs audb: {install_package('audb')}; or data.root="
            "FOLDER, where the database is there already"
        ) from error
    try:
        return audb.load(name, version=version, full_path=False, verbose=False)
    except Exception as error:  # of the network and of its stores, which have many
        wanted = f" data.version={version}" if version else ""
        raise CorpusError(f"data.name={name}{wanted}: audb cannot load it ({error})") from error


def terms_of(database: "Database") -> Terms:
    """What the header says of the licence, the source and the language."""
    languages = {_short(language) for language in database.languages or ()}
    return Terms(
        title=database.name,
        licence=str(database.license or f"none stated; usage: {database.usage}"),
        source=str(database.source or "no source stated"),
        language=languages.pop() if len(languages) == 1 else None,
    )


def _short(language: str) -> str | None:
    """`deu` -> `de`; None for a language without a code of two letters."""
    from iso639 import Lang
    from iso639.exceptions import InvalidLanguageValue

    try:
        code = Lang(language).pt1
    except InvalidLanguageValue:
        return None
    return code if len(code) == _LETTERS else None
