"""Variants in the store: the same whoever makes them, made once, read back, and failures told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ravdess_exp.corpus.manifest import scan
from ravdess_exp.errors import FeatureError, PreparationError
from ravdess_exp.features.variants import SoundVariants
from ravdess_exp.prepare import variants as module
from ravdess_exp.prepare.preparation import Preparation, Preparer
from ravdess_exp.prepare.store import Store
from tests.prepare.test_clips import MFCC, RECIPE

RANGES = {"speed": 0.15, "pitch": 2.0, "gain": 6.0, "snr": (10.0, 40.0), "reverberation": 0.4}


def preparation(store: Path, count: int = 2, **changes) -> Preparation:
    common = {"recipe": RECIPE, "workers": 1, "modality": "audio", "max_failed": 0.02}
    varied = SoundVariants(count=count, **RANGES)
    return Preparation(store=store, clip_seconds=60.0, **common | {"variants": varied} | changes)


@pytest.fixture
def few(corpus):
    """The clips of one actor, and two of another."""
    clips = scan(corpus).clips
    return [c for c in clips if c.actor == 1] + [c for c in clips if c.actor == 2][:2]


def variants(asked: Preparation, clips, of=None, preparer=None) -> dict[str, list[np.ndarray]]:
    preparer = preparer or Preparer()
    prepared = preparer(asked, clips)
    found = preparer.vary(asked, prepared, prepared.clips if of is None else of)
    return {name: list(rows) for name, rows in found.items()}


def assert_same(one, two) -> None:
    assert one.keys() == two.keys()
    for name, rows in one.items():
        for a, b in zip(rows, two[name], strict=True):
            np.testing.assert_array_equal(a, b)


def test_each_clip_has_its_own_and_they_differ(few, tmp_path):
    found = variants(preparation(tmp_path), few)
    assert set(found) == {clip.name for clip in few}
    every = [feature for rows in found.values() for feature in rows]
    assert len(every) == 2 * len(few) == len({feature.tobytes() for feature in every})
    assert all(f.shape[0] == 24 and f.dtype == np.float32 for f in every)
    assert variants(preparation(tmp_path, variants=None), few) == {}


@pytest.mark.slow
def test_workers_and_threads_and_the_other_clips_change_nothing(few, tmp_path):
    """A worker has one thread, this process has all; a fold asks for other clips in another order."""
    here = variants(preparation(tmp_path / "one"), few)
    there = variants(preparation(tmp_path / "two", workers=2), few[::-1])
    assert_same(here, {name: there[name] for name in here})
    fold = variants(preparation(tmp_path / "three"), few, of=few[3:5])
    assert_same(fold, {clip.name: here[clip.name] for clip in few[3:5]})


def test_folds_share_what_is_made(few, tmp_path, monkeypatch):
    """And more variants of a clip are the ones that there are, and new ones."""
    first = variants(preparation(tmp_path), few)
    made = []
    real = module._entry

    def entry(speech, content, number, *others):
        made.append(number)
        return real(speech, content, number, *others)

    monkeypatch.setattr(module, "_entry", entry)
    assert_same(first, variants(preparation(tmp_path), few))
    assert not made
    more = variants(preparation(tmp_path, count=3), few)
    assert made == [2] * len(few)
    assert_same(first, {name: rows[:2] for name, rows in more.items()})


def test_a_process_reads_each_once(few, tmp_path, monkeypatch):
    asked, preparer = preparation(tmp_path), Preparer()
    first = variants(asked, few, of=few[:4], preparer=preparer)
    read = []
    real = Store.get
    monkeypatch.setattr(
        Store, "get", lambda self, key, **kind: read.append(key) or real(self, key, **kind)
    )
    second = variants(asked, few, of=few[2:6], preparer=preparer)
    assert sum(key.startswith("variant/") for key in read) == 2 * 2, "of two new clips"
    assert_same(
        {c.name: first[c.name] for c in few[2:4]}, {c.name: second[c.name] for c in few[2:4]}
    )


def test_other_ranges_and_another_feature_are_other_variants(few, tmp_path):
    first = variants(preparation(tmp_path), few[:1])
    wider = SoundVariants(count=2, **RANGES | {"pitch": 4.0})
    for changes in (
        {"variants": wider},
        {"recipe": replace(RECIPE, feature=replace(MFCC, n_fft=1024))},
    ):
        other = variants(preparation(tmp_path, **changes), few[:1])
        (one,), (two,) = first.values(), other.values()
        assert not any(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_the_sound_of_a_variant_does_not_depend_on_the_feature(few, tmp_path, monkeypatch):
    """Two features that are compared hear the same variants."""
    heard = []
    real = module.varied
    monkeypatch.setattr(module, "varied", lambda *a, **k: heard.append(real(*a, **k)) or heard[-1])
    for n_mfcc in (13, 24):
        feature = replace(MFCC, n_mfcc=n_mfcc)
        variants(preparation(tmp_path, recipe=replace(RECIPE, feature=feature)), few[:1])
    for one, two in zip(heard[:2], heard[2:], strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_damaged_entry_is_made_again(few, tmp_path):
    first = variants(preparation(tmp_path), few)
    path = next((tmp_path / "variant").rglob("*.npz"))
    path.write_bytes(path.read_bytes()[:-40])
    assert_same(first, variants(preparation(tmp_path), few))


def unlucky(monkeypatch, clips, error) -> None:
    """The second variant of these clips cannot be made."""
    real = module.feature_of
    calls = []

    def feature_of(sound, recipe):
        calls.append(1)
        if len(calls) <= 2 * clips and len(calls) % 2 == 0:
            raise error
        return real(sound, recipe)

    monkeypatch.setattr(module, "feature_of", feature_of)


def test_a_clip_that_cannot_be_varied_trains_as_it_is(few, tmp_path, monkeypatch):
    unlucky(monkeypatch, 1, FeatureError("too short"))
    asked = preparation(tmp_path, max_failed=0.2)
    assert few[0].name not in variants(asked, few)
    assert few[0].name not in variants(asked, few), "the reason is kept"


def test_too_many_that_cannot_be_varied_are_one_message(few, tmp_path, monkeypatch):
    unlucky(monkeypatch, 3, FeatureError("too short"))
    with pytest.raises(PreparationError, match="3 of 10 training clips cannot be varied") as caught:
        variants(preparation(tmp_path), few)
    assert str(few[0].path) in str(caught.value) and "variant 1: too short" in str(caught.value)
    assert "augment.sound_variants=0" in str(caught.value) and "\n" not in str(caught.value)


def test_a_surprise_is_tried_again_by_the_next_start(few, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        unlucky(patch, 1, ZeroDivisionError("surprise"))
        assert few[0].name not in variants(preparation(tmp_path, max_failed=0.2), few)
    assert few[0].name in variants(preparation(tmp_path), few)


def test_speech_that_is_gone_is_named(few, tmp_path):
    asked, preparer = preparation(tmp_path), Preparer()
    prepared = preparer(asked, few)
    for path in (tmp_path / "speech").rglob("*.npz"):
        path.unlink()
    with pytest.raises(PreparationError, match="entries were removed during the run"):
        preparer.vary(asked, prepared, prepared.clips)
