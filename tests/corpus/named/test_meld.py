"""MELD: its own tables and sets, people who speak at once, clips that are not there."""

import pytest

from ravdess_exp.corpus.named import list_named
from ravdess_exp.corpus.selection import Selection
from ravdess_exp.corpus.split import LEAKY, GroupedKFold, LeakySplit, OwnSplit
from ravdess_exp.errors import CorpusError, SplitError
from tests.corpus.named.test_named import touch

HEADER = (
    "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,"
    "Season,Episode,StartTime,EndTime"
)
VIDEO = Selection(modality="both", channel="all")
FOLDERS = {
    "train": "train_splits",
    "dev": "dev_splits_complete",
    "test": "output_repeated_splits_test",
}


def row(speaker, emotion, dialogue, utterance, said="Oh, well"):
    times = '"00:16:16,059","00:16:21,731"'
    return f'1,"{said}",{speaker},{emotion},neutral,{dialogue},{utterance},8,21,{times}'


@pytest.fixture
def meld(tmp_path):
    """Two dialogues in each set, under the same numbers; a table of one set in another encoding."""
    for table, folder in FOLDERS.items():
        rows = [row("Ross" if table != "dev" else "Janice", "joy", 0, 0, "it\u2019s"),
                row("Chandler", "anger", 0, 1), row("Ross and Joey", "joy", 0, 2)]  # fmt: skip
        if table == "train":
            rows += [row("Joey", "fear", 125, 3), row("Joey", "delight", 0, 0)]
        encoding = "cp1252" if table == "dev" else "utf-8"
        text = "\n".join([HEADER, *rows])
        (tmp_path / f"{table}_sent_emo.csv").write_bytes(text.encode(encoding))
        touch(tmp_path, *(f"{folder}/dia0_utt{n}.mp4" for n in range(3)))
    return touch(tmp_path, "output_repeated_splits_test/final_videos_testdia101_utt0.mp4",
                 "train_splits/._dia0_utt0.mp4")  # fmt: skip


def test_tables_and_clips_meet_by_set_dialogue_and_utterance(meld):
    manifest = list_named("meld", meld, selection=VIDEO)
    assert {(c.id, c.speaker, c.emotion, c.of_set) for c in manifest.clips} == {
        ("train/dia0_utt0", "Ross", "happy", "train"),
        ("train/dia0_utt1", "Chandler", "angry", "train"),
        ("validation/dia0_utt0", "Janice", "happy", "validation"),
        ("validation/dia0_utt1", "Chandler", "angry", "validation"),
        ("test/dia0_utt0", "Ross", "happy", "test"),
        ("test/dia0_utt1", "Chandler", "angry", "test"),
    }
    assert manifest.clips[0].path.parent.name in FOLDERS.values()
    rejected = dict(manifest.rejected)
    assert (
        rejected["train_sent_emo.csv, line 5"] == "dia125_utt3: no such file in a folder of train"
    )
    assert rejected["train_sent_emo.csv, line 6"].startswith("emotion 'delight' of dialogue '0'")
    assert dict(manifest.left_out)["dev_sent_emo.csv, line 4"].startswith("speaker 'Ross and Joey'")
    assert "MELD's own sets: train 2 of 9,989, validation 2 of 1,109" in manifest.summary()


def test_its_own_sets_share_speakers_which_only_a_leaky_split_does(meld):
    manifest = list_named("meld", meld, selection=VIDEO)
    assert "have speakers in common" in manifest.summary()
    shares = {"validation_share": 0.2, "test_share": 0.2, "seed": 0}
    with pytest.raises(SplitError, match=r"actors Chandler are both .*shared_speakers=accepted"):
        OwnSplit(**shares)(manifest.clips)
    accepted = OwnSplit(**shares, shared_speakers="accepted")(manifest.clips)
    assert isinstance(accepted, LeakySplit) and len(accepted.test) == 2
    assert "leaky" in LEAKY
    apart = GroupedKFold(folds=3, fold=0, seed=0)(manifest.clips)
    assert not isinstance(apart, LeakySplit)


def test_a_table_that_is_missing_or_another(meld):
    (meld / "dev_sent_emo.csv").write_text("Speaker,Emotion\nRoss,joy\n")
    with pytest.raises(
        CorpusError, match="no column dialogue_id and no utterance_id; its columns are"
    ):
        list_named("meld", meld, selection=VIDEO)
    (meld / "dev_sent_emo.csv").unlink()
    with pytest.raises(
        CorpusError, match=r"no dev_sent_emo\.csv in it; expected MELD's three tables"
    ):
        list_named("meld", meld, selection=VIDEO)
