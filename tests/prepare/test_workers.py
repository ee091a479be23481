"""Preparation in processes: no clip kills or hangs the run, and no process outlives it."""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import psutil
import pytest

from ravdess_exp.errors import InstallationError, OutputError, PreparationError
from ravdess_exp.prepare import clips as module
from ravdess_exp.prepare import workers
from tests.helpers.saboteur import Saboteur, white
from tests.prepare.test_clips import RECIPE, prepared


@pytest.fixture
def small(corpus, tmp_path):
    """A copy of one actor, to be spoiled."""
    return shutil.copytree(corpus / "Actor_01", tmp_path / "small" / "Actor_01").parent


@pytest.fixture
def sabotaged(small, tmp_path):
    """What prepares the faces of seven good clips and a white one; their sounds are prepared."""
    path = white(sorted(small.rglob("*.mp4"))[2])
    recipe = replace(RECIPE, detector=Saboteur(str(tmp_path / "trap")))
    store = tmp_path / "store"
    prepared(small, store, recipe, modality="audio")  # a worker need not load librosa: it is quick
    common = {"modality": "video", "workers": 2, "max_failed": 0.2, "clip_seconds": 3.0}

    def run(deed: str | None, **changes):
        trap = tmp_path / "trap"
        trap.write_text(deed) if deed else trap.unlink()
        return prepared(small, store, recipe, **common | changes)

    run.path, run.root, run.store = path, small, store
    return run


FATES = {
    "hang": "took longer than data.clip_seconds=3 s; the next start tries it again",
    "exit": "its process ended with exit code 3; the next start tries it again",
    "SIGSEGV": "its process was ended by signal 11, Segmentation fault; the next start tries it again",
    "SIGKILL": "its process was ended by signal 9, Killed (no memory left?); the next start tries it again",
    "memory": "MemoryError: no more",
}


@pytest.mark.parametrize(
    "deed", [pytest.param(d, marks=pytest.mark.slow) if d == "hang" else d for d in FATES]
)
def test_a_clip_that_kills_or_hangs_its_process_costs_itself_alone(sabotaged, deed):
    found = sabotaged(deed)
    assert found.failures == [(sabotaged.path, FATES[deed])]
    assert len(found.clips) == 7 and sabotaged.path not in [clip.path for clip in found.clips]
    again = sabotaged(None)
    assert not again.failures and again.made == 1, "it may pass, so it is tried again"


def test_a_single_core_protects_too(sabotaged, monkeypatch):
    """-1 on a machine of one core is one process, and still not this one."""
    monkeypatch.setattr(module.joblib, "effective_n_jobs", lambda workers: 1)
    assert sabotaged("SIGSEGV", workers=-1).failures == [(sabotaged.path, FATES["SIGSEGV"])]


@pytest.mark.slow
def test_a_crash_over_every_clip_is_told_of_every_clip(sabotaged):
    for path in sorted(sabotaged.root.rglob("*.mp4"))[3:]:
        path.unlink()
    for path in sabotaged.root.rglob("*.mp4"):
        shutil.copy(sabotaged.path, path) if path != sabotaged.path else None
    found = sabotaged("SIGSEGV", max_failed=1.0)
    assert [reason for _, reason in found.failures] == [FATES["SIGSEGV"]] * 3
    with pytest.raises(PreparationError, match=r"3 of 3 clips failed(?s:.*)ended by signal 11"):
        sabotaged("SIGSEGV")


def test_processes_that_cannot_start_are_no_clips_fault(small, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_begin", os._exit)
    with pytest.raises(PreparationError, match=r"end as soon as they start.*data\.workers=1"):
        prepared(small, tmp_path / "store", workers=2)


@pytest.mark.slow
def test_an_error_of_the_disk_in_a_worker_stops_the_run(small, tmp_path):
    """Files may have 30 kB here: as on a full disk, the sound of a clip does not fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    try:
        with pytest.raises(OutputError, match=r"cannot be written \(File too large\).*start again"):
            prepared(small, tmp_path / "store", workers=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list((tmp_path / "store").rglob("*.tmp"))
    assert len(prepared(small, tmp_path / "store").clips) == 8


HANGING = """
import pathlib, sys
from dataclasses import replace
from tests.helpers.saboteur import Saboteur
from tests.prepare.test_clips import RECIPE, prepared
recipe = replace(RECIPE, detector=Saboteur(sys.argv[3]))
prepared(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), recipe, workers=2, clip_seconds=600)
print("done")
"""  # and no guard by __name__: the processes must not run this again


def started(script: str, *arguments: object, cwd=None) -> subprocess.Popen:
    command = [sys.executable, str(script), *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=cwd)


@pytest.fixture
def hanging(small, tmp_path):
    """A script that prepares with two workers, one of which hangs, and its processes."""
    white(sorted(small.rglob("*.mp4"))[2])
    (tmp_path / "trap").write_text("hang")
    script, store = tmp_path / "script.py", tmp_path / "store"
    script.write_text(HANGING)
    process = started(script, small, store, tmp_path / "trap")
    deadline = time.monotonic() + 60
    while len(list(store.rglob("faces/*/*.npz"))) < 7 and time.monotonic() < deadline:
        time.sleep(0.05)
    yield process, psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_its_parent(hanging, how):
    """Not even one that hangs; and Ctrl-C does not wait for it."""
    process, children = hanging
    assert len(children) >= 2
    sent = time.monotonic()
    process.send_signal(how)
    process.wait(10)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive and time.monotonic() - sent < 8


@pytest.mark.slow
def test_a_script_without_a_guard_is_not_run_again(small, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(HANGING)
    process = started(script, small, tmp_path / "store", tmp_path / "none")
    assert process.communicate(timeout=120)[0] == "done\n" and process.returncode == 0


@pytest.mark.slow
def test_workers_that_are_killed_at_random_lose_at_most_their_clip(corpus, store_root, tmp_path):
    """SIGKILL of a worker, as by a machine that is short of memory; the next start mends it."""
    store, rng, killed, over = tmp_path / "store", np.random.default_rng(0), [], threading.Event()

    def kill_some():
        done = 0
        while len(killed) < 3 and not over.wait(rng.uniform(0.0, 0.1)):
            more = len(list(store.rglob("faces/*/*.npz")))
            if more == done:  # so that something comes of each pool, however slow the machine
                continue
            with contextlib.suppress(psutil.Error):  # it ended meanwhile
                children = psutil.Process().children()
                alive = [c for c in children if "loky_posix" in str(c.cmdline())]
                alive[rng.integers(len(alive))].kill()
                killed.append(more)
                done = more

    killer = threading.Thread(target=kill_some)
    killer.start()
    try:
        found = prepared(corpus, store, workers=2, max_failed=1.0)
    finally:
        over.set()
        killer.join()
    assert killed and len(found.failures) <= len(killed)
    assert {reason for _, reason in found.failures} <= {FATES["SIGKILL"]}
    assert len(found.clips) + len(found.failures) == 32
    mended = prepared(corpus, store, max_failed=0.0)
    # a worker killed between storing its clip and saying so leaves nothing to be done again
    assert mended.made <= len(found.failures) and not mended.failures
    np.testing.assert_array_equal(mended.faces, prepared(corpus, store_root).faces)


def nothing() -> None:
    """A start that needs no time."""


ALIKE = """
import pathlib, sys
import numpy as np
import scipy.linalg
from threadpoolctl import threadpool_limits
from ravdess_exp.prepare.clips import read_waveforms
from ravdess_exp.prepare.entries import feature_of
from ravdess_exp.prepare.store import Store
from ravdess_exp.scoring.robustness import noisy
from tests.prepare.test_clips import RECIPE, prepared

root, stores = map(pathlib.Path, sys.argv[1:])
threadpool_limits(4)  # as on a machine of four cores; a worker has one
one, many = (prepared(root, stores / str(n), workers=n, max_failed=0.5) for n in (1, 2))
assert one.clips == many.clips and one.failures == many.failures and len(one.failures) == 1
np.testing.assert_array_equal(one.faces, many.faces)
for a, b in zip(one.features, many.features, strict=True):
    np.testing.assert_array_equal(a, b)
waves = read_waveforms(one, one.clips[:1], recipe=RECIPE, store=Store(stores / "1"))
heard = noisy(waves[0], 10.0, np.random.default_rng(0))
in_four = feature_of(heard, RECIPE)
threadpool_limits(1)
np.testing.assert_array_equal(in_four, feature_of(heard, RECIPE))
print("alike")
"""


@pytest.mark.slow
@pytest.mark.parametrize("kernels", ["Haswell", "Nehalem"])
def test_the_number_of_workers_changes_nothing(small, tmp_path, kernels):
    """Nor that of threads; products of OpenBLAS are summed otherwise on another processor's kernels."""
    for path in sorted(small.rglob("*.mp4"))[3:]:
        path.unlink()
    sorted(small.rglob("*.mp4"))[1].write_bytes(b"no film")
    script = tmp_path / "script.py"
    script.write_text(ALIKE)
    done = subprocess.run(
        [sys.executable, str(script), str(small), str(tmp_path / "stores")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_CORETYPE": kernels},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "alike\n", done.stderr


def begins_slowly() -> None:
    """Longer than a clip may take."""
    time.sleep(1.5)


def fails_to_begin() -> None:
    raise InstallationError("no such library")


def look(item: str) -> str | None:
    """A clip that takes no time."""


def test_a_cold_start_does_not_count_against_the_first_clips():
    found = workers.in_workers(look, ["a", "b"], warm=begins_slowly, workers=2, seconds=1)
    assert sorted(found) == [("a", None), ("b", None)]


def test_what_fails_before_the_first_clip_is_the_installation():
    with pytest.raises(InstallationError, match="no such library"):
        list(workers.in_workers(look, ["a", "b"], warm=fails_to_begin, workers=2, seconds=60))


class OddError(RuntimeError):
    """A RuntimeError of the user's."""


def refuse(item: str) -> str | None:
    """Raise what the item names."""
    raise {"runtime": OddError("no such codec"), "time": TimeoutError("no answer")}[item]


@pytest.mark.parametrize(("item", "said"), [("runtime", "no such codec"), ("time", "no answer")])
def test_an_error_of_the_function_is_not_taken_for_one_of_the_pool(item, said):
    with pytest.raises((OddError, TimeoutError), match=said):
        list(workers.in_workers(refuse, [item], warm=nothing, workers=1, seconds=60))
