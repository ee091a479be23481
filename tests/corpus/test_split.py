"""No speaker in two sets, and no sound either."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.clip import Clip as AnyClip
from ravdess_exp.corpus.corpus import Corpus
from ravdess_exp.corpus.manifest import Clip, Manifest, expected_names
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.corpus.segment import Segment
from ravdess_exp.corpus.split import (
    LEAKY,
    SETS,
    FixedSplit,
    GroupedKFold,
    LeakySplit,
    LeaveOneSpeakerOut,
    Split,
)
from ravdess_exp.errors import SplitError
from ravdess_exp.run.clips import build_corpus

CORPUS = tuple(Clip.from_path(Path(f"{name}.mp4")) for name in expected_names())
EVERY = {path.stem for path in Path(conf_dir(), "split").glob("*.yaml")}
OPTIONS = sorted(EVERY - {"leaky"})  # that one shows what a leak is worth, and has its own test


def clip(name: str) -> Clip:
    return next(c for c in CORPUS if c.name == name)


@pytest.mark.parametrize("option", OPTIONS)
def test_no_speaker_in_two_sets(option):
    config = validate(compose_config([f"split={option}"]))
    split = config.split.build()(CORPUS)
    actors = [{c.actor for c in getattr(split, name)} for name in SETS]
    assert all(actors)
    assert not (actors[0] & actors[1] or actors[1] & actors[2] or actors[0] & actors[2])
    assert set.union(*actors) == set(range(1, 25))


def test_a_split_by_statement_has_neither_voice_nor_text_in_common():
    split = validate(compose_config(["split=statement"])).split.build()(CORPUS)
    assert {clip.statement for clip in split.train} == {"1"}
    assert {clip.statement for clip in split.validation} == {"1"}, "test's text chooses nothing"
    assert {clip.statement for clip in split.test} == {"2"}
    assert len(split.clips()) == len(CORPUS) // 2
    other = validate(compose_config(["split=statement", "split.test_statement=1"])).split.build()
    assert {clip.statement for clip in other(CORPUS).test} == {"1"}


def test_the_leaky_split_is_leaky_and_named_so():
    """It must not become harmless, or the comparison in the docs would mean nothing."""
    folds = [
        validate(compose_config(["split=leaky", f"split.fold={fold}"])).split.build()(CORPUS)
        for fold in range(6)
    ]
    for split in folds:
        assert isinstance(split, LeakySplit)
        actors = split.actors()
        assert len(set(actors["train"]) & set(actors["test"])) >= 20
        assert not {c.name for c in split.test} & {
            c.name for c in (*split.train, *split.validation)
        }
        assert isinstance(split.only({c.name for c in CORPUS[:500]}), LeakySplit)
        split.require_classes(Classes())
    tested = [c.name for split in folds for c in split.test]
    assert sorted(tested) == sorted(c.name for c in CORPUS)
    with pytest.raises(SplitError, match="a speaker may be in one set only"):
        Split(folds[0].train, folds[0].validation, folds[0].test)
    assert "same speakers" in LEAKY


def test_default_split_is_the_one_documented():
    split = validate(compose_config([])).split.build()(CORPUS)
    assert {c.actor for c in split.train} == set(range(1, 18))
    assert {c.actor for c in split.validation} == set(range(18, 23))
    assert {c.actor for c in split.test} == {23, 24}


def test_overlapping_lists_are_refused():
    with pytest.raises(SplitError, match="actors 2 are both in split.train and in split.test"):
        FixedSplit(train=[1, 2], validation=[3], test=[2])(CORPUS)


def test_an_actor_without_clips_is_named():
    some = [c for c in CORPUS if c.actor <= 18]
    with pytest.raises(SplitError, match="split.test: no clip of actors 23, 24"):
        FixedSplit(train=[1], validation=[2], test=[23, 24, 3])(some)


def test_loso_rotates_validation_over_all_actors():
    validated = []
    for actor in range(1, 25):
        split = LeaveOneSpeakerOut(test_actor=actor, validation_actors=4, seed=0)(CORPUS)
        assert {c.actor for c in split.test} == {actor}
        validation = {c.actor for c in split.validation}
        assert sum(a % 2 for a in validation) == 2, "men and women by turns"
        validated += validation
    assert all(validated.count(actor) == 4 for actor in range(1, 25))


def test_loso_is_seeded():
    def validation(seed):
        split = LeaveOneSpeakerOut(test_actor=7, validation_actors=4, seed=seed)(CORPUS)
        return {c.actor for c in split.validation}

    assert validation(0) == validation(0)
    assert len({frozenset(validation(seed)) for seed in range(5)}) > 1


def test_loso_needs_enough_actors():
    some = [c for c in CORPUS if c.actor <= 4]
    with pytest.raises(SplitError, match="validation_actors=4: the corpus has 4 actors"):
        LeaveOneSpeakerOut(test_actor=1, validation_actors=4, seed=0)(some)
    with pytest.raises(SplitError, match="test_actor=9"):
        LeaveOneSpeakerOut(test_actor=9, validation_actors=1, seed=0)(some)


@pytest.mark.parametrize(("actors", "folds"), [(18, 6), (24, 6), (24, 5), (24, 24)])
def test_grouped_kfold_scores_every_actor_once(actors, folds):
    some = [c for c in CORPUS if c.actor <= actors]
    tested, validated = [], []
    for fold in range(folds):
        split = GroupedKFold(folds=folds, fold=fold, seed=0)(some)
        test, validation = ({c.actor for c in s} for s in (split.test, split.validation))
        men = sum(actor % 2 for actor in test)
        assert abs(2 * men - len(test)) <= 1, "men and women by turns"
        tested += test
        validated += validation
    assert sorted(tested) == sorted(validated) == list(range(1, actors + 1))


def test_more_folds_than_actors():
    with pytest.raises(SplitError, match="split.folds=6: the corpus has 4 actors"):
        GroupedKFold(folds=6, fold=0, seed=0)([c for c in CORPUS if c.actor <= 4])


def corpus_of(overrides: list[str], clips) -> tuple[Corpus, Manifest]:
    """A corpus of these clips as a command line asks for it."""
    config = validate(compose_config(["data=ravdess", "data.root=/clips", *overrides]))
    corpus = build_corpus(config)
    selected = tuple(c for c in clips if c in corpus.selection)
    classes = Classes(config.data.classes, corpus.selection.without_emotions)
    manifest = Manifest(
        Path("/clips"), selected, tuple(clips), selection=corpus.selection, classes=classes
    )
    return replace(corpus, found=manifest), manifest


def proved(overrides: list[str], clips) -> None:
    corpus, manifest = corpus_of(overrides, clips)
    corpus.require_classes(corpus.split(manifest))


SONGS = tuple(
    Clip.of((1, 2, *c.place[2:]), c.path) for c in CORPUS if c.place[2] < 7 and c.actor != 18
)
BEFORE_18 = next(  # whom actor 18 validates for
    actor
    for actor in range(1, 25)
    if LeaveOneSpeakerOut(test_actor=actor, validation_actors=1, seed=0)(CORPUS).actors()[
        "validation"
    ]
    == [18]
)
LACKING = {  # what is asked for, of which clips, who lacks what
    "a class in a list": (
        ["split.test=[4,23]", "split.train=[1,2,3]"], (4, 23), "angry", "actors 4, 23 have none",
    ),
    "a class of one left out": (["split=loso", "split.test_actor=4"], (4,), "angry", "actor 4 has none"),
    "a merged class": (["split=loso", "split.test_actor=4"], (4,), ("neutral", "calm"), "actor 4 has none"),
    "a class and others left out": (
        ["split=loso", "split.test_actor=4", "data.without_emotions=[sad]"], (4,), "angry",
        "actor 4 has none",
    ),
    "a class in a fold": (["split=grouped_kfold", "split.folds=24"], range(1, 13), "angry", "has none"),
}  # fmt: skip


@pytest.mark.parametrize("case", LACKING)
def test_a_fold_that_lacks_a_class_names_the_actor_and_settings_that_go_on(case):
    overrides, actors, emotions, told = LACKING[case]
    emotions = emotions if isinstance(emotions, tuple) else (emotions,)
    some = [c for c in CORPUS if not (c.actor in actors and c.emotion in emotions)]
    with pytest.raises(SplitError, match=told) as caught:
        proved(overrides, some)
    settings = [word for word in shlex.split(str(caught.value).replace(";", " ")) if "=[" in word]
    emotion = next(word for word in settings if word.startswith("data.without_emotions="))
    proved([*overrides, emotion], some)
    if "split=loso" in overrides:
        assert "in a study 'data.without_actors=[4]' goes on without" in str(caught.value)
        proved([*overrides, "data.without_actors=[4]", "split.test_actor=1"], some)
        assert "split.test_actor=1 scores another" in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "told", "goes_on"),
    [
        (["split.test=[18]", "split.validation=[19]"], "split.test: no clip of actor 18 with",
         "name other actors in split.test"),
        (["split=loso", "split.test_actor=18"], "split.test: no clip of actor 18 with",
         "in a study 'data.without_actors=[18]' goes on without; split.test_actor=1 scores another"),
        (["split=loso", "split.validation_actors=1", f"split.test_actor={BEFORE_18}"],
         "split.validation: no clip of actor 18 with", "'data.without_actors=[18]' goes on without"),
    ],
)  # fmt: skip
def test_a_channel_that_an_actor_lacks_names_the_actor(overrides, told, goes_on):
    """Actor 18 of RAVDESS sang no songs."""
    both = (*CORPUS, *SONGS)
    song = ["data.channel=song", "data.without_emotions=[disgust,surprised]"]
    with pytest.raises(SplitError) as caught:
        proved([*overrides, *song], both)
    assert f"{told} data.channel=song; {goes_on}" in str(caught.value)
    if goes_on.startswith("'data"):
        proved([*overrides, *song, "data.without_actors=[18]"], both)


def test_a_list_of_actors_that_are_not_there_goes_on_without_them():
    some = [c for c in CORPUS if c.actor <= 23]
    with pytest.raises(SplitError, match=r"actors 24; .*; 'split\.test=\[23\]' goes on without"):
        proved([], some)
    proved(["split.test=[23]"], some)


def test_sexes_are_the_clips_to_say():
    """By turns as far as they are known; the parity of a number is RAVDESS's."""
    clips = [replace(c, sex="male" if c.actor < 13 else "female") for c in CORPUS]
    for fold in range(6):
        test = GroupedKFold(folds=6, fold=fold, seed=0)(clips).actors()["test"]
        assert sum(actor < 13 for actor in test) == 2
    unknown = [replace(c, sex=None) for c in CORPUS]
    assert len(GroupedKFold(folds=6, fold=0, seed=0)(unknown).actors()["test"]) == 4


def test_a_class_without_clips_is_named():
    some = [c for c in CORPUS if not (c.actor == 3 and c.emotion == "angry")]
    split = FixedSplit(train=[1], validation=[2], test=[3])(some)
    with pytest.raises(SplitError, match="split.test has no clip of: angry"):
        split.require_classes(Classes())


def test_the_sizes_are_described():
    text = FixedSplit(train=[1], validation=[2], test=[3])(CORPUS).describe(Classes())
    assert "train             12         8         8" in text and "60  1" in text


def part(start: float, end: float | None, speaker: str, file: str = "film.wav") -> AnyClip:
    segment = None if start is None else Segment(start, end)
    return AnyClip(
        (len(speaker), int(start or 0)),
        f"{file}#{segment}",
        Path(file),
        speaker,
        "sad",
        segment=segment,
    )


def test_what_is_said_at_the_same_time_in_one_film_is_in_one_set():
    """What is scored stays; validation and training lose what is heard in it too."""
    split = Split(
        train=(part(0, 4, "a"), part(8, 10, "a"), part(8, 10, "a", "other.wav")),
        validation=(part(6, 9, "b"), part(10, None, "b")),
        test=(part(3, 6, "c"), part(30, 31, "c")),
    )
    files = {clip.name: clip.path.name for clip in split.clips()}
    kept, notes = split.without_overlaps(files)
    assert [c.name for c in kept.train] == ["other.wav#t=8,10"]
    assert [c.name for c in kept.validation] == ["film.wav#t=6,9"], "10 s to the end holds 30 s"
    assert kept.test == split.test
    assert notes == [
        "film.wav#t=10 left out of validation: overlaps film.wav#t=30,31 in test",
        "film.wav#t=0,4 left out of train: overlaps film.wav#t=3,6 in test",
        "film.wav#t=8,10 left out of train: overlaps film.wav#t=6,9 in validation",
    ]


def test_a_whole_film_holds_all_of_its_parts():
    whole = part(None, None, "a")
    split = Split(train=(whole,), validation=(part(1, 2, "b", "x.wav"),), test=(part(1, 2, "c"),))
    files = {clip.name: clip.path.name for clip in split.clips()}
    assert split.without_overlaps(files)[0].train == ()
    copies = Split(train=(whole,), validation=(), test=(part(None, None, "c"),))
    assert copies.without_overlaps({})[0] == copies, "whole files are compared by what is in them"
