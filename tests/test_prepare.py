"""Preparation: resumed, repeated, damaged, and with clips that are no good."""

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

from ravdess_exp.commandline import compose_config
from ravdess_exp.config import validate
from ravdess_exp.corpus.manifest import scan
from ravdess_exp.errors import OutputError, PreparationError
from ravdess_exp.features import prepare as module
from ravdess_exp.features import workers as worker_module
from ravdess_exp.features.prepare import prepare
from ravdess_exp.features.recipe import Recipe
from ravdess_exp.features.store import Store
from ravdess_exp.media.faces import Haar
from tests.broken_media import Saboteur, white
from tests.media_files import numbered_frames, tone, write_media

MFCC = validate(compose_config([])).audio.build()
RECIPE = Recipe(
    feature=MFCC,
    detector=Haar(margin=0.1, detect_side=160),
    top_db=30.0,
    frames=6,
    size=64,
    gray=False,
    loudest=False,
)


def prepared(root, store, recipe=RECIPE, **changes):
    manifest = scan(root)
    common = {"modality": "both", "workers": 1, "max_failed": 0.02, "progress": False}
    return prepare(
        manifest.clips,
        recipe=recipe,
        store=Store(store),
        rejected=manifest.rejected,
        **common | changes,
    )


@pytest.fixture
def small(corpus, tmp_path):
    """A copy of one actor, to be spoiled."""
    return shutil.copytree(corpus / "Actor_01", tmp_path / "small" / "Actor_01").parent


@pytest.fixture
def no_media(monkeypatch):
    """Any decoding fails the test."""

    def refuse(*args, **kwargs):
        pytest.fail("a clip was decoded again")

    return lambda: monkeypatch.setattr(module, "Recording", refuse)


def test_shapes(corpus, store_root):
    found = prepared(corpus, store_root)
    assert found.faces.shape == (32, 6, 64, 64, 3) and found.faces.dtype == np.uint8
    assert all(f.shape[0] == 24 and f.dtype == np.float32 for f in found.features)
    assert found.found.mean() >= 0.95 and not found.failures
    assert (np.diff(found.intervals) > 0.5).all()


def test_sound_and_picture_are_of_the_same_interval(small, tmp_path):
    """Ten silent black seconds in front must change neither what is heard nor what is seen."""
    path = next(small.rglob("*.mp4"))
    for other in small.rglob("*.mp4"):
        if other != path:
            other.unlink()
    store = tmp_path / "store"
    plain = prepared(small, store)
    start, end = plain.intervals[0]
    with module.Recording(path) as recording:
        sound = recording.sound(48_000)
        times = np.arange(0.0, len(sound) / 48_000 - 0.05, 1 / 15)
        frames = recording.frames(times)
    black = np.zeros((30, *frames.shape[1:]), np.uint8)
    write_media(
        path,
        sound=np.pad(sound, (96_000, 0)),
        frames=np.concatenate([black, frames]),
        fps=15,
    )
    later = prepared(small, store)
    np.testing.assert_allclose(later.intervals[0], [start + 2, end + 2], atol=0.07)
    difference = later.faces.astype(int) - plain.faces
    assert np.abs(difference).mean() < 12, "black frames would differ by about 100"


def test_a_second_run_does_no_media_work(corpus, store_root, no_media):
    first = prepared(corpus, store_root)
    no_media()
    again = prepared(corpus, store_root)
    assert again.made == 0
    np.testing.assert_array_equal(again.faces, first.faces)


def test_another_audio_feature_decodes_nothing(corpus, store_root, no_media):
    prepared(corpus, store_root)
    no_media()
    other = prepared(corpus, store_root, replace(RECIPE, feature=replace(MFCC, n_mfcc=13)))
    assert other.features[0].shape[0] == 13 and other.made == 32


def test_padding_is_no_setting_of_the_store(corpus, store_root):
    prepared(corpus, store_root)
    recipe = replace(RECIPE, feature=replace(MFCC, frames=50))
    assert prepared(corpus, store_root, recipe).made == 0


def test_a_renamed_corpus_is_known_by_content(corpus, store_root, tmp_path):
    prepared(corpus, store_root)
    shutil.copytree(corpus, tmp_path / "elsewhere" / "deeper")
    assert prepared(tmp_path / "elsewhere", store_root).made == 0


@pytest.mark.parametrize("change", [{"top_db": 20.0}, {"frames": 3}, {"size": 32}])
def test_a_setting_that_matters_is_made_anew(small, tmp_path, change):
    prepared(small, tmp_path / "store")
    assert prepared(small, tmp_path / "store", replace(RECIPE, **change)).made == 8


@pytest.mark.parametrize(("modality", "kind"), [("audio", "faces"), ("video", "feature")])
def test_one_modality_reads_only_its_data(small, tmp_path, modality, kind):
    found = prepared(small, tmp_path / "store", modality=modality)
    assert not (tmp_path / "store" / kind).exists()
    assert (found.faces is None) == (modality == "audio")
    assert (found.features == []) == (modality == "video")


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing(small, tmp_path):
    sorted(small.rglob("*.mp4"))[5].write_bytes(b"no film")
    one, many = (
        prepared(small, tmp_path / str(workers), workers=workers, max_failed=0.2)
        for workers in (1, 2)
    )
    assert one.clips == many.clips and one.failures == many.failures
    np.testing.assert_array_equal(one.faces, many.faces)
    for a, b in zip(one.features, many.features, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_damaged_entry_is_made_again(small, tmp_path):
    first = prepared(small, tmp_path / "store")
    entries = sorted((tmp_path / "store" / "faces").rglob("*.npz"))
    content = bytearray(entries[0].read_bytes())
    content[len(content) // 2] ^= 1
    entries[0].write_bytes(content)
    again = prepared(small, tmp_path / "store")
    assert again.made == 1
    np.testing.assert_array_equal(again.faces, first.faces)


BAD = {
    "truncated": lambda p: p.write_bytes(p.read_bytes()[:5000]),
    "text": lambda p: p.write_text("no film"),
    "zero bytes": lambda p: p.write_bytes(b""),
    "no face": lambda p: write_media(p, sound=tone(), frames=numbered_frames(40)),
    "silent": lambda p: write_media(p, sound=tone() * 0, frames=numbered_frames(40)),
    "picture too short": lambda p: write_media(p, sound=tone(3.0), frames=numbered_frames(4)),
}
REASONS = {
    "truncated": "not a readable media file",
    "text": "not a readable media file",
    "zero bytes": "not a readable media file",
    "no face": "no face found in any of its 6 frames",
    "silent": "silent: the loudest sample",
    "picture too short": "the picture lasts from 0.00 to 0.12 s, the speech from",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_clip_is_reported_and_the_others_go_on(small, tmp_path, kind, no_media):
    path = sorted(small.rglob("*.mp4"))[2]
    BAD[kind](path)
    found = prepared(small, tmp_path / "store", max_failed=0.2)
    assert len(found.clips) == 7 and path not in [clip.path for clip in found.clips]
    ((failed, reason),) = found.failures
    assert failed == path and REASONS[kind] in reason
    no_media()
    again = prepared(small, tmp_path / "store", max_failed=0.2)
    assert again.failures == found.failures, "it is known to be bad and not tried again"


def test_too_many_failures_stop_the_run(small, tmp_path):
    paths = sorted(small.rglob("*.mp4"))[:2]
    for path in paths:
        path.write_bytes(b"")
    with pytest.raises(PreparationError) as caught:
        prepared(small, tmp_path / "store", max_failed=0.2)
    assert "2 of 8 clips failed, more than data.max_failed=0.2 allows" in str(caught.value)
    assert all(str(path) in str(caught.value) for path in paths)


def test_names_that_are_not_ravdess_count_as_failed(small, tmp_path):
    (small / "holiday.mp4").touch()
    with pytest.raises(PreparationError, match="holiday.mp4: .*not a RAVDESS file name"):
        prepared(small, tmp_path / "store")
    assert len(prepared(small, tmp_path / "store", max_failed=0.2).failures) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_tried_again(small, tmp_path):
    path = sorted(small.rglob("*.mp4"))[2]
    path.chmod(0)
    found = prepared(small, tmp_path / "store", max_failed=0.2)
    assert found.failures == [(path, "cannot be read (Permission denied)")]
    path.chmod(0o600)
    assert not prepared(small, tmp_path / "store").failures


def test_a_folder_with_a_clips_name_is_a_folder(small, tmp_path):
    (small / "Actor_01").rename(small / "01-01-08-02-02-02-24.mp4")
    assert len(prepared(small, tmp_path / "store", modality="audio").clips) == 8


def test_sound_that_makes_no_feature_is_refused(small, tmp_path, monkeypatch):
    monkeypatch.setattr(type(MFCC), "__call__", lambda self, waveform: np.full((24, 9), np.nan))
    with pytest.raises(PreparationError, match="the audio feature has values that are not numbers"):
        prepared(small, tmp_path / "store", modality="audio")


def test_a_surprise_of_a_library_costs_one_clip(small, tmp_path, monkeypatch):
    def burst(*args, **kwargs):
        raise RuntimeError("an unheard-of error")

    names = [clip.path for clip in scan(small).clips]
    real = module._faces
    monkeypatch.setattr(
        module,
        "_faces",
        lambda r, i, c: burst() if r._container.name == str(names[0]) else real(r, i, c),
    )
    found = prepared(small, tmp_path / "store", max_failed=0.2)
    assert found.failures == [(names[0], "RuntimeError: an unheard-of error")]
    monkeypatch.undo()
    assert not prepared(small, tmp_path / "store").failures, "it may pass, so it is tried again"


KILLED = """
import sys, pathlib
from tests.test_prepare import prepared
prepared(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("finished", [1, 9, 20])
def test_killed_and_started_again(corpus, store_root, tmp_path, finished):
    """SIGKILL while entries are written; the next run redoes only what was not finished."""
    store = tmp_path / "store"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(corpus), str(store)])
    while len(list(store.rglob("feature/*/*.npz"))) < finished and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = len(list(store.rglob("feature/*/*.npz")))
    resumed = prepared(corpus, store)
    assert resumed.made <= 32 - done + 1 and resumed.made < 32
    unkilled = prepared(corpus, store_root)
    np.testing.assert_array_equal(resumed.faces, unkilled.faces)
    for a, b in zip(resumed.features, unkilled.features, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_two_processes_prepare_the_same_corpus(corpus, store_root, tmp_path):
    store = tmp_path / "store"
    command = [sys.executable, "-c", KILLED, str(corpus), str(store)]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    found = prepared(corpus, store)
    assert found.made == 0
    np.testing.assert_array_equal(found.faces, prepared(corpus, store_root).faces)


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
    monkeypatch.setattr(worker_module, "_begin", os._exit)
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


def test_a_full_disk_keeps_what_was_prepared(small, tmp_path, monkeypatch):
    written = []
    real = os.fsync

    def full(descriptor):
        written.append(descriptor)
        if len(written) == 8:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"No space left on device\); what was prepared before"):
        prepared(small, tmp_path / "store")
    monkeypatch.undo()
    assert not list((tmp_path / "store").rglob("*.tmp"))
    assert prepared(small, tmp_path / "store").made == 6, "two clips were whole, of three entries"


HANGING = """
import pathlib, sys
from dataclasses import replace
from tests.test_prepare import RECIPE, Saboteur, prepared
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
    process, workers = hanging
    assert len(workers) >= 2
    sent = time.monotonic()
    process.send_signal(how)
    process.wait(10)
    _, alive = psutil.wait_procs(workers, timeout=10)
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
                workers = [c for c in children if "loky_posix" in str(c.cmdline())]
                workers[rng.integers(len(workers))].kill()
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
    assert mended.made == len(found.failures) and not mended.failures
    np.testing.assert_array_equal(mended.faces, prepared(corpus, store_root).faces)
