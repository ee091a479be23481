"""What must hold whatever the input is, over generated input; the same examples at every run."""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ravdess_exp.corpus.manifest import Clip, expected_names, scan
from ravdess_exp.corpus.ravdess.clip import _FIELDS
from ravdess_exp.corpus.ravdess.labels import ACTORS, STATEMENTS
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
from ravdess_exp.errors import CorpusError, SplitError

most, many, few = (settings(max_examples=count) for count in (500, 150, 40))  # by what one takes

FOREIGN_DIGITS = (
    "٠١٢٣٤٥٦٧٨٩",
    "०१२३४५६७८९",
    "０１２３４５６７８９",
)  # to `int`, digits like others
NAMES = list(expected_names())
names = st.sampled_from(NAMES)
seeds = st.integers(0, 2**32 - 1)
suffixes = st.sampled_from([".mp4", ".MP4", ".mkv", ".avi", ".mov", ".flv"])


@most
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
        assert all(code in known for code, (_, known) in zip(clip.place, _FIELDS, strict=True))


folders = st.lists(st.sampled_from(["a", "Actor 01", "é", "b.mp4"]), max_size=3).map("/".join)
files = st.tuples(folders, st.one_of(names, st.sampled_from(["x", "01-01"])), suffixes)


@few
@given(st.lists(files, min_size=1, max_size=12, unique=True), st.randoms(use_true_random=False))
def test_a_manifest_is_of_the_files_and_not_of_their_order(listed, random):
    """Each video file is a clip, a copy of one, or rejected with a reason."""
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
            unused = [*manifest.rejected, *manifest.copies]
            rejected = [path.relative_to(root) for path, _ in unused]
            assert len(clips) + len(rejected) == len(listed) and not manifest.other
            assert {path.stem for path, _ in manifest.rejected} <= {"x", "01-01"}
            assert {name for name, _ in clips} == {n for _, n, _ in listed if n in NAMES}
            assert clips == sorted(clips) and all(reason for _, reason in unused)
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


@many
@given(corpora(), st.randoms(use_true_random=False), st.sampled_from(list(STATEMENTS)))
def test_fixed_and_statement_splits(clips, random, statement):
    actors = sorted(actors_of(clips))
    random.shuffle(actors)
    lists = {"train": actors[2:], "validation": actors[:1], "test": actors[1:2]}
    fixed = check(FixedSplit(**lists), clips)
    assert set(fixed.clips()) == set(clips)
    assert {n: set(a) for n, a in fixed.actors().items()} == {n: set(a) for n, a in lists.items()}
    split = check(StatementSplit(**lists, test_statement=statement), clips)
    assert {c.statement for c in split.test} <= {str(statement)}
    assert str(statement) not in {c.statement for c in split.train + split.validation}
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
