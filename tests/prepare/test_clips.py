"""Preparation: resumed, repeated, damaged, and with clips that are no good."""

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import av
import cv2
import numpy as np
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.manifest import scan
from ravdess_exp.errors import OutputError, PreparationError, TooManyFailuresError
from ravdess_exp.media.faces import Haar
from ravdess_exp.prepare import entries as module
from ravdess_exp.prepare.clips import prepare
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.prepare.store import Store
from tests.helpers.media_files import numbered_frames, tone, write_media

MFCC = validate(compose_config(["audio=mfcc"])).audio.build()
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
    common = {"modality": "both", "workers": 1, "max_failed": 0.02, "clip_seconds": 60.0}
    common["progress"] = False
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
    assert found.faces.shape == (32, 6, 64, 64, 3) and found.faces[0].dtype == np.uint8
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
    difference = np.asarray(later.faces).astype(int) - plain.faces[:]
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
    other = prepared(corpus, store_root, replace(RECIPE, feature=replace(MFCC, n_mfcc=17)))
    assert other.features[0].shape[0] == 17 and other.made == 32


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
    assert (len(found.features) == 0) == (modality == "video")


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


def only(path, kind: str):
    """Keep one stream of a clip: `audio` or `video`."""
    other = path.with_suffix(".tmp")
    with av.open(str(path)) as read, av.open(str(other), "w", format="mp4") as out:
        (kept,) = (stream for stream in read.streams if stream.type == kind)
        stream = out.add_stream_from_template(kept)
        for packet in read.demux(kept):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    other.replace(path)


LACKING = {
    "no picture": ("audio", lambda p: only(p, "audio")),
    "no sound": ("video", lambda p: only(p, "video")),
    "silent": ("video", lambda p: with_sound(p, tone() * 0)),
    "no sound that is one": ("video", lambda p: with_sound(p, tone() * np.nan)),
}


def with_sound(path, sound):
    """The clip's picture with another sound, uncompressed."""
    with module.Recording(path, sound=False) as recording:
        first, last = recording.seconds
        frames = recording.frames(np.arange(first, last, 0.1))
    common = {"container": "matroska", "audio_codec": "pcm_f32le"}
    write_media(path, sound=sound.astype(np.float32), frames=frames, fps=10, **common)


@pytest.mark.parametrize("lacking", LACKING)
def test_a_clip_that_lacks_what_is_not_asked_for_is_used(small, tmp_path, lacking, no_media):
    modality, spoil = LACKING[lacking]
    path = sorted(small.rglob("*.mp4"))[2]
    store = tmp_path / "store"
    plain = prepared(small, store, modality=modality)
    spoil(path)
    found = prepared(small, store, modality=modality, max_failed=0.0)
    assert not found.failures and found.made == 1 and len(found.clips) == 8
    if modality == "audio":
        np.testing.assert_array_equal(found.features[2], plain.features[2])
    else:
        assert list(found.unheard) == [found.clips[2].name] and found.faces.shape[0] == 8
        assert set(found.sound_digests) == {c.name for c in found.clips} - set(found.unheard)
    with pytest.raises(PreparationError, match="no picture|no sound|silent|not numbers"):
        prepared(small, store, max_failed=0.0)
    no_media()
    again = prepared(small, store, modality=modality, max_failed=0.0)
    assert again.made == 0 and again.unheard == found.unheard
    np.testing.assert_array_equal(again.intervals, found.intervals)


def test_copies_of_a_trial_do_not_count_as_failed(small, tmp_path):
    for path in sorted(small.rglob("*.mp4")):
        shutil.copy(path, path.with_name(f"{path.stem} (1).mp4"))
    shutil.copytree(small / "Actor_01", small / "Actor_01 - Copy")
    found = prepared(small, tmp_path / "store", max_failed=0.0, modality="audio")
    assert len(found.clips) == found.made == 8 and not found.failures
    assert all("(1)" not in clip.path.name for clip in found.clips)


def test_a_face_that_is_too_small_is_told_by_its_clip(small, tmp_path):
    path = sorted(small.rglob("*.mp4"))[2]
    with module.Recording(path) as recording:
        sound = recording.sound(48_000)
        frames = recording.frames(np.arange(*recording.seconds, 0.2))
    far = np.full((len(frames), 360, 640, 3), 128, np.uint8)
    far[:, 150:192, 300:356] = [
        cv2.resize(f, (56, 42), interpolation=cv2.INTER_AREA) for f in frames
    ]
    write_media(path, sound=sound, frames=far, fps=5)
    ((_, reason),) = prepared(small, tmp_path / "store", max_failed=0.2).failures
    assert "too small" in reason and "of 640 x 360" in reason and "face.smallest=0.0" in reason
    smallest = float(reason.rpartition("face.smallest=")[2].split()[0])
    recipe = replace(RECIPE, detector=replace(RECIPE.detector, smallest=smallest))
    assert not prepared(small, tmp_path / "store", recipe).failures


def test_a_longer_clip_by_the_setting(small, tmp_path):
    short = replace(RECIPE, longest=0.5)
    with pytest.raises(TooManyFailuresError, match=r"longer than 0\.5 s, the most that") as caught:
        prepared(small, tmp_path / "store", short, modality="audio")
    assert len(caught.value.failures) == 8
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - as a launcher sends it
    assert again.failures == caught.value.failures and str(again) == str(caught.value)
    assert len(prepared(small, tmp_path / "store", modality="audio").clips) == 8


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
    real = module.faces_of
    monkeypatch.setattr(
        module,
        "faces_of",
        lambda r, i, c: burst() if r._container.name == str(names[0]) else real(r, i, c),
    )
    found = prepared(small, tmp_path / "store", max_failed=0.2)
    assert found.failures == [(names[0], "RuntimeError: an unheard-of error")]
    monkeypatch.undo()
    assert not prepared(small, tmp_path / "store").failures, "it may pass, so it is tried again"


KILLED = """
import sys, pathlib
from tests.prepare.test_clips import prepared
prepared(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("finished", [1, 20])
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
