"""Where numba keeps librosa's compiled functions, also in an installation that nobody may write to."""

import functools
import os
import stat
import tempfile
from pathlib import Path

from ravdess_exp.errors import InstallationError

_VARIABLE = "NUMBA_CACHE_DIR"  # numba's own; processes that are started inherit it
_REFUSAL = "cannot cache function"  # how numba's error begins, where it finds no folder


@functools.cache  # asked before each sound, answered once a process
def load_librosa() -> None:
    """Import what of librosa is compiled, with a folder for numba where it would find none.

    numba keeps compiled functions beside librosa's files, else in the user's cache folder. A
    container that runs as another user, or a service without a home, may write to neither, and then
    librosa cannot be imported at all. Raises `InstallationError` where no folder will do.
    """
    try:
        _import()
    except RuntimeError as error:
        if not str(error).startswith(_REFUSAL):
            raise
        from numba.core import config

        os.environ[_VARIABLE] = config.CACHE_DIR = str(_own_folder())
        _import()


def _import() -> None:
    """The modules of librosa that numba compiles functions of; `import librosa` alone is lazy."""
    import librosa.core.audio
    import librosa.core.notation
    import librosa.core.pitch
    import librosa.util.utils  # noqa: F401 - to be there


def _own_folder() -> Path:
    """A folder for temporary files that this user alone may write to: code is loaded from it."""
    try:
        folder = Path(tempfile.gettempdir(), f"ravdess_exp-numba-{os.geteuid()}")
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        private = stat.S_ISDIR(found.st_mode) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if private and found.st_uid == os.geteuid() and os.access(folder, os.W_OK):
            return folder
        return Path(tempfile.mkdtemp(prefix="ravdess_exp-numba-"))
    except OSError as error:
        raise InstallationError(
            f"{_VARIABLE}: librosa's compiled functions can be kept neither beside it, nor in the "
            f"home folder, nor among temporary files ({error.strerror}); set it to a folder that "
            "this user may write to"
        ) from error
