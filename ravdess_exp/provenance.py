"""Which code made a result."""

import os
import platform
from pathlib import Path

from ravdess_exp import __version__

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # no git program is no error


def commit_tags() -> dict[str, str]:
    """Version and, in a checkout, the commit and whether files differ from it."""
    tags = {"ravdess_exp.version": __version__, "python": platform.python_version()}
    try:
        import git

        repository = git.Repo(Path(__file__).parent, search_parent_directories=True)
        if Path(repository.working_dir) != Path(__file__).parents[1]:
            return tags  # installed below somebody else's repository
        tags["mlflow.source.git.commit"] = repository.head.commit.hexsha
        tags["git.dirty"] = str(repository.is_dirty())
    except Exception:  # no git, no repository, no commit yet: the version must do
        tags.setdefault("mlflow.source.git.commit", "unknown")
    return tags
