"""A search by Optuna. A trial is a whole study; its validation UAR is all that the search sees."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import optuna
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, RangeSweep
from optuna.trial import TrialState

from ravdess_exp.config.schema import Config, Search
from ravdess_exp.errors import ConfigError, StudyError
from ravdess_exp.report.table import as_text
from ravdess_exp.study.combinations import Compose, validate_job
from ravdess_exp.study.runner import Launch, run_plain, run_study
from ravdess_exp.study.study import plan, plan_run

_NAME = "ravdess_exp"
_NOT_SEARCHED = (
    "seed",
    "seeds",
    "folds",
    "split.",
    "data.",
    "tracking",
    "task",
    "name",
    "face.model",
)
Suggest = Callable[[optuna.Trial], str]  # a trial -> the value as on the command line


def run_search(
    arguments: Sequence[str],
    *,
    params: Mapping[str, str],
    settings: Search,
    root: Path,
    compose: Compose,
    launch: Launch,
) -> float:
    """Search until there are `settings.trials` trials; returns the best validation UAR.

    Raises `ConfigError` for a search over folds, seeds or clips: those are no settings.
    """
    fixed, space = divide([*(f"{key}={value}" for key, value in params.items()), *arguments])
    for overrides in _corners(space):  # mistakes are told before the first trial
        validate_job(compose, [*fixed, *overrides])
    search = _open(settings, root, fixed)
    while (count := len(_counted(search))) < settings.trials:
        trial = search.ask()
        folder = trial.user_attrs.get("folder") or f"trial_{trial.number:03d}"
        trial.set_user_attr("folder", folder)
        told = [f"{key}={suggest(trial)}" for key, (suggest, _) in space.items()]
        print(f"\ntrial {count + 1} of {settings.trials}: {' '.join(told)}")
        overrides = [*fixed, *told, f"name={folder}"]
        config = validate_job(compose, overrides)
        _run_trial(search, trial, config, overrides, root / folder, root, settings, launch)
        _write(search, root, fixed)
    return _report(search, root, fixed)


def divide(arguments: Sequence[str]) -> tuple[list[str], dict[str, tuple[Suggest, list[str]]]]:
    """Plain overrides; and by key how a trial is given a value, with the values at its ends."""
    fixed: dict[str, str] = {}
    space: dict[str, tuple[Suggest, list[str]]] = {}
    for override in OverridesParser.create().parse_overrides(list(arguments)):
        key = override.get_key_element()
        if not override.is_sweep_override():
            fixed[key] = override.input_line
            space.pop(key, None)
            continue
        if f"{key}.".startswith(tuple(f"{name.rstrip('.')}." for name in _NOT_SEARCHED)):
            raise ConfigError(
                f"{override.input_line}: {key} is not searched: every trial is scored on all folds "
                "and seeds of the same clips"
            )
        space[key] = (_suggest(key, override), _ends(override))
        fixed.pop(key, None)
    if not space:
        raise ConfigError(
            "hydra/sweeper=optuna: nothing to search; give at least one key several values, such as "
            "'training.learning_rate=tag(log,interval(1e-4,1e-2))'"
        )
    return list(fixed.values()), space


def _suggest(key: str, override: Override) -> Suggest:
    sweep = override.value()
    if isinstance(sweep, IntervalSweep):
        log = "log" in sweep.tags
        if isinstance(sweep.start, int) and isinstance(sweep.end, int) and "int" in sweep.tags:
            return lambda trial: str(trial.suggest_int(key, sweep.start, sweep.end, log=log))
        return lambda trial: repr(
            trial.suggest_float(key, float(sweep.start), float(sweep.end), log=log)
        )
    values = list(override.sweep_string_iterator())
    if isinstance(sweep, RangeSweep) and all(value.lstrip("-").isdigit() for value in values):
        low, high, step = int(values[0]), int(values[-1]), int(sweep.step)
        return lambda trial: str(trial.suggest_int(key, low, high, step=step))
    return lambda trial: trial.suggest_categorical(key, values)


def _ends(override: Override) -> list[str]:
    sweep = override.value()
    if isinstance(sweep, IntervalSweep):
        return [repr(float(sweep.start)), repr(float(sweep.end))]
    return list(override.sweep_string_iterator())


def _corners(space: Mapping) -> list[list[str]]:
    """Every value at an end of its range, with the first one of the others."""
    first = {key: ends[0] for key, (_, ends) in space.items()}
    return [
        [f"{k}={v}" for k, v in {**first, key: end}.items()]
        for key, (_, ends) in space.items()
        for end in ends
    ]


def _open(settings: Search, root: Path, fixed: list[str]) -> optuna.Study:
    """The search in its storage, with what a kill left open put back into the queue."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = settings.storage or f"sqlite:///{root / 'optuna.db'}"
    pruner = optuna.pruners.MedianPruner(
        n_startup_trials=settings.startup_trials, n_warmup_steps=settings.startup_folds + 1
    )
    search = optuna.create_study(
        study_name=_NAME,
        storage=storage,
        direction="maximize",
        load_if_exists=True,
        pruner=pruner if settings.prune else optuna.pruners.NopPruner(),
    )
    there = search.user_attrs.setdefault("overrides", fixed)
    if there != fixed:
        changed = sorted(set(there) ^ set(fixed))
        raise ConfigError(
            f"{root} holds a search with other settings ({', '.join(changed)}); choose another "
            "hydra.sweep.dir"
        )
    search.set_user_attr("overrides", fixed)
    # a new seed where it goes on: the same one would draw the first trials again
    search.sampler = optuna.samplers.TPESampler(
        seed=settings.seed + len(search.trials), n_startup_trials=settings.startup_trials
    )
    for trial in search.get_trials(states=[TrialState.RUNNING]):
        search.tell(trial.number, state=TrialState.FAIL)
        attributes = {"folder": trial.user_attrs["folder"]} if "folder" in trial.user_attrs else {}
        search.enqueue_trial(trial.params, user_attrs=attributes)
    return search


def _counted(search: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Trials that ended; not those that a kill ended and that are queued again."""
    ended = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
    again = {t.user_attrs.get("folder") for t in search.get_trials(states=[TrialState.WAITING])}
    kept = {t.user_attrs.get("folder"): t for t in search.get_trials(states=ended)}
    return [trial for folder, trial in kept.items() if folder not in again]


def _run_trial(
    search: optuna.Study,
    trial: optuna.Trial,
    config: Config,
    overrides: list[str],
    folder: Path,
    root: Path,
    settings: Search,
    launch: Launch,
) -> None:
    def stop(scores: list[float]) -> bool:
        trial.report(sum(scores) / len(scores), step=len(scores))
        return trial.should_prune()

    try:
        if config.is_study:
            study = plan(config, overrides, folder, root)
            summary = run_study(study, launch, at_once=settings.at_once, stop=stop)
            if summary["given_up"]:
                print(f"given up after {summary['folds_done']} of {summary['folds']} folds")
                search.tell(trial, state=TrialState.PRUNED)
            else:
                search.tell(trial, summary["val_uar"])
            return
        (metrics,) = run_plain([plan_run(config, overrides, folder, root)], launch)
        if not metrics:
            raise StudyError("the run failed")
        search.tell(trial, metrics["val/uar"])
    except StudyError as error:
        trial.set_user_attr("failure", str(error)[:1000])
        search.tell(trial, state=TrialState.FAIL)
        print(f"trial failed: {error}")


def _write(search: optuna.Study, root: Path, fixed: list[str]) -> None:
    trials = [
        {
            "folder": trial.user_attrs.get("folder"),
            "params": trial.params,
            "val_uar": trial.value,
            "state": trial.state.name.lower(),
            "folds_reported": len(trial.intermediate_values),
        }
        for trial in _counted(search)
    ]
    path = root / "search.json"
    path.write_text(json.dumps({"overrides": fixed, "trials": trials}, indent=1))


def _report(search: optuna.Study, root: Path, fixed: list[str]) -> float:
    """Print the trials, the best first, and how to score the best one honestly."""
    done = search.get_trials(states=[TrialState.COMPLETE])
    if not done:
        raise StudyError(f"no trial was completed; the reasons are in {root}")
    ended = sorted(_counted(search), key=lambda t: (t.state.value, -(t.value or 0)))
    keys = list(done[0].params)
    rows = [
        [str(t.user_attrs.get("folder")), *(_short(t.params.get(key, "")) for key in keys)]
        + ["" if t.value is None else f"{t.value:.3f}", _folds(t), t.state.name.lower()]
        for t in ended
    ]
    header = ["trial", *keys, "validation UAR", "of folds", "state"]
    print(f"\n{as_text(header, rows, numbers=3)}\n")
    best = search.best_trial
    values = " ".join(f"{key}={value}" for key, value in best.params.items())
    print(
        f"Best on validation: {best.user_attrs['folder']}: {values}\n"
        "Its scores, on test too, are of actors that chose it, so they are too good. Train it once "
        "and score it on\nactors that the search never had (data.without_actors), for example with\n"
        f"  ravdess-exp data=... {values} split.train=[...] split.validation=[...] split.test=[...]\n"
        f"Files: {root} (search.json, optuna.db)"
    )
    return best.value


def _folds(trial: optuna.trial.FrozenTrial) -> str:
    """How many folds its score is of: one that was given up early is not to be compared."""
    if trial.state is TrialState.PRUNED:
        return f"first {len(trial.intermediate_values)}"
    return "all" if trial.state is TrialState.COMPLETE else ""


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
