"""File names to clips, from any folder and in any order."""

import shutil
from pathlib import Path

import pytest

from ravdess_exp.corpus.manifest import Clip, Selection, expected_names, scan
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.errors import CorpusError


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_codes_become_fields():
    clip = Clip.from_path(Path("01-02-06-01-02-01-12.mp4"))
    assert (clip.modality, clip.channel, clip.emotion) == (1, "song", "fearful")
    assert (clip.intensity, clip.statement, clip.words) == ("normal", "2", "dogs")
    assert (clip.speaker, clip.actor, clip.sex) == ("12", 12, "female")
    assert clip.name == "01-02-06-01-02-01-12"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("happy.mp4", "not a RAVDESS file name"),
        ("01-01-09-01-01-01-01.mp4", "emotion code 09, expected one of 01..08"),
        ("01-01-03-01-01-01-25.mp4", "actor code 25, expected one of 01..24"),
        ("01-01-03-01-01-01.mp4", "not a RAVDESS file name"),
        ("04-01-03-01-01-01-01.mp4", "modality code 04"),
    ],
)
def test_a_wrong_name_is_refused_by_field(name, reason):
    with pytest.raises(CorpusError, match=reason) as caught:
        Clip.from_path(Path(name))
    assert name in str(caught.value)


def test_clips_are_found_in_any_nesting(tmp_path):
    touch(tmp_path, "01-01-03-01-01-01-01.mp4", "a/b/c/01-01-04-01-01-01-02.MP4")
    touch(tmp_path, "a/._01-01-05-01-01-01-02.mp4", "a/readme.txt")
    assert [clip.actor for clip in scan(tmp_path).clips] == [1, 2]


TRIAL = "01-01-03-01-01-01-01"


@pytest.mark.parametrize(
    "copy",
    [
        "b/{}.mp4", "b/c/{}.MP4", "{} (1).mp4", "{}(2).mp4", "{} - Copy.mp4", "{} - Copy (3).mp4",
        "{} copy.mp4", "{} copy 2.mp4", "{} (another copy).mp4", "{} (3rd copy).mp4", "{} 2.mp4",
        "Copy of {}.mp4", "{} - Kopie.mp4", "Kopie von {}.mp4", "{} - copia.mp4", "{} - 副本.mp4",
        "{}-1.mp4", "{}.mp4.mp4", "{}.mkv", "b/{}.avi", "{}.mov", "{} (1).mkv", "{}_cropped.mp4",
        "{}_1.mp4",
    ],
)  # fmt: skip
def test_a_trial_that_lies_in_two_files_is_used_once_and_noted(tmp_path, copy):
    touch(tmp_path, f"{TRIAL}.mp4", copy.format(TRIAL))
    manifest = scan(tmp_path)
    assert [clip.path for clip in manifest.clips] == [tmp_path / f"{TRIAL}.mp4"]
    assert not manifest.rejected, "it does not count as failed"
    ((path, reason),) = manifest.copies
    assert path == tmp_path / copy.format(TRIAL)
    assert reason == f"the same trial as {tmp_path / TRIAL}.mp4, which is used"
    assert (
        f"used once: 1 further files of the same trials (listed in copies.csv), such as {path.name}"
        in (manifest.summary())
    )


@pytest.mark.parametrize(("name", "used"), [
    ("{} (1).mp4", True), ("Copy of {}.mp4", True), ("{}.mp4.mp4", True), ("{}_cropped.mp4", False),
    ("{}_1.mp4", False), ("{}-02.mp4", False), ("{}2.mp4", False), ("{} {}.mp4", False),
])  # fmt: skip
def test_a_copy_alone_is_its_trial_and_another_thing_is_not(tmp_path, name, used):
    touch(tmp_path, "01-01-04-01-01-01-02.mp4", name.format(TRIAL, TRIAL))
    manifest = scan(tmp_path)
    assert [clip.name for clip in manifest.clips] == ([TRIAL] if used else []) + [
        "01-01-04-01-01-01-02"
    ]
    assert len(manifest.rejected) == (not used) and not manifest.copies
    assert all("not a RAVDESS file name" in reason for _, reason in manifest.rejected)


def test_of_two_files_the_one_that_is_not_cut_off(tmp_path):
    """The first download broke off, and the browser called the second one `(1)`."""
    touch(tmp_path, f"{TRIAL}.mp4", f"{TRIAL} (1).mp4")
    (tmp_path / f"{TRIAL} (1).mp4").write_bytes(b"whole")
    assert scan(tmp_path).clips[0].path.name == f"{TRIAL} (1).mp4"


@pytest.mark.parametrize(("modality", "used"), [
    ("both", ["01-01-03-01-01-01-01.mp4"]),
    ("audio", ["01-01-03-01-01-01-01.mp4", "03-01-04-01-01-01-01.wav"]),
    ("video", ["01-01-03-01-01-01-01.mp4", "02-01-05-01-01-01-01.mp4"]),
])  # fmt: skip
def test_a_modality_takes_what_has_its_part(tmp_path, modality, used):
    """A trial with sound and picture goes before the same one apart, whatever else is there."""
    touch(tmp_path, "01-01-03-01-01-01-01.mp4", "02-01-03-01-01-01-01.mp4")
    touch(tmp_path, "03-01-03-01-01-01-01.wav", "03-01-04-01-01-01-01.wav")
    touch(tmp_path, "wav/03-01-04-01-01-01-01.wav", "02-01-05-01-01-01-01.mp4")
    manifest = scan(tmp_path, Selection(modality=modality))
    assert [clip.path.name for clip in manifest.clips] == used
    assert len(manifest.copies) == {"both": 0, "audio": 2, "video": 1}[modality]
    assert manifest.other == {"both": 2, "audio": 2, "video": 0}[modality]
    assert manifest.unread == ({} if modality == "audio" else {".wav": 3})
    assert not manifest.rejected


def test_files_that_are_not_read_are_counted_by_their_ending(tmp_path):
    names = ["a.txt", "b/README", "03-01-03-01-01-01-01.wav", "03-01-03-01-01-01-02.WAV", "x.zip"]
    touch(tmp_path, f"{TRIAL}.mp4", *names, ".DS_Store", "._x.mp4", "demo.json")
    told = "not read: 5 files of other kinds (2 .wav, 1 .txt, 1 .zip, 1 no ending); modality=audio"
    assert told in scan(tmp_path).summary()
    (tmp_path / f"{TRIAL}.mp4").unlink()
    with pytest.raises(CorpusError, match=r"2 \.wav, .*; modality=audio reads \.wav"):
        scan(tmp_path)


def test_an_actor_of_whom_nothing_is_selected_is_named(tmp_path):
    """As actor 18 of RAVDESS, who has no songs."""
    touch(tmp_path, "01-01-03-01-01-01-18.mp4", "01-02-03-01-01-01-17.mp4")
    told = "no clip of actor 18 with data.channel=song; 'data.without_actors=[18]' leaves them out"
    assert told in scan(tmp_path, Selection(channel="song")).summary()
    other = scan(tmp_path, Selection(channel="song", without_actors=(18,))).summary()
    assert "no clip of" not in other


def test_song_only_by_the_switch(tmp_path):
    touch(tmp_path, "01-01-03-01-01-01-01.mp4", "01-02-03-01-01-01-01.mp4")
    for channel, count in (("speech", 1), ("song", 1), ("all", 2)):
        assert len(scan(tmp_path, Selection(channel=channel)).clips) == count
    assert scan(tmp_path).clips[0].channel == "speech", "speech is the default"


@pytest.mark.parametrize(
    ("filters", "count", "rest"),
    [
        ({}, 60, lambda c: True),
        ({"intensity": "strong"}, 28, lambda c: c.intensity == "strong"),
        ({"intensity": "normal"}, 32, lambda c: c.intensity == "normal"),
        ({"statement": 2}, 30, lambda c: c.statement == "2"),
        ({"without_emotions": ("calm", "sad")}, 44, lambda c: c.emotion not in ("calm", "sad")),
        ({"without_emotions": ("sad",), "statement": 1}, 26, lambda c: c.emotion != "sad"),
    ],
    ids=lambda value: "" if callable(value) else str(value),
)
def test_filters(tmp_path, filters, count, rest):
    touch(tmp_path, *(f"{name}.mp4" for name in list(expected_names())[:60]))
    manifest = scan(tmp_path, Selection(**filters))
    assert len(manifest.clips) == count and all(map(rest, manifest.clips))
    assert len(manifest.everything) == 60
    assert ("left out by the filters" in manifest.summary()) == (count < 60)


def test_actors_left_out(tmp_path):
    touch(tmp_path, "01-01-03-01-01-01-01.mp4", "01-01-03-01-01-01-02.mp4")
    (clip,) = scan(tmp_path, Selection(without_actors=(1,))).clips
    assert clip.actor == 2
    with pytest.raises(CorpusError, match="2 clips in it, but none with Selection"):
        scan(tmp_path, Selection(without_actors=(1, 2)))


def test_names_that_are_not_ravdess_are_listed_not_lost(tmp_path):
    touch(tmp_path, "01-01-03-01-01-01-01.mp4", "holiday.mp4")
    ((path, reason),) = scan(tmp_path).rejected
    assert path.name == "holiday.mp4" and "not a RAVDESS file name" in reason


def test_a_missing_and_an_empty_folder(tmp_path):
    with pytest.raises(CorpusError, match="no such folder"):
        scan(tmp_path / "nowhere")
    touch(tmp_path, "holiday.mp4")
    with pytest.raises(CorpusError, match=r"no full audio-video clip.*holiday\.mp4"):
        scan(tmp_path)


def test_a_symbolic_link_that_leads_back_ends(tmp_path):
    touch(tmp_path, "a/01-01-03-01-01-01-01.mp4")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert len(scan(tmp_path).clips) == 1


def test_summary_counts_and_says_what_is_missing(tmp_path):
    names = list(expected_names())
    assert len(names) == len(set(names)) == 1440
    touch(tmp_path, *(f"{name}.mp4" for name in names[:60]))
    summary = scan(tmp_path).summary()
    assert (
        "    1        4        8        8        8        8        8        8        8      60"
        in summary
    )
    assert "missing from RAVDESS's 1,440 speech clips: 1,380 (actor 2: 60" in summary


def test_each_form_is_compared_with_what_it_should_have(tmp_path):
    wavs = [f"03{name[2:]}.wav" for name in expected_names()]
    touch(tmp_path, *wavs, *(f"again/{name}" for name in wavs[:4]))
    summary = scan(tmp_path, Selection(modality="audio")).summary()
    assert (
        "form: speech, 1,440 of sound alone (03-)\ncomplete: all of RAVDESS's 1,440 speech"
        in summary
    )
    assert "used once: 4 further files" in summary and "missing" not in summary
    songs = list(expected_names(2))
    assert len(songs) == len(set(songs)) == 1012 and not any(n.endswith("-18") for n in songs)
    touch(tmp_path, *(f"{name}.mp4" for name in songs[1:]))
    told = (
        "form: song, 1,011 of sound and picture (01-)\nmissing from RAVDESS's 1,012 song clips: 1"
    )
    assert told in scan(tmp_path, Selection(channel="song")).summary()
    both = scan(tmp_path, Selection(modality="audio", channel="all", intensity="strong")).summary()
    assert told in both and "complete: all of RAVDESS's 1,440 speech clips" in both


def test_classes_without_some_emotions():
    assert Classes(7, ("disgust",)).names == (
        "neutral", "happy", "sad", "angry", "fearful", "surprised",
    )  # fmt: skip
    assert Classes(7, ("disgust",)).index(8) == 5
    assert Classes(7, ("neutral",)).index(2) == 0, "calm keeps the merged class"
    assert "neutral" not in Classes(7, ("neutral", "calm")).names
    assert Classes(8, ("neutral",)).names[0] == "calm"


def test_summary_of_the_real_corpus(ravdess_root):
    manifest = scan(ravdess_root)
    assert all(clip.modality == 1 and clip.channel == "speech" for clip in manifest.clips)
    assert {clip.name for clip in manifest.clips} <= set(expected_names())


def test_a_moved_corpus_is_the_same_corpus(tmp_path):
    touch(tmp_path / "one", "x/01-01-03-01-01-01-01.mp4", "01-01-04-01-01-01-01.mp4")
    shutil.copytree(tmp_path / "one", tmp_path / "two" / "deeper")
    names = [[clip.name for clip in scan(tmp_path / place).clips] for place in ("one", "two")]
    assert names[0] == names[1]
