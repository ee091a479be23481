"""A search by Optuna. A trial is a whole study; its validation UAR is all that the search sees."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, TrialState

from ravdess_exp.config.schema import Search
from ravdess_exp.errors import ConfigError, StudyError
from ravdess_exp.report.table import as_text
from ravdess_exp.scoring.headline import CLASSES, NUMBERS, Headline, headline
from ravdess_exp.study.combinations import Compose, validate_job
from ravdess_exp.study.retraining import how_to_score
from ravdess_exp.study.runner import Launch, run_plain, run_study
from ravdess_exp.study.space import Dimension, corners, divide
from ravdess_exp.study.study import plan, plan_run
from ravdess_exp.study.trials import (
    claim,
    ended,
    open_search,
    queue_again,
    queue_dead_again,
    running,
)

_LAST = "val_uar_last_epochs"  # of a trial in the storage, whatever its score is called
_CHOSEN = (
    "The search goes by the validation UAR of the epoch that validation chose: the best of many, which\n"
    "patience and noise raise. The last epochs are not chosen; with training.choose=last no epoch is.\n"
)


def run_search(
    arguments: Sequence[str],
    *,
    params: Mapping[str, str],
    settings: Search,
    root: Path,
    compose: Compose,
    launch: Launch,
) -> float:
    """Search until there are `settings.trials` trials; returns the best validation score.

    Other processes may work on the same search meanwhile; each trial is done by one of them.
    Raises `ConfigError` for a search over folds, seeds or clips: those are no settings.
    """
    fixed, space = divide([*(f"{key}={value}" for key, value in params.items()), *arguments])
    configs = [  # of every end of every range, so that mistakes are reported before the first trial
        validate_job(compose, [*fixed, *overrides]) for overrides in corners(space)
    ]
    if any(config.is_crossed for config in configs):
        raise ConfigError(
            "data.train_on=each: expected all or one corpus in a search, which goes by one validation UAR"
        )
    trials = open_search(settings, root, config=configs[0], fixed=fixed, space=space)
    of = NUMBERS if configs[0].numbers else CLASSES
    search = _Search(trials, settings, root, compose, launch, fixed, space, of)
    queue_dead_again(trials)
    while len(ended(trials)) + len(running(trials)) < settings.trials:
        trials.optimize(search.score, n_trials=1, catch=(StudyError,))
        search.write()
        queue_dead_again(trials)
    return search.report()


@dataclass
class _Search:
    """One process's work on a search."""

    trials: optuna.Study
    settings: Search
    root: Path
    compose: Compose
    launch: Launch
    fixed: list[str]
    space: dict[str, Dimension]
    headline: Headline
    begun: int = 0  # trials of this process

    def score(self, trial: optuna.Trial) -> float:
        """The validation UAR of a trial, for Optuna.

        Raises `StudyError` where the trial has failed, `TrialPruned` where it was given up. Whatever
        else ends it leaves it in the queue.
        """
        try:
            return self._run(trial)
        except StudyError as error:
            trial.set_user_attr("failure", str(error)[:1000])
            print(f"trial failed: {error}")
            raise
        except optuna.TrialPruned:
            raise
        except BaseException:
            queue_again(self.trials, trial)
            raise

    def _run(self, trial: optuna.Trial) -> float:
        if not self.begun:  # not always the same seed: it would draw the first trials again
            self.trials.sampler = optuna.samplers.TPESampler(
                seed=self.settings.seed + trial.number,
                n_startup_trials=self.settings.startup_trials,
            )
        self.begun += 1
        name = claim(trial)
        values = self._values(trial)
        print(
            f"\ntrial {len(ended(self.trials)) + 1} of {self.settings.trials}: {' '.join(values)}"
        )
        overrides = [*self.fixed, *values, f"name={name}"]
        config = validate_job(self.compose, overrides)
        folder = self.root / name
        if not config.is_study:
            run = plan_run(config, overrides, folder, self.root)
            (metrics,) = run_plain([run], self.launch)
            if not metrics:
                raise StudyError("the run failed")
            trial.set_user_attr(_LAST, metrics.get(headline(metrics).last_epochs))
            return metrics[headline(metrics).validation]

        def stop(scores: list[float]) -> bool:
            trial.report(sum(scores) / len(scores), step=len(scores))
            return trial.should_prune()

        study = plan(config, overrides, folder, self.root)
        result = run_study(study, self.launch, at_once=self.settings.at_once, stop=stop)
        if result.given_up:
            print(f"given up after {result.folds_done} of {result.folds} folds")
            raise optuna.TrialPruned
        trial.set_user_attr(_LAST, result.score_last)
        return result.score

    def _values(self, trial: optuna.Trial) -> list[str]:
        try:
            return [f"{key}={of.suggest(trial)}" for key, of in self.space.items()]
        except ValueError as error:
            raise ConfigError(
                f"{self.root} holds a search over other values ({error}); choose another "
                "hydra.sweep.dir"
            ) from error

    def write(self) -> None:
        """Every trial that ended, in search.json."""
        trials = [
            {
                "folder": trial.user_attrs.get("folder"),
                "params": trial.params,
                f"val_{self.headline.measure}": trial.value,
                f"val_{self.headline.measure}_last_epochs": trial.user_attrs.get(_LAST),
                "state": trial.state.name.lower(),
                "folds_reported": len(trial.intermediate_values),
            }
            for trial in ended(self.trials)
        ]
        path = self.root / "search.json"
        path.write_text(json.dumps({"overrides": self.fixed, "trials": trials}, indent=1))

    def report(self) -> float:
        """Print the trials, the best first, and how to score the best one honestly."""
        if elsewhere := len(running(self.trials)):
            print(
                f"\n{elsewhere} of {self.settings.trials} trials are still run by other processes"
            )
        done = self.trials.get_trials(states=[TrialState.COMPLETE])
        if not done:
            raise StudyError(f"no trial was completed; the reasons are in {self.root}")
        print(f"\n{_table(ended(self.trials), list(done[0].params), self.headline.title)}\n")
        if any(trial.user_attrs.get(_LAST) is not None for trial in done):
            print(_CHOSEN)
        best = self.trials.best_trial
        values = [f"{key}={value}" for key, value in best.params.items()]
        print(
            f"Best on validation: {best.user_attrs['folder']}: {' '.join(values)}\n"
            "Its scores, on test too, are of actors that chose it, so they are too good.\n"
            f"{how_to_score(self.compose, self.fixed, values, self.root)}\n"
            f"Files: {self.root} (search.json{'' if self.settings.storage else ', optuna.db'})"
        )
        return best.value


def _table(trials: Sequence[FrozenTrial], keys: Sequence[str], title: str) -> str:
    rows = [
        [str(t.user_attrs.get("folder")), *(_short(t.params.get(key, "")) for key in keys)]
        + [_score(t.value), _score(t.user_attrs.get(_LAST)), _folds(t), t.state.name.lower()]
        for t in sorted(trials, key=lambda t: (t.state.value, -(t.value or 0)))
    ]
    header = ["trial", *keys, f"validation {title}", "last epochs", "of folds", "state"]
    return as_text(header, rows, numbers=4)


def _score(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _folds(trial: FrozenTrial) -> str:
    """How many folds its score is of: one that was given up early is not to be compared."""
    if trial.state is TrialState.PRUNED:
        return f"first {len(trial.intermediate_values)}"
    return "all" if trial.state is TrialState.COMPLETE else ""


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
