"""What a search may change: each key with the values that a trial chooses from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import optuna
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, RangeSweep

from ravdess_exp.config.intervals import interval_ends
from ravdess_exp.config.schema import Effect, effect_of
from ravdess_exp.errors import ConfigError

Suggest = Callable[[optuna.Trial], str]  # a trial -> the value as on the command line


@dataclass(frozen=True)
class Dimension:
    """One key that is searched.

    written: as the user gave it; suggest: how a trial gets its value; ends: the values at the ends
    of its range, or all of a list, as on the command line.
    """

    written: str
    suggest: Suggest
    ends: tuple[str, ...]


def divide(arguments: Sequence[str]) -> tuple[list[str], dict[str, Dimension]]:
    """The overrides that every trial has, and by key what is searched; the last of two holds.

    Raises `ConfigError` for a search over folds, seeds or clips, or over nothing.
    """
    fixed: dict[str, str] = {}
    space: dict[str, Dimension] = {}
    for override in OverridesParser.create().parse_overrides(list(arguments)):
        key = override.get_key_element()
        if not override.is_sweep_override():
            fixed[key] = override.input_line
            space.pop(key, None)
            continue
        if key == "face.model" or effect_of(key) is not Effect.LEARNING:  # one is but a file
            raise ConfigError(
                f"{override.input_line}: {key} is not searched: every trial is scored on all folds "
                "and seeds of the same clips"
            )
        space[key] = _dimension(key, override)
        fixed.pop(key, None)
    if not space:
        raise ConfigError(
            "hydra/sweeper=optuna: nothing to search; give at least one key several values, such as "
            "'training.learning_rate=tag(log,interval(1e-4,1e-2))'"
        )
    return list(fixed.values()), space


def corners(space: Mapping[str, Dimension]) -> list[list[str]]:
    """The overrides of every value at an end of its range, with the first value of the others."""
    first = {key: dimension.ends[0] for key, dimension in space.items()}
    return [
        [f"{k}={v}" for k, v in {**first, key: end}.items()]
        for key, dimension in space.items()
        for end in dimension.ends
    ]


def _dimension(key: str, override: Override) -> Dimension:
    sweep = override.value()
    if isinstance(sweep, IntervalSweep):
        return _interval(key, override)
    values = tuple(override.sweep_string_iterator())
    if isinstance(sweep, RangeSweep) and all(value.lstrip("-").isdigit() for value in values):
        low, high = min(map(int, values)), max(map(int, values))
        step = abs(int(sweep.step))
        return Dimension(
            override.input_line,
            lambda trial: str(trial.suggest_int(key, low, high, step=step)),
            values,
        )
    return Dimension(
        override.input_line, lambda trial: trial.suggest_categorical(key, values), values
    )


def _interval(key: str, override: Override) -> Dimension:
    """Whole numbers where the ends are whole, both ends included; else real ones."""
    low, high = interval_ends(override)
    log = "log" in override.value().tags
    ends = (repr(low), repr(high))
    if isinstance(low, int):
        return Dimension(
            override.input_line,
            lambda trial: str(trial.suggest_int(key, low, high, log=log)),
            ends,
        )
    return Dimension(
        override.input_line,
        lambda trial: repr(trial.suggest_float(key, low, high, log=log)),
        ends,
    )
