"""The prepared store: whole entries or none, found by content."""

import os
import time

import numpy as np
import pytest

from ravdess_exp.errors import OutputError
from ravdess_exp.prepare.store import ContentDigests, Store


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "prepared")


def test_what_is_put_is_got(store, rng):
    array = rng.normal(size=(3, 4)).astype(np.float32)
    key = store.key("feature", "content", {"n": 1})
    assert not store.has(key) and store.get(key) is None
    store.put(key, feature=array, text=np.array("happy"))
    found = store.get(key)
    np.testing.assert_array_equal(found["feature"], array)
    assert str(found["text"]) == "happy"
    assert set(store.get(key, without="feature")) == {"text"}


def test_a_key_is_of_kind_content_and_settings(store):
    keys = {
        store.key(kind, content, settings)
        for kind in ("faces", "feature")
        for content in ("a", "b")
        for settings in ({"n": 1}, {"n": 2}, {"m": 1})
    }
    assert len(keys) == 12
    assert store.key("k", "c", {"a": 1, "b": 2}) == store.key("k", "c", {"b": 2, "a": 1})


def damaged(path, kind: str):
    """The damaged contents of a file, one after the other."""
    whole = path.read_bytes()
    for at in range(len(whole)):
        if kind == "cut":
            yield whole[:at]
        else:
            for bit in range(8):
                yield whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]


@pytest.mark.parametrize("kind", ["cut", pytest.param("flipped bit", marks=pytest.mark.slow)])
def test_no_damage_of_an_entry_gives_other_arrays(store, kind):
    """Cut at every byte, or any single bit flipped: the same arrays, or none and it is made again."""
    key = store.key("speech", "content", {})
    arrays = {
        "waveform": np.arange(100, dtype=np.float32),
        "interval": np.array([0.5, 2.25]),
        "digest": np.array("ab"),
    }
    store.put(key, **arrays)
    path = store._path(key)
    made_again, contents = 0, [*damaged(path, kind)]
    for content in contents:
        path.write_bytes(content)
        found = store.get(key)
        if found is None:
            assert not store.has(key)
            made_again += 1
        else:
            assert list(found) == list(arrays)
            for name, array in arrays.items():
                np.testing.assert_array_equal(found[name], array, strict=True)
    assert made_again > len(contents) / 2, "the damage is noticed where it matters"


def test_what_is_not_read_is_not_judged_and_what_is_read_is(store):
    """Reading without the waveform neither reads nor forgives damage of it."""
    key = store.key("speech", "content", {})
    store.put(key, waveform=np.zeros(1000, np.float32), interval=np.array([0.5, 2.25]))
    path = store._path(key)
    content = bytearray(path.read_bytes())
    content[content.index(bytes(100)) + 50] ^= 1
    path.write_bytes(content)
    assert list(store.get(key, without="waveform")) == ["interval"]
    assert store.get(key) is None and not store.has(key)


def test_an_entry_that_may_not_be_read_is_not_removed(store, monkeypatch):
    key = store.key("speech", "content", {})
    store.put(key, interval=np.zeros(2))

    def refuse(*args, **kwargs):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(type(store.root), "open", refuse)
    with pytest.raises(OutputError, match=r"\.npz: cannot be read \(Too many open files\)"):
        store.get(key)
    monkeypatch.undo()
    assert store.get(key) is not None


def test_nothing_pickled_is_read(store):
    key = store.key("feature", "content", {})
    path = store._path(key)
    path.parent.mkdir(parents=True)
    np.savez(path, feature=np.array([{"a": 1}], dtype=object))
    assert store.get(key) is None


def test_a_full_disk_leaves_no_half_entry(store, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    key = store.key("feature", "content", {})
    with pytest.raises(OutputError, match="No space left on device"):
        store.put(key, feature=np.arange(10))
    assert not store.has(key) and not list(store.root.rglob("*.tmp"))


def test_unfinished_files_of_killed_processes_are_swept(store):
    old, new = store.root / "feature" / "a.tmp", store.root / "feature" / "b.tmp"
    old.parent.mkdir()
    old.touch()
    new.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    store.sweep()
    assert not old.exists() and new.exists(), "a young one may be of a process that still writes"


def test_an_unwritable_store_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"data\.store=.*file/prepared: cannot be written"):
        Store(tmp_path / "file" / "prepared")


def test_a_file_is_read_once_and_again_when_it_changed(store, tmp_path, monkeypatch):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"one")
    digests = ContentDigests(store)
    first = digests(path)
    digests.save()
    again = ContentDigests(store)
    path.chmod(0o600)
    monkeypatch.setattr(type(path), "open", lambda *a, **k: pytest.fail("the file was read"))
    assert again(path) == first
    monkeypatch.undo()
    path.write_bytes(b"other")
    os.utime(path, ns=(1, 1))
    assert again(path) != first


def test_no_damage_of_the_memory_of_digests_gives_another_digest(store, tmp_path):
    """Any bit of contents.json flipped, or cut anywhere: the file's own digest all the same."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"one")
    digests = ContentDigests(store)
    expected = digests(path)
    digests.save()
    memory = store.root / "contents.json"
    contents = [c for kind in ("cut", "flipped bit") for c in damaged(memory, kind)]
    for content in [*contents, b"[]", b"{}", b"null", b'{"files": 1, "sha256": 2}']:
        memory.write_bytes(content)
        assert ContentDigests(store)(path) == expected


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (os.mkfifo, "not a regular file"),
        (lambda p: p.symlink_to("/dev/zero"), "not a regular file"),
        (lambda p: p.mkdir(), "not a regular file"),
        (lambda p: p.symlink_to(p.name), "Too many levels"),
        (lambda p: (p.touch(), os.truncate(p, 2**40)), "1,099,511,627,776 bytes, more than any"),
    ],
    ids=["pipe", "device", "folder", "loop", "huge"],
)
def test_what_would_be_read_for_ever_is_not_read(store, tmp_path, make, reason):
    path = tmp_path / "clip.mp4"
    make(path)
    with pytest.raises(OSError, match=reason):
        ContentDigests(store)(path)
