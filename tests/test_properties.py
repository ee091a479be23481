"""What must hold whatever the input is, over generated input; the same examples at every run."""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import f1_score, recall_score

from ravdess_exp.augment import Augment
from ravdess_exp.commandline import compose_config
from ravdess_exp.config import validate
from ravdess_exp.corpus.labels import ACTORS, STATEMENTS
from ravdess_exp.corpus.manifest import _FIELDS, Clip, expected_names, scan
from ravdess_exp.corpus.split import (
    SETS,
    FixedSplit,
    GroupedKFold,
    LeakyKFold,
    LeakySplit,
    LeaveOneSpeakerOut,
    Split,
    StatementSplit,
)
from ravdess_exp.errors import CorpusError, FaceError, SplitError
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.visual import fill_gaps, frame_times, loudest_half
from ravdess_exp.media.faces import Box
from ravdess_exp.metrics import macro_f1, uar

repeatable = settings(derandomize=True, deadline=None, max_examples=150, database=None)
few = settings(repeatable, max_examples=40)

FOREIGN_DIGITS = (
    "٠١٢٣٤٥٦٧٨٩",
    "०१२३४५६७८९",
    "０１２３４５６７８９",
)  # to `int`, digits like others
NAMES = list(expected_names())
names = st.sampled_from(NAMES)
seeds = st.integers(0, 2**32 - 1)
suffixes = st.sampled_from([".mp4", ".MP4", ".mkv", ".avi", ".mov", ".flv"])


@repeatable
@given(
    st.one_of(
        st.text(),
        st.from_regex(r"\d\d(-\d\d){6}", fullmatch=True),
        st.lists(st.integers(0, 99), min_size=6, max_size=8).map(
            lambda codes: "-".join(f"{code:02d}" for code in codes)
        ),
        names,
        st.builds(
            str.translate,
            names,
            st.sampled_from([dict(zip(range(48, 58), d, strict=True)) for d in FOREIGN_DIGITS]),
        ),
    ),
    suffixes,
)
def test_any_file_name_is_a_clip_or_refused_by_name(stem, suffix):
    path = Path(stem + suffix)
    try:
        clip = Clip.from_path(path)
    except CorpusError as error:
        assert path.name in str(error)
        assert path.stem not in NAMES
    else:
        assert clip.name == path.stem and clip.path == path
        assert all(getattr(clip, field) in known for field, known in _FIELDS)


folders = st.lists(st.sampled_from(["a", "Actor 01", "é", "b.mp4"]), max_size=3).map("/".join)
files = st.tuples(folders, st.one_of(names, st.sampled_from(["x", "01-01"])), suffixes)


@few
@given(st.lists(files, min_size=1, max_size=12, unique=True), st.randoms(use_true_random=False))
def test_a_manifest_is_of_the_files_and_not_of_their_order(listed, random):
    """Each video file is a clip or rejected with a reason; copies of a trial are rejected."""
    assume(any(name in NAMES for _, name, _ in listed))
    found = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as root:
            for folder, name, suffix in listed:
                path = Path(root, folder, name + suffix)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            manifest = scan(Path(root))
            clips = [(clip.name, clip.path.relative_to(root)) for clip in manifest.clips]
            rejected = [path.relative_to(root) for path, _ in manifest.rejected]
            assert len(clips) + len(rejected) == len(listed) and not manifest.other
            assert {name for name, _ in clips} == {n for _, n, _ in listed if n in NAMES}
            assert clips == sorted(clips) and all(reason for _, reason in manifest.rejected)
            found.append((clips, rejected))
        random.shuffle(listed)
    assert found[0] == found[1]


@st.composite
def corpora(draw) -> list[Clip]:
    """Clips of some actors, of each some, in any order."""
    actors = draw(st.lists(st.sampled_from(list(ACTORS)), min_size=3, max_size=24, unique=True))
    share = draw(st.sampled_from([0.05, 0.5, 1.0]))
    rng = np.random.default_rng(draw(seeds))
    some = [n for n in NAMES if int(n[-2:]) in actors and rng.random() < share]
    missing = set(actors) - {int(n[-2:]) for n in some}  # at least a clip of each
    some += [f"01-01-03-01-01-01-{actor:02d}" for actor in missing]
    return [Clip.from_path(Path(f"{some[i]}.mp4")) for i in rng.permutation(len(some))]


def actors_of(clips) -> set[int]:
    return {clip.actor for clip in clips}


def check(make, clips: list[Clip]) -> Split:
    """Disjoint, of these clips alone, and the same for any order of them."""
    split = make(clips)
    heard = [actors_of(getattr(split, name)) for name in SETS]
    assert not heard[0] & heard[1] and not heard[1] & heard[2] and not heard[0] & heard[2]
    assert set(split.clips()) <= set(clips) and len(set(split.clips())) == len(split.clips())
    other = make(list(reversed(clips)))
    assert all(set(getattr(split, n)) == set(getattr(other, n)) for n in SETS)
    return split


@repeatable
@given(corpora(), st.randoms(use_true_random=False), st.sampled_from(list(STATEMENTS)))
def test_fixed_and_statement_splits(clips, random, statement):
    actors = sorted(actors_of(clips))
    random.shuffle(actors)
    lists = {"train": actors[2:], "validation": actors[:1], "test": actors[1:2]}
    fixed = check(FixedSplit(**lists), clips)
    assert set(fixed.clips()) == set(clips)
    assert {n: set(a) for n, a in fixed.actors().items()} == {n: set(a) for n, a in lists.items()}
    split = check(StatementSplit(**lists, test_statement=statement), clips)
    assert {c.statement for c in split.test} <= {statement}
    assert statement not in {c.statement for c in split.train + split.validation}
    overlapping = lists | {"train": actors}
    with pytest.raises(SplitError, match=r"actors .* are both in split\.train and in split\."):
        FixedSplit(**overlapping)(clips)


@few
@given(corpora(), st.integers(1, 5), seeds)
def test_every_actor_is_left_out_once(clips, validation_actors, seed):
    scored, actors = Counter(), sorted(actors_of(clips))
    common = {"validation_actors": validation_actors, "seed": seed}
    for actor in LeaveOneSpeakerOut.all_folds(actors):
        split = LeaveOneSpeakerOut(test_actor=actor, **common)
        if len(actors) < validation_actors + 2:
            with pytest.raises(SplitError, match=r"split\.validation_actors="):
                split(clips)
            return
        found = check(split, clips)
        assert actors_of(found.test) == {actor}
        assert len(actors_of(found.validation)) == validation_actors
        assert set(found.clips()) == set(clips)
        scored.update(clip.name for clip in found.test)
    assert scored == Counter(clip.name for clip in clips)


@few
@given(corpora(), st.integers(3, 24), seeds)
def test_every_clip_is_scored_once_over_the_folds(clips, folds, seed):
    scored = Counter()
    for fold in range(folds):
        split = GroupedKFold(folds=folds, fold=fold, seed=seed)
        if len(actors_of(clips)) < folds:
            with pytest.raises(SplitError, match=r"split\.folds="):
                split(clips)
            return
        found = check(split, clips)
        assert found.train and found.validation and found.test
        assert set(found.clips()) == set(clips)
        scored.update(clip.name for clip in found.test)
    assert scored == Counter(clip.name for clip in clips)


@few
@given(corpora(), st.integers(3, 24), seeds)
def test_the_leaky_split_is_marked_and_scores_each_clip_once(clips, folds, seed):
    assume(len(clips) >= folds)
    scored = Counter()
    for fold in range(folds):
        leaky = LeakyKFold(folds=folds, fold=fold, seed=seed)
        split = leaky(clips)
        assert isinstance(split, LeakySplit) and split == leaky(clips[::-1])
        assert sorted(split.clips()) == sorted(clips)
        scored.update(clip.name for clip in split.test)
    assert scored == Counter(clip.name for clip in clips)


AUDIO = {n: validate(compose_config([f"audio={n}"])).audio.build() for n in ("mfcc", "logmel")}
RATE = 16_000


@st.composite
def waveforms(draw) -> np.ndarray:
    """One sample to ten seconds of noise at any level, constants, clicks and clipping."""
    samples = draw(st.one_of(st.integers(1, 2000), st.integers(1, 10 * RATE)))
    level = draw(st.sampled_from([0.0, 1e-42, 1e-30, 1e-8, 1e-3, 1.0, 100.0]))
    rng = np.random.default_rng(draw(seeds))
    noise = rng.normal(size=samples)
    match draw(st.sampled_from(["noise", "constant", "click", "clipped", "tone"])):
        case "constant":
            noise = np.ones(samples)
        case "click":
            noise = np.eye(1, samples, int(rng.integers(samples)))[0]
        case "clipped":
            noise = np.sign(noise)
        case "tone":
            noise = np.sin(np.arange(samples) / rng.uniform(0.4, 200))
    return (level * noise).astype(np.float32)


@pytest.mark.filterwarnings("ignore:n_fft=.* is too large")  # for a clip that is shorter
@settings(repeatable, max_examples=80)
@given(
    st.sampled_from(list(AUDIO)),
    waveforms(),
    st.sampled_from(["sample", "coefficient"]),
    st.integers(1, 800),
)
def test_any_waveform_becomes_an_input_of_one_shape(option, waveform, how, frames):
    feature = AUDIO[option](waveform)
    assert feature.dtype == np.float32 and np.isfinite(feature).all()
    rows, length = feature.shape
    given_to_model = AudioInput(how, frames)(feature)
    assert given_to_model.shape == (rows, frames, 1) and given_to_model.dtype == np.float32
    assert np.isfinite(given_to_model).all()
    assert not given_to_model[:, : max(0, frames - length)].any(), "zeros stand in front"


@repeatable
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=40),
        elements=st.floats(-1000, 1000, width=32),
    ),
    st.sampled_from(["sample", "coefficient"]),
    st.integers(0, 30),
)
def test_a_standardised_sample_has_mean_0_and_deviation_1(feature, how, padding):
    length = feature.shape[1]
    values = AudioInput(how, length + padding)(feature)[:, padding:, 0].astype(np.float64)
    groups = (feature, values) if how == "coefficient" else (feature.ravel(), values.ravel())
    for before, after in zip(*map(np.atleast_2d, groups), strict=True):
        spread = np.ptp(before.astype(np.float64))
        if spread > 1e-4 and spread > 1e-3 * np.abs(feature).max():  # less is rounding of float32
            assert abs(after.mean()) < 1e-2 and after.std() == pytest.approx(1, abs=1e-2)
        elif spread == 0:
            assert np.ptp(after) == 0 and np.abs(after).max() <= 1.001


boxes = st.builds(Box, *[st.floats(1, 100)] * 4)


@repeatable
@given(st.lists(st.one_of(st.none(), boxes), min_size=1, max_size=12))
def test_a_gap_takes_the_nearest_box_of_the_clip(detected):
    found = [i for i, box in enumerate(detected) if box]
    if not found:
        with pytest.raises(FaceError, match=f"none|any of its {len(detected)} frames"):
            fill_gaps(detected)
        return
    for i, box in enumerate(fill_gaps(detected)):
        nearest = min(abs(i - j) for j in found)
        assert any(box is detected[j] for j in found if abs(i - j) == nearest)


@repeatable
@given(
    st.floats(0, 50),
    st.floats(0.1, 10),
    st.integers(1, 30),
    st.sampled_from([4000, 16_000, 48_000]),
)
def test_frame_times_and_the_loudest_half_lie_within_the_speech(start, length, count, rate):
    samples = max(2, int(length * rate))
    end = start + samples / rate
    loud = np.zeros(samples, np.float32)
    loud[samples // 4 : samples // 2] = 1.0
    low, high = loudest_half(loud, (start, end), sample_rate=rate)
    assert start - 1e-6 <= low <= start + samples / 4 / rate + 1e-6
    assert low < high <= end + 1e-6 and high - low == pytest.approx(samples // 2 / rate)
    times = frame_times((low, high), count)
    assert len(times) == count and times == sorted(times)
    assert low - 1e-9 <= times[0] and times[-1] <= high + 1e-9
    assert count == 1 or (times[0], times[-1]) == (low, high)


@repeatable
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=60))
def test_scores_are_scikit_learns(pairs):
    labels, predicted = (np.array(values) for values in zip(*pairs, strict=True))
    common = {"labels": np.unique(labels), "average": "macro", "zero_division": 0}
    assert uar(labels, predicted) == pytest.approx(recall_score(labels, predicted, **common))
    assert macro_f1(labels, predicted) == pytest.approx(f1_score(labels, predicted, **common))


share = st.floats(0, 1)


@few
@given(
    st.booleans(),
    st.tuples(*[share] * 7),
    st.tuples(*[st.integers(0, 3)] * 2),
    st.sampled_from([(3, 16, 16, 3), (1, 8, 12, 1), (6, 64, 64, 3)]),
    seeds,
)
def test_augmentation_stays_in_range_and_keeps_shapes(flip, shares, masks, shape, seed):
    names = ("brightness", "contrast", "colour", "shift", "zoom")
    augment = Augment(
        flip=flip,
        **dict(zip(names, shares, strict=False)),
        time_masks=masks[0],
        time_mask_share=shares[5],
        frequency_masks=masks[1],
        frequency_mask_share=shares[6],
        modality_dropout=shares[0],
    )
    rng = np.random.default_rng(seed)
    frames = rng.random(shape, dtype=np.float32)
    before = frames.copy()
    changed = augment.faces(frames, rng)
    assert changed.shape == shape and changed.dtype == np.float32
    assert np.isfinite(changed).all() and changed.min() >= 0 and changed.max() <= 1
    np.testing.assert_array_equal(frames, before)
    sound = rng.normal(size=(24, 50, 1)).astype(np.float32)
    masked = augment.sound(sound, rng)
    assert masked.shape == sound.shape
    np.testing.assert_array_equal(masked[masked != 0], sound[masked != 0])
    assert augment.lost_input(1, rng) is None and augment.lost_input(2, rng) in (None, 0, 1)
