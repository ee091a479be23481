"""The trials of a search in their storage, where several processes may work on them at once."""

import hashlib
import json
import socket
import warnings
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import optuna
import psutil
from optuna.exceptions import ExperimentalWarning, StorageInternalError, UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from ravdess_exp.config.schema import Config, Effect, Search, effect_of
from ravdess_exp.errors import ConfigError
from ravdess_exp.study.space import Dimension
from ravdess_exp.tracking.backend import without_password

_NAME = "ravdess_exp"  # of the one search that a folder's own optuna.db holds
_SCORED_ON = ("data.root", "folds", "seeds")  # a trial's score is of these
_HEARTBEAT = 20  # seconds between two signs of life that a process writes into the storage
_GRACE = 120  # seconds without one, after which its trial is done again by another process


def open_search(
    settings: Search, root: Path, *, config: Config, fixed: list[str], space: dict[str, Dimension]
) -> optuna.Study:
    """The search in its storage. config: of one of its trials, which names it in a shared storage.

    Raises `ConfigError` where the storage cannot be opened or holds a search of other settings.
    """
    root.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # failed trials are reported by us
    pruner = optuna.pruners.MedianPruner(
        n_startup_trials=settings.startup_trials, n_warmup_steps=settings.startup_folds + 1
    )
    try:
        storage = _storage(settings.storage or f"sqlite:///{root / 'optuna.db'}")
        name = _shared_name(storage, config, fixed, space) if settings.storage else _NAME
        search = optuna.create_study(
            study_name=name,
            storage=storage,
            direction="maximize",
            load_if_exists=True,
            pruner=pruner if settings.prune else optuna.pruners.NopPruner(),
        )
    except (SQLAlchemyError, StorageInternalError, ImportError) as error:
        where = f"hydra.sweeper.storage={settings.storage}" if settings.storage else str(root)
        raise ConfigError(
            f"{without_password(where)}: the storage of the search cannot be opened "
            f"({type(error).__name__}); expected the address of a database that answers, with its "
            "driver installed, such as sqlite:////shared/search.db"
        ) from error
    there = _settings(search.user_attrs.get("overrides", fixed))
    if there != _settings(fixed):
        changed = sorted(set(there) ^ set(_settings(fixed)))
        raise ConfigError(
            f"{root} holds a search with other settings ({', '.join(changed)}); choose another "
            "hydra.sweep.dir"
        )
    search.set_user_attr("overrides", fixed)
    return search


def _storage(url: str) -> optuna.storages.RDBStorage:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # heartbeats are, since Optuna 2.9
        return optuna.storages.RDBStorage(
            url,
            heartbeat_interval=_HEARTBEAT,
            grace_period=_GRACE,
            heartbeat_stale_trial_callback=queue_again,
        )


def _shared_name(
    storage: optuna.storages.RDBStorage,
    config: Config,
    fixed: list[str],
    space: dict[str, Dimension],
) -> str:
    """A name that the same search has on every machine, and no other search.

    A search that an earlier version began there under its one name for all goes on.
    """
    if _NAME in optuna.get_all_study_names(storage):
        earlier = optuna.load_study(study_name=_NAME, storage=storage)
        if earlier.user_attrs.get("overrides") == fixed:
            return _NAME
    written = [dimension.written for dimension in space.values()]
    text = json.dumps([sorted(_settings(fixed)), sorted(written)])
    return f"{config.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _settings(overrides: Sequence[str]) -> list[str]:
    """The overrides that may not differ when a search goes on, or on another machine of it."""
    keys = [override.split("=", 1)[0].lstrip("+") for override in overrides]
    return [override for key, override in zip(keys, overrides, strict=True) if _counts(key)]


def _counts(key: str) -> bool:
    return key in _SCORED_ON or effect_of(key) is not Effect.NOTHING


def claim(trial: optuna.Trial) -> str:
    """Note which process runs the trial; returns the name of the trial's folder."""
    trial.set_user_attr("process", [socket.gethostname(), *_this_process()])
    folder = trial.user_attrs.get("folder") or f"trial_{trial.number:03d}"
    trial.set_user_attr("folder", folder)
    return folder


def queue_again(search: optuna.Study, trial: FrozenTrial | optuna.Trial) -> None:
    """Let a trial that did not end be done again, with its values and in its folder."""
    attributes = {"folder": trial.user_attrs["folder"]} if "folder" in trial.user_attrs else {}
    search.enqueue_trial(trial.params, user_attrs=attributes)


def queue_dead_again(search: optuna.Study) -> None:
    """Queue the trials whose process was killed; those that a living process runs are left alone.

    A process of this machine is looked for; one of another machine has a heartbeat in the storage.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        optuna.storages.fail_stale_trials(search)
    for trial in running(search):
        if not _is_dead(trial):
            continue
        try:
            search.tell(trial.number, state=TrialState.FAIL)
        except (ValueError, UpdateFinishedTrialError):
            continue  # another process was faster
        queue_again(search, trial)


def running(search: optuna.Study) -> list[FrozenTrial]:
    """Trials that some process works on."""
    return search.get_trials(states=[TrialState.RUNNING])


def ended(search: optuna.Study) -> list[FrozenTrial]:
    """Trials that ended; not those that a kill ended and that are queued or done again."""
    states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
    again = {
        trial.user_attrs.get("folder")
        for trial in search.get_trials(states=[TrialState.WAITING, TrialState.RUNNING])
    }
    last = {trial.user_attrs.get("folder"): trial for trial in search.get_trials(states=states)}
    return [trial for folder, trial in last.items() if folder not in again]


def _is_dead(trial: FrozenTrial) -> bool:
    """Whether the process that ran the trial is known to have ended."""
    if "process" not in trial.user_attrs:  # an earlier version's, or begun this very moment
        return datetime.now() - trial.datetime_start > timedelta(seconds=_GRACE)
    host, number, started = trial.user_attrs["process"]
    if host != socket.gethostname():
        return False
    try:
        process = psutil.Process(number)
        if process.status() == psutil.STATUS_ZOMBIE:
            return True
        return abs(process.create_time() - started) > 1  # its number was given to another one
    except psutil.NoSuchProcess:
        return True


def _this_process() -> Sequence[float]:
    process = psutil.Process()
    return process.pid, process.create_time()
