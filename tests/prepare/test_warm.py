"""What fails with a made-up clip is the installation's fault, and is said once."""

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numba
import numpy as np
import pytest
from numba.core import caching

from ravdess_exp import compiled
from ravdess_exp.errors import ConfigError, InstallationError
from ravdess_exp.media.faces import Centre
from ravdess_exp.prepare.warm import warm_up
from tests.prepare.test_clips import RECIPE, prepared

KINDS = ("speech", "feature", "faces")
QUICK = replace(RECIPE, detector=Centre(margin=0.0, share=0.5))


@dataclass(frozen=True)
class Broken:
    """A detector whose library does not work here."""

    reason: str
    kind: ClassVar[type[Exception]] = OSError
    margin: float = 0.0
    align: bool = False
    computed_by: ClassVar[tuple[str, ...]] = ()

    def __call__(self, frames: np.ndarray) -> list:
        """See `Detector`."""
        raise self.kind(self.reason)


class Refused(Broken):
    """One whose file is not what it should be."""

    kind: ClassVar[type[Exception]] = ConfigError


def test_a_sound_installation_is_silent():
    assert warm_up(QUICK, KINDS) is None


def test_only_what_will_be_made_is_tried():
    warm_up(replace(RECIPE, detector=Broken("libGL.so.1")), ("speech", "feature"))


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_no_clip_is_blamed_for_the_installation(corpus, tmp_path, workers):
    recipe = replace(RECIPE, detector=Broken("libGL.so.1: no such file"))
    said = (
        r"^Broken fails also with a made-up clip \(OSError: libGL.so.1: no such file\): a fault of"
    )
    with pytest.raises(InstallationError, match=said):
        prepared(corpus, tmp_path, recipe, workers=workers, modality="video", max_failed=1.0)
    assert not list(tmp_path.rglob("failure/*/*.npz"))


def test_what_the_recipe_is_refused_with_stays_as_it_is():
    recipe = replace(RECIPE, detector=Refused("face.model=x: no such file"))
    with pytest.raises(ConfigError, match=r"face\.model=x: no such file"):
        warm_up(recipe, ("faces",))


def plain() -> None:
    """What numba would compile."""


@pytest.fixture
def read_only(monkeypatch):
    """numba may write neither beside librosa nor into the home folder, as another user's service.

    A function of ours stands for librosa's: to compile those anew takes 35 s.
    """
    ours = caching.CacheImpl._locator_classes[:1]  # the folder of NUMBA_CACHE_DIR
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", ours)
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.setattr(compiled, "_import", lambda: numba.njit(cache=True)(plain))


def test_librosa_loads_where_nobody_may_write(read_only, tmp_path, monkeypatch):
    with pytest.raises(RuntimeError, match="^cannot cache function"):
        compiled._import()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    compiled.load_librosa.__wrapped__()
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700, "code is loaded from it"
    assert os.environ["NUMBA_CACHE_DIR"] == str(folder), "for the processes that this one starts"


def test_no_code_is_loaded_from_a_folder_that_others_may_write_to(read_only, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    trap = tmp_path / f"ravdess_exp-numba-{os.geteuid()}"
    trap.mkdir()
    trap.chmod(0o777)
    compiled.load_librosa.__wrapped__()
    assert Path(os.environ["NUMBA_CACHE_DIR"]) != trap


def test_it_says_what_to_set_where_there_is_no_folder_at_all(read_only, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(InstallationError, match=r"^NUMBA_CACHE_DIR: .* set it to a folder that"):
        compiled.load_librosa.__wrapped__()
