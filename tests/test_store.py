"""The prepared store: whole entries or none, found by content."""

import os
import time

import numpy as np
import pytest

from ravdess_exp.errors import OutputError
from ravdess_exp.features.store import ContentDigests, Store


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


@pytest.mark.parametrize("damage", ["truncate", "flip", "empty"])
def test_a_damaged_entry_is_noticed_and_removed(store, damage):
    key = store.key("feature", "content", {})
    store.put(key, feature=np.arange(1000.0))
    path = store._path(key)
    content = bytearray(path.read_bytes())
    if damage == "truncate":
        content = content[: len(content) // 2]
    elif damage == "flip":
        content[len(content) // 2] ^= 1
    else:
        content = b""
    path.write_bytes(content)
    assert store.get(key) is None
    assert not store.has(key), "so it is made again"


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


def test_a_damaged_memory_of_digests_is_forgotten(store, tmp_path):
    (store.root / "contents.json").write_text("{half")
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"one")
    assert len(ContentDigests(store)(path)) == 64
