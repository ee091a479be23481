"""Predictions that any model made, ours or another's, as a table lists them: one row a clip."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ravdess_exp.corpus.speaker import speaker_of
from ravdess_exp.errors import ComparisonError
from ravdess_exp.scoring.comparison import Result
from ravdess_exp.scoring.pooled import Pooled

COLUMNS: Mapping[str, tuple[str, ...]] = {  # what is read: the names that people give it
    "clip": ("clip", "path", "file", "filename", "name", "id"),
    "actor": ("actor", "speaker", "subject"),
    "label": ("label", "emotion", "true", "truth", "target", "y_true"),
    "prediction": ("prediction", "predicted", "pred", "y_pred"),
}
_WHAT = {
    "actor": "who speaks, without which no interval over speakers can be given",
    "label": "the true class",
    "prediction": "the predicted class, nor probabilities in columns named after the classes",
}
_ROUNDED = 0.02  # what probabilities written with few digits may miss of 1 together


def read_listed(path: Path, renamed: Mapping[str, str]) -> Result:
    """Read a CSV or TSV with whatever delimiter; a predictions.csv of a run or a study is one.

    renamed: the table's name for one of `COLUMNS`. A prediction that no column has is the most probable
    class. Raises `ComparisonError` where the file is no table, lacks a column or a value, lists a clip
    twice, or has probabilities that are none.
    """
    table = _texts(path)
    found = {ours: _column(path, table, ours, renamed) for ours in COLUMNS}
    if "seed" in table and all(found[ours] == ours for ours in COLUMNS):
        ours = Result.read(path, path.stem)  # which may have several seeds
        return replace(ours, pooled=ours.pooled.with_names(sorted(ours.pooled.names)))
    for ours in ("actor", "label"):
        if found[ours] is None:
            raise ComparisonError(_lacks(path, table, ours))
    known = {ours: table[theirs] for ours, theirs in found.items() if theirs is not None}
    classes, probabilities = _probabilities(path, table, known, {*found.values()})
    if "prediction" not in known:
        if probabilities is None:
            raise ComparisonError(_lacks(path, table, "prediction"))
        known["prediction"] = pd.Series(
            np.array(classes)[probabilities.argmax(axis=1)], table.index
        )
    known.setdefault("clip", "line " + table.index.astype(str).to_series(table.index))
    _check(path, known, found)
    return Result(path.stem, *_pooled(known, classes, probabilities))


def _texts(path: Path) -> pd.DataFrame:
    """Every value as a text without spaces around it, under the line that it stands in."""
    try:
        table = pd.read_csv(
            path, sep=None, engine="python", dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except OSError as error:
        raise ComparisonError(f"{path}: cannot be read ({error.strerror})") from error
    except Exception as error:  # an encoding, a quote, no column: csv and pandas have many
        raise ComparisonError(
            f"{path}: expected a table of text with a line of column names ({error})"
        ) from error
    if table.empty:
        raise ComparisonError(
            f"{path}: no rows; expected a line for each clip below the column names"
        )
    table.index = pd.RangeIndex(2, len(table) + 2)  # the header is line 1
    table.columns = [str(name).strip() for name in table.columns]
    return table.apply(lambda column: column.str.strip())


def _column(path: Path, table: pd.DataFrame, ours: str, renamed: Mapping[str, str]) -> str | None:
    """The table's name of a column, None where it has none."""
    if ours in renamed:
        if renamed[ours] not in table:
            raise ComparisonError(
                f"{path}: no column {renamed[ours]}; its columns are {', '.join(table.columns)}"
            )
        return renamed[ours]
    by_name = {name.lower(): name for name in table.columns}
    return next((by_name[name] for name in COLUMNS[ours] if name in by_name), None)


def _lacks(path: Path, table: pd.DataFrame, ours: str) -> str:
    return (
        f"{path}: no column for {_WHAT[ours]}; expected one of {', '.join(COLUMNS[ours])}, found "
        f"{', '.join(table.columns)}. --columns {ours}=NAME says which one it is"
    )


def _probabilities(
    path: Path, table: pd.DataFrame, known: Mapping[str, pd.Series], taken: Collection[str | None]
) -> tuple[tuple[str, ...], np.ndarray | None]:
    """The classes that are columns, and their probabilities (n, classes); None without such columns.

    A class that no row has, and none was given, is among them where only with it the rows sum to 1.
    """
    named = {*known["label"], *known.get("prediction", ())}
    if not named <= {*table.columns}:
        return (), None
    numbers = table.apply(pd.to_numeric, errors="coerce")
    first = None  # the first line that the columns of the known classes are wrong in
    free = [
        name for name in table.columns if name not in taken and numbers[name].between(0, 1).all()
    ]
    for classes in (sorted(named), sorted(free)):
        values = numbers[classes].to_numpy()
        wrong = ~(
            ((values >= 0) & (values <= 1)).all(axis=1) & (abs(values.sum(axis=1) - 1) < _ROUNDED)
        )
        if named <= {*classes} and not wrong.any():
            return tuple(classes), values
        first = first or table.index[wrong.argmax()]
    found = ", ".join(f"{name} {table.loc[first, name]}" for name in sorted({*named, *free}))
    raise ComparisonError(
        f"{path}, line {first}: expected probabilities of the classes, which sum to 1, found {found}"
    )


def _check(path: Path, known: Mapping[str, pd.Series], found: Mapping[str, str | None]) -> None:
    """Raise `ComparisonError` for a value that is missing, or a clip that is there twice."""
    for ours, column in known.items():
        if (column == "").any():
            line = column.index[(column == "").argmax()]
            raise ComparisonError(f"{path}, line {line}: nothing in the column {found[ours]}")
    twice = known["clip"].duplicated()
    if twice.any():
        line = twice.index[twice.argmax()]
        raise ComparisonError(
            f"{path}, line {line}: {known['clip'][line]} is listed before; expected each clip once"
        )


def _pooled(
    known: Mapping[str, pd.Series], classes: tuple[str, ...], probabilities: np.ndarray | None
) -> tuple[Pooled, tuple[str, ...]]:
    """The predictions in the order of actors and clips, and the clips."""
    names = classes or tuple(sorted({*known["label"], *known["prediction"]}))
    actors = np.array([speaker_of(name) for name in known["actor"]])
    clips = known["clip"].to_numpy()
    order = np.lexsort((clips, actors))
    labels, predicted = (
        known[ours].map({name: i for i, name in enumerate(names)}).to_numpy(int)[order][:, None]
        for ours in ("label", "prediction")
    )
    ordered = tuple(clips[order])
    by_seed = None if probabilities is None else probabilities[order][:, None]
    return Pooled(names, (0,), actors[order], labels, predicted, ordered, by_seed), ordered
