"""Which command and which code made a result: the tags of a run."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ravdess_exp import __version__
from ravdess_exp.config.encoders import saw_ravdess
from ravdess_exp.config.schema import Config, Mlflow


def run_tags(config: Config, *, folder: Path, overrides: Sequence[str]) -> dict[str, str]:
    """The tags of a run in MLflow: where it comes from."""
    tags = {
        "mlflow.runName": run_name(config.name, overrides),
        "mlflow.source.name": "ravdess-exp",
        "overrides": " ".join(overrides),
        "folder": str(folder),
        **commit_tags(),
    }
    if isinstance(config.tracking, Mlflow) and config.tracking.parent:
        tags["mlflow.parentRunId"] = config.tracking.parent
    checks = []
    if config.is_leaky:
        checks.append("leaky: speakers are in training and in test")
    if config.data.plant_leak:
        checks.append("planted leak: the test clips are in training")
    if saw_ravdess(config):
        checks.append("saw ravdess: a frozen encoder was trained on it")
    if config.data.shuffle_labels:
        checks.append("labels shuffled over all clips")
    if checks:
        tags["sanity"] = "; ".join(checks)
    return tags


def tracking_settings(config: Config) -> dict[str, Any] | None:
    """Where a run is tracked, as keyword arguments of `tracking.run.tracked`; None: nowhere."""
    if not isinstance(config.tracking, Mlflow):
        return None
    return config.tracking.model_dump(exclude={"backend", "parent"})


def placed_settings(config: Config) -> list[tuple[str, object]]:
    """All settings by dotted key, with the store of the runs that holds if none is named."""
    settings = config.flat()
    if isinstance(config.tracking, Mlflow):
        from ravdess_exp.tracking.backend import tracking_uri

        settings["tracking.uri"] = tracking_uri(config.tracking.uri)
    return list(settings.items())


def run_name(name: str, overrides: Sequence[str]) -> str:
    """`name` as the user gave it; else what differs from the default, without paths and lists."""
    if name != "default":
        return name
    shown = [o for o in overrides if not o.startswith(("data.", "tracking.")) and "[" not in o]
    return " ".join(shown)[:100] or name


def commit_tags() -> dict[str, str]:
    """Version and, in a checkout, the commit and whether files differ from it."""
    tags = {"ravdess_exp.version": __version__, "python": platform.python_version()}
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # no git program is no error
    try:
        import git

        repository = git.Repo(Path(__file__).parents[1], search_parent_directories=True)
        if Path(repository.working_dir) != Path(__file__).parents[2]:
            return tags  # installed below somebody else's repository
        tags["mlflow.source.git.commit"] = repository.head.commit.hexsha
        tags["git.dirty"] = str(repository.is_dirty())
    except Exception:  # no git, no repository, no commit yet: the version must do
        tags.setdefault("mlflow.source.git.commit", "unknown")
    return tags


def made_by() -> dict[str, str]:
    """Machine and code, as a run keeps them for its report."""
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    return {**commit_tags(), "system": system, "processors": str(os.cpu_count())}
