"""Hydra's way to our sweeps: two sweepers, known to Hydra in the process that registers them."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from ravdess_exp.again import continuing, told_to_continue
from ravdess_exp.command import assignment
from ravdess_exp.folder import MULTIRUN
from ravdess_exp.places import SWEEP_FOLDER

_NAMESPACE = "hydra_plugins.ravdess_exp"  # of names in the configuration; no module has this name


def register() -> None:
    """Make both sweepers known to Hydra in this process, and every multirun ours.

    Hydra 1.3 accepts only names below `hydra_plugins`, and would load a module of that name in
    every Hydra program of the environment. So the names are entered here, when our program runs,
    and other programs keep the sweepers they have.
    """
    for sweeper in (Studies, Optuna):
        Plugins.instance().class_name_to_class[f"{_NAMESPACE}.{sweeper.__name__}"] = sweeper
    ConfigStore.instance().store(  # under Hydra's default name, so a recipe can choose another one
        group="hydra/sweeper",
        name="basic",
        node={"_target_": f"{_NAMESPACE}.{Studies.__name__}", "params": {}},
        provider="ravdess_exp",
    )


class _OurSweeper(Sweeper):
    """What both have in common: the launcher, and jobs that are numbered through."""

    launcher: Launcher
    config: DictConfig

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Hydra's call before `sweep`."""
        self.config = config
        self.hydra_context = hydra_context
        self._jobs = 0
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> Any:
        """Hydra's call: all runs that the arguments stand for."""
        try:
            return self.work(arguments)
        except KeyboardInterrupt as interrupt:  # between two runs, or at the start of one
            raise KeyboardInterrupt(str(interrupt) or self._again()) from None

    def work(self, arguments: list[str]) -> Any:
        """See `sweep`."""
        raise NotImplementedError

    def _again(self) -> str:
        own = OmegaConf.masked_copy(self.config, [name for name in self.config if name != "hydra"])
        settings = _dotted(OmegaConf.to_container(own, resolve=True))
        command = continuing(sys.argv[1:], settings, key=SWEEP_FOLDER, folder=self.root())
        return told_to_continue(command)

    def root(self) -> Path:
        """The multirun's folder. Nothing is in it before `launch`: the command may be refused."""
        return Path(self.config.hydra.sweep.dir)

    def launch(self, jobs: Sequence[Sequence[str]]) -> Sequence[Any]:
        """Run jobs by whatever launcher was chosen, all of them below the multirun's folder.

        Its name has the command's `name` in it, and Hydra would ask each job, which has another one.
        """
        if not self._jobs:
            self.root().mkdir(parents=True, exist_ok=True)
            OmegaConf.save(self.config, self.root() / MULTIRUN)
        first, self._jobs = self._jobs, self._jobs + len(jobs)
        root = assignment(SWEEP_FOLDER, str(self.config.hydra.sweep.dir))
        overrides = [[*job, root] for job in jobs]
        return self.launcher.launch(overrides, initial_job_idx=first)

    def compose(self, overrides: Sequence[str]) -> DictConfig:
        """The configuration of a run with these overrides."""
        return self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))


class Studies(_OurSweeper):
    """`hydra/sweeper=basic`, the default: see `ravdess_exp.study.combinations`."""

    def __init__(self, params: dict[str, str] | None = None) -> None:
        self.params = params or {}

    def work(self, arguments: list[str]) -> Any:
        """Every combination of the arguments."""
        from ravdess_exp.study.combinations import run_combinations

        defaults = [f"{key}={value}" for key, value in self.params.items()]
        return run_combinations(
            [*defaults, *arguments], root=self.root(), compose=self.compose, launch=self.launch
        )


class Optuna(_OurSweeper):
    """`hydra/sweeper=optuna`: see `ravdess_exp.study.search`."""

    def __init__(self, params: dict[str, str], **settings: Any) -> None:
        self.params = params
        self.settings = settings

    def work(self, arguments: list[str]) -> Any:
        """Trials, each of them a study."""
        from ravdess_exp.config.check import validate_search
        from ravdess_exp.study.search import run_search

        return run_search(
            arguments,
            params=self.params,
            settings=validate_search(self.settings),
            root=self.root(),
            compose=self.compose,
            launch=self.launch,
        )


def _dotted(section: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted key and value of each setting."""
    for name, value in section.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
