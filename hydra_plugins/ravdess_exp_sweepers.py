"""Hydra's way to our sweeps: it looks for sweepers here and nowhere else. What they do is in
`ravdess_exp.study`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf


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

    def root(self) -> Path:
        """The multirun's folder, with the command's configuration in it."""
        root = Path(self.config.hydra.sweep.dir)
        root.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(self.config, root / "multirun.yaml")
        return root

    def launch(self, jobs: Sequence[Sequence[str]]) -> Sequence[Any]:
        """Run jobs by whatever launcher was chosen, all of them below the multirun's folder.

        Its name has the command's `name` in it, and Hydra would ask each job, which has another one.
        """
        first, self._jobs = self._jobs, self._jobs + len(jobs)
        root = str(self.config.hydra.sweep.dir).replace("'", "\\'")
        told = [[*job, f"hydra.sweep.dir='{root}'"] for job in jobs]
        return self.launcher.launch(told, initial_job_idx=first)

    def compose(self, overrides: Sequence[str]) -> DictConfig:
        """The configuration of a run with these overrides."""
        return self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))


class Studies(_OurSweeper):
    """`hydra/sweeper=basic`, in place of Hydra's own: see `ravdess_exp.study.combinations`."""

    def __init__(self, params: dict[str, str] | None = None) -> None:
        self.params = params or {}

    def sweep(self, arguments: list[str]) -> Any:
        """Every combination of the arguments."""
        from ravdess_exp.study.combinations import run_combinations

        told = [f"{key}={value}" for key, value in self.params.items()]
        return run_combinations(
            [*told, *arguments], root=self.root(), compose=self.compose, launch=self.launch
        )


class Optuna(_OurSweeper):
    """`hydra/sweeper=optuna`: see `ravdess_exp.study.search`."""

    def __init__(self, params: dict[str, str], **settings: Any) -> None:
        self.params = params
        self.settings = settings

    def sweep(self, arguments: list[str]) -> Any:
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


# every multirun is ours, so that a recipe can still choose another sweeper
ConfigStore.instance().store(
    group="hydra/sweeper",
    name="basic",
    node={"_target_": f"{__name__}.Studies", "params": {}},
    provider="ravdess_exp",
)
