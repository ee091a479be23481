"""A table's file becomes rows of text, each with the line that it begins in."""

import codecs
import csv
import io
import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ravdess_exp.errors import CorpusError

_DELIMITERS = ",;\t|"  # as spreadsheets of different countries write what they call CSV
_MARKS = (  # of an encoding, before the text; the longer ones first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods, which are zip files; .xls
PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Rows:
    """The header, and rows in the table's order: the line that each begins in, and its fields.

    unit: what a row's number counts, `line` of a file of text, the header's being 1, or `row`.
    """

    path: Path
    header: tuple[str, ...]
    rows: Sequence[tuple[int, list[str]]]
    unit: str = "line"


def read_rows(path: Path, encoding: str) -> Rows:
    """Read a table; Parquet by its ending, else text whose delimiter the header shows.

    encoding: of text without a byte order mark. Raises `CorpusError` where the file cannot be read.
    """
    try:
        if path.suffix.lower() in PARQUET:
            return _read_parquet(path)
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"data.table={path}: cannot be read ({error.strerror})") from error
    if content.startswith(_SPREADSHEETS):
        raise CorpusError(
            f"data.table={path}: a spreadsheet's own file, expected text; save it as CSV from its program"
        )
    text = _decoded(path, content, encoding)
    if not text.strip():
        raise CorpusError(f"data.table={path}: is empty; expected a line of column names and rows")
    delimiter = _delimiter(path, text)
    rows = _split_lines(path, text, delimiter)
    _, header = next(rows)
    return Rows(path, tuple(composed(name.strip()) for name in header), list(rows))


def composed(text: str) -> str:
    """The text with each accented letter as one character, as most systems write it and macOS does not."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _decoded(path: Path, content: bytes, encoding: str) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), encoding)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        line = before.count(b"\n") + 1
        raise CorpusError(
            f"{path.name}, line {line}: byte 0x{content[error.start]:02x} is not {encoding}; save the "
            "table as UTF-8, or name its encoding, such as data.encoding=cp1252"
        ) from error
    except LookupError as error:
        raise CorpusError(f"data.encoding={encoding}: no encoding of that name") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise CorpusError(
            f"{path.name}, line {line}: a zero byte; expected text, in {encoding} as data.encoding says"
        )
    return text.removeprefix("\ufeff")


def _delimiter(path: Path, text: str) -> str:
    """A tab in a .tsv's header; else what divides it into most fields, a comma where nothing does."""
    header = text.lstrip("\r\n ").splitlines()[0]
    if path.suffix.lower() in (".tsv", ".tab") and "\t" in header:
        return "\t"
    return max(_DELIMITERS, key=header.count)


def _split_lines(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank. Quotes may hold the delimiter and ends of lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for fields in reader:
            if any(fields) and not (len(fields) == 1 and fields[0].isspace()):
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise CorpusError(
            f"{path.name}, line {line}: {error}; a quote that opens a field must end it, and one within "
            "it is written twice"
        ) from error


def _read_parquet(path: Path) -> Rows:
    try:
        import pandas as pd

        table = pd.read_parquet(path)
        if any(name is not None for name in table.index.names):
            table = table.reset_index()  # what a program had as its index is a column in the file
    except ImportError as error:
        raise CorpusError(f"data.table={path}: reading Parquet needs pyarrow ({error})") from error
    except OSError:
        raise
    except Exception as error:  # of pyarrow, which has many
        raise CorpusError(f"data.table={path}: not a table in Parquet ({error})") from error
    columns = [_as_text(table.iloc[:, i].tolist()) for i in range(table.shape[1])]
    rows = [list(fields) for fields in zip(*columns, strict=True)]
    return Rows(
        path,
        tuple(composed(str(name)) for name in table.columns),
        list(enumerate(rows, start=1)),
        "row",
    )


def _as_text(values: Sequence[object]) -> list[str]:
    """As a file of text would have them: nothing for what is missing, whole numbers without a point.

    A duration is its seconds. A cell may hold anything in a column that nobody reads, such as a vector.
    """
    import pandas as pd

    texts = []
    for value in values:
        if value is None or value is pd.NA or value is pd.NaT:
            texts.append("")
        elif isinstance(value, timedelta):
            texts.append(repr(value.total_seconds()))
        elif isinstance(value, float) and math.isnan(value):
            texts.append("")
        elif isinstance(value, float) and value.is_integer():
            texts.append(str(int(value)))
        else:
            texts.append(str(value))
    return texts
