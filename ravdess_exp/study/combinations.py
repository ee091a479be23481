"""A multirun: every combination of the values that were given, each one run or one study."""

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, open_dict

from ravdess_exp.config.check import validate
from ravdess_exp.config.schema import Config
from ravdess_exp.errors import ConfigError, StudyError
from ravdess_exp.report.table import print_table
from ravdess_exp.study.crossed import plan_crossed
from ravdess_exp.study.runner import Launch, run_plain, run_study
from ravdess_exp.study.study import Study, plan, plan_run

Compose = Callable[[Sequence[str]], DictConfig]


def run_combinations(
    arguments: Sequence[str], *, root: Path, compose: Compose, launch: Launch
) -> list[dict[str, float]]:
    """Run them all and print a table; returns the metrics of each combination.

    Raises `StudyError` at the end where a run failed, and `SplitError` before the first run where
    one of the combinations cannot divide the clips.
    """
    combinations = expand(arguments)
    studies = [
        _study(validate_job(compose, overrides), overrides, root, number, len(combinations))
        for number, overrides in enumerate(combinations)
    ]
    if not any(study.config.is_study for study in studies):
        results, failures = _plain(studies, launch)
    else:
        results, failures = [], []
        for study in studies:
            try:
                results.append(run_study(study, launch).metrics())
            except StudyError as error:
                results.append({})
                failures.append(str(error))
    values = [dict(o.split("=", 1) for o in c if "=" in o) for c in combinations]
    print_table(list(zip(values, results, strict=True)), root)
    if failures:
        raise StudyError("; ".join(failures))
    return results


def expand(arguments: Sequence[str]) -> list[list[str]]:
    """The plain overrides of every combination; the last one of two for the same key holds."""
    choices: dict[str, list[str]] = {}
    for override in OverridesParser.create().parse_overrides(list(arguments)):
        key = override.get_key_element()
        if not override.is_sweep_override():
            choices[key] = [override.input_line]
        elif override.is_discrete_sweep():
            choices[key] = [f"{key}={value}" for value in override.sweep_string_iterator()]
        else:
            raise ConfigError(
                f"{override.input_line}: expected a list of values; an interval is for a search, "
                "with hydra/sweeper=optuna"
            )
    return [list(combination) for combination in product(*choices.values())]


def validate_job(compose: Compose, overrides: Sequence[str]) -> Config:
    """The checked configuration of one combination; raises `ConfigError`."""
    composed = compose(overrides)
    with open_dict(composed):
        composed.pop("hydra")
    return validate(composed)


def _study(config: Config, overrides: list[str], root: Path, number: int, count: int) -> Study:
    if config.is_crossed:
        return plan_crossed(config, overrides, root if count == 1 else root / str(number), root)
    if not config.is_study:
        return plan_run(config, overrides, root / str(number), root)
    return plan(config, overrides, root if count == 1 else root / str(number), root)


def _plain(studies: list[Study], launch: Launch) -> tuple[list[dict], list[str]]:
    results = run_plain(studies, launch)
    failures = [
        f"run {study.members[0].label} failed: {study.members[0].failure()}"
        for study, metrics in zip(studies, results, strict=True)
        if not metrics and study.config.task == "run"
    ]
    return results, failures
