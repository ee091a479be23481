"""A further corpus that is only scored: which of its clips a model can be scored on."""

from functools import partial
from pathlib import Path

import pytest

from ravdess_exp.corpus.classes import ListedClasses
from ravdess_exp.corpus.manifest import scan
from ravdess_exp.corpus.other import OtherCorpus, of_known_speakers
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.corpus.several import CorpusPart
from ravdess_exp.corpus.table import list_table
from ravdess_exp.errors import CorpusError
from tests.corpus.test_manifest import touch
from tests.corpus.test_table import write

SEVEN = Classes()


def other(list_clips, labels=None) -> OtherCorpus:
    return OtherCorpus(
        "there", "data.test", "table", Path(), CorpusPart("there", list_clips, labels)
    )


@pytest.fixture
def table(tmp_path) -> Path:
    """Two clips each of joy, sad and boredom, of two speakers."""
    rows = []
    for speaker in ("ann", "bob"):
        for emotion in ("joy", "sad", "boredom"):
            (tmp_path / f"{speaker}{emotion}.mp4").touch()
            rows.append([f"{speaker}{emotion}.mp4", speaker, emotion])
    return write(tmp_path, rows, ["path", "speaker", "emotion"])


def test_labels_say_which_class_is_which_and_the_rest_is_counted(table):
    labels = {"joy": "happy", "sad": "sad", "boredom": "bored"}
    found = other(partial(list_table, table, labels=labels, fewest_speakers=1)).scorable(SEVEN)
    assert sorted({clip.emotion for clip in found.clips}) == ["happy", "sad"]
    assert len(found.clips) == 4 and found.unknown == {"bored": 2}
    assert {of.reason for of in found.left_out} == {"the model does not know bored"}
    assert found.lacking == ("neutral", "angry", "fearful", "disgust", "surprised")


def test_labels_that_leave_out_are_counted_by_emotion(table):
    labels = {"joy": "happy", "sad": "sad", "boredom": None}
    found = other(partial(list_table, table, labels=labels, fewest_speakers=1)).scorable(SEVEN)
    assert found.unknown == {"boredom": 2} and len(found.rows) == 2


def test_without_labels_names_are_compared_as_they_are(table):
    """`joy` is not guessed to be happy; one class in common says nothing, and what to do is told."""
    with pytest.raises(
        CorpusError, match="1 classes in common.*sad, boredom, joy.*data.test.labels"
    ):
        other(partial(list_table, table, fewest_speakers=1)).scorable(SEVEN)


def test_ravdess_s_calm_is_neutral_to_every_model(tmp_path):
    touch(tmp_path, *(f"01-01-0{e}-01-01-01-01.mp4" for e in (1, 2, 3)))
    model = ListedClasses(("neutral", "happy", "bored"))
    found = other(partial(scan, tmp_path)).scorable(model)
    assert [clip.emotion for clip in found.clips] == ["neutral", "neutral", "happy"]
    assert found.lacking == ("bored",)


def test_labels_of_ravdess_speak_of_its_emotions(tmp_path):
    touch(tmp_path, *(f"01-01-0{e}-01-01-01-01.mp4" for e in (1, 2, 3)))
    model = ListedClasses(("relaxed", "happy"))
    labels = {"calm": "relaxed", "happy": "happy"}
    found = other(partial(scan, tmp_path), labels).scorable(model)
    assert [clip.emotion for clip in found.clips] == ["relaxed", "happy"]
    assert found.unknown == {"neutral": 1}


def test_a_class_that_the_run_leaves_out_is_not_known(tmp_path):
    touch(tmp_path, *(f"01-01-0{e}-01-01-01-01.mp4" for e in (1, 3, 4, 7)))
    found = other(partial(scan, tmp_path)).scorable(Classes(without=("disgust",)))
    assert found.unknown == {"disgust": 1} and "disgust" not in found.lacking


def test_a_speaker_of_whom_a_recording_was_learned_from_is_left_out_whole(table):
    """Whatever their name; a speaker who only has the same name is another one, and stays."""
    clips = list_table(table, fewest_speakers=1).clips
    digests = {clip.name: clip.name for clip in clips}
    learned = {"annjoy.mp4": "01-01-03-01-01-01-07", "something": "bob"}
    left = of_known_speakers(clips, digests, learned)
    assert {of.clip.actor for of in left} == {"ann"} and len(left) == 3
    assert (
        "speaker ann is known to the model: annjoy.mp4 is the recording 01-01-03" in left[0].reason
    )
