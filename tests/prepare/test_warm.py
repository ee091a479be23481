"""What fails with a made-up clip is the installation's fault, and is said once."""

import subprocess
import sys
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from ravdess_exp.errors import ConfigError, InstallationError
from ravdess_exp.media.faces import Centre
from ravdess_exp.prepare.warm import warm_up
from tests.prepare.test_clips import RECIPE, prepared

KINDS = ("speech", "feature", "faces")
QUICK = replace(RECIPE, detector=Centre(margin=0.0, share=0.5))


@dataclass(frozen=True)
class Broken:
    """A detector whose library does not work here."""

    error: Exception
    margin: float = 0.0
    align: bool = False
    computed_by: ClassVar[tuple[str, ...]] = ()

    def __call__(self, frames: np.ndarray) -> list:
        """See `Detector`."""
        raise self.error


def test_a_sound_installation_is_silent():
    assert warm_up(QUICK, KINDS) is None


def test_only_what_will_be_made_is_tried():
    warm_up(replace(RECIPE, detector=Broken(OSError("libGL.so.1"))), ("speech", "feature"))


@pytest.mark.parametrize("workers", [1, 2])
def test_no_clip_is_blamed_for_the_installation(corpus, tmp_path, workers):
    recipe = replace(RECIPE, detector=Broken(OSError("libGL.so.1: no such file")))
    said = (
        r"^Broken fails also with a made-up clip \(OSError: libGL.so.1: no such file\): a fault of"
    )
    with pytest.raises(InstallationError, match=said):
        prepared(corpus, tmp_path, recipe, workers=workers, modality="video", max_failed=1.0)
    assert not list(tmp_path.rglob("failure/*/*.npz"))


def test_what_the_recipe_is_refused_with_stays_as_it_is():
    recipe = replace(RECIPE, detector=Broken(ConfigError("face.model=x: no such file")))
    with pytest.raises(ConfigError, match=r"face\.model=x: no such file"):
        warm_up(recipe, ("faces",))


NOWHERE = """
import sys, tempfile
from numba.core import caching
caching.CacheImpl._locator_classes = caching.CacheImpl._locator_classes[:1]  # by NUMBA_CACHE_DIR alone
tempfile.tempdir = sys.argv[1]
from ravdess_exp.compiled import load_librosa
load_librosa()
import librosa, os
print(librosa.note_to_hz("A4"), os.environ["NUMBA_CACHE_DIR"])
"""


def in_a_read_only_installation(temporary) -> subprocess.CompletedProcess:
    """Where numba may write neither beside librosa nor into the home folder."""
    return subprocess.run(
        [sys.executable, "-c", NOWHERE, str(temporary)], capture_output=True, text=True
    )


@pytest.mark.slow
def test_librosa_loads_where_nobody_may_write(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    done = in_a_read_only_installation(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert done.stdout == f"440.0 {folder}\n", done.stderr
    assert folder.stat().st_mode & 0o777 == 0o700, "code is loaded from it"


@pytest.mark.slow
def test_it_says_what_to_set_where_there_is_no_folder_at_all(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    done = in_a_read_only_installation(tmp_path / "missing")
    assert "InstallationError: NUMBA_CACHE_DIR: " in done.stderr
    assert done.stderr.strip().endswith("set it to a folder that this user may write to")
