"""A corpus that a table lists: what is read, what is refused by line, and in which order clips are."""

import csv
from pathlib import Path

import pytest

from ravdess_exp.corpus.split import OwnSplit
from ravdess_exp.corpus.table import list_table
from ravdess_exp.corpus.table.pattern import Pattern, read_names
from ravdess_exp.errors import CorpusError, SplitError

SPEAKERS = ("ann", "bob", "cid", "dee")
EMOTIONS = ("sad", "angry")
HEADER = ["path", "speaker", "emotion", "sex"]


def good_rows(root: Path, speakers=SPEAKERS) -> list[list[str]]:
    """A clip of each speaker and emotion, whose files are there."""
    rows = []
    for speaker in speakers:
        for emotion in EMOTIONS:
            name = f"{speaker} {emotion}.mp4"
            (root / name).touch()
            rows.append([name, speaker, emotion, "f" if speaker in ("ann", "dee") else "m"])
    return rows


def write(root: Path, rows, header=HEADER, name="t.csv", **how) -> Path:
    path = root / name
    with path.open("w", newline="", encoding=how.pop("encoding", "utf-8")) as file:
        csv.writer(file, **how).writerows([header, *rows])
    return path


def reasons(manifest) -> dict[str, str]:
    return dict(manifest.rejected)


def test_a_row_becomes_a_clip(tmp_path):
    manifest = list_table(write(tmp_path, good_rows(tmp_path)))
    clip = manifest.clips[-1]
    assert (clip.id, clip.speaker, clip.actor) == ("dee angry.mp4", "dee", "dee")
    assert (clip.emotion, clip.sex, clip.statement) == ("angry", "female", None)
    assert clip.path == tmp_path / "dee angry.mp4"
    assert manifest.classes.names == ("sad", "angry"), "in RAVDESS's order, where it has them"


def test_other_classes_follow_by_the_alphabet(tmp_path):
    rows = good_rows(tmp_path)
    for row, emotion in zip(rows, ["zeal", "Äpfel", "angry", "b 2"] * 2, strict=True):
        row[2] = emotion
    assert list_table(write(tmp_path, rows)).classes.names == ("angry", "b 2", "zeal", "Äpfel")


@pytest.mark.parametrize(
    "how", ["semicolons", "tabs", "BOM", "UTF-16", "Windows", "cp1252", "old Mac"]
)
def test_tables_as_programs_write_them(tmp_path, how):
    rows = good_rows(tmp_path, speakers=("José", *SPEAKERS[1:]))
    settings = {
        "semicolons": {"delimiter": ";"},
        "tabs": {"delimiter": "\t", "name": "t.tsv"},
        "BOM": {"encoding": "utf-8-sig"},
        "UTF-16": {"encoding": "utf-16"},
        "Windows": {"lineterminator": "\r\n"},
        "old Mac": {"lineterminator": "\r"},
        "cp1252": {"encoding": "cp1252"},
    }[how]
    path = write(tmp_path, rows, **settings)
    if how == "cp1252":
        with pytest.raises(
            CorpusError, match=r"t\.csv, line 2: byte 0xe9 is not utf-8; .*data\.encod"
        ):
            list_table(path)
    manifest = list_table(path, encoding="cp1252" if how == "cp1252" else "utf-8")
    assert {clip.speaker for clip in manifest.clips} == {"José", *SPEAKERS[1:]}
    assert len(manifest.clips) == 8 and not manifest.rejected


BAD = {  # a changed first row, and what is said of it
    "no speaker": ({1: ""}, "no speaker; expected a value"),
    "NaN": ({2: "NaN"}, "no emotion; expected a value"),
    "no such file": ({0: "gone.mp4"}, "path 'gone.mp4': no such file, expected a recording at"),
    "a path outside": ({0: "../x.mp4"}, "path '../x.mp4': leads out of"),
    "a path of Windows": ({0: "C:\\clips\\x.mp4"}, r"path 'C:\\clips\\x.mp4': a path of Windows"),
    "sound alone": ({0: "x.wav"}, "path 'x.wav': sound alone; modality=audio uses it"),
    "a class's name": ({2: "happy/glad"}, "emotion 'happy/glad': expected letters"),
    "a column of results": ({2: "actor"}, "emotion 'actor': expected letters"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_row_that_cannot_be_used_is_listed_with_its_line(tmp_path, case):
    changes, told = BAD[case]
    rows = good_rows(tmp_path)
    (tmp_path / "x.wav").touch()
    bad = ['a, "quoted"\nname.mp4', "ann", "sad", "f"]  # two lines, before the bad one
    (tmp_path / bad[0]).touch()
    for column, value in changes.items():
        rows[0][column] = value
    manifest = list_table(write(tmp_path, [bad, *rows]))
    assert list(reasons(manifest)) == ["t.csv, line 4"]
    assert reasons(manifest)["t.csv, line 4"].startswith(told)
    assert len(manifest.clips) == 8


TIMES = {
    ("2", "1"): "start '2' and end '1': expected an end after the start",
    ("2", "2"): "start '2' and end '2': expected an end after",
    ("-1", "2"): "start '-1' and end '2': expected an end after the start, both at least 0",
    ("", "-2"): "end '-2': expected an end after",
    ("x", ""): "start 'x': expected seconds, such as 75.5",
    ("1,5", "2,5"): "start '1,5' and end '2,5': expected seconds",
    ("0:01", "0:02"): "start '0:01' and end '0:02': expected seconds",
    ("NaN", "2"): "start 'NaN' and end '2': expected numbers",
    ("1", "inf"): "start '1' and end 'inf': expected numbers",
}


@pytest.mark.parametrize("times", TIMES)
def test_times_that_cannot_be_used(tmp_path, times):
    rows = [[*row, "", ""] for row in good_rows(tmp_path)]
    rows[2][-2:] = times
    manifest = list_table(write(tmp_path, rows, header=[*HEADER, "start", "end"]))
    assert list(reasons(manifest)) == ["t.csv, line 4"]
    assert reasons(manifest)["t.csv, line 4"].startswith(TIMES[times])


def test_parts_of_one_file_are_clips_of_their_own(tmp_path):
    (tmp_path / "film.mp4").touch()
    times = [("0", "2"), ("2", "3.5"), ("3.50", "6"), ("", "6.0"), ("7", ""), ("NaN", "nan")]
    rows = [["film.mp4", SPEAKERS[n % 4], EMOTIONS[n % 2], *times[n]] for n in range(len(times))]
    rows += [["film.mp4", "ann", "sad", "0.0", "2.00"], ["film.mp4", "bob", "sad", "2", "3.5"]]
    table = write(tmp_path, rows, header=["path", "speaker", "emotion", "start", "end"])
    manifest = list_table(table)
    assert {clip.id for clip in manifest.clips} == {
        "film.mp4#t=0,2", "film.mp4#t=3.5,6", "film.mp4#t=0,6", "film.mp4#t=7", "film.mp4",
    }  # fmt: skip
    assert manifest.copies == (("t.csv, line 8", "the same segment as in line 2, used once"),)
    told = "path 'film.mp4#t=2,3.5': emotion 'sad' here and 'angry' in line 3; expected one row a segment"
    assert reasons(manifest)["t.csv, line 9"] == told


def test_fields_that_are_too_many(tmp_path):
    rows = good_rows(tmp_path)
    rows[1].append("more")
    told = {"t.csv, line 3": "5 fields, expected 4 as in the header"}
    assert reasons(list_table(write(tmp_path, rows))) == told


def test_a_file_of_two_labels_is_not_believed(tmp_path):
    rows = good_rows(tmp_path)
    rows += [["./ann sad.mp4", "ann", "angry", "f"], [*rows[2]]]
    manifest = list_table(write(tmp_path, rows))
    told = reasons(manifest)
    assert set(told) == {"t.csv, line 2", "t.csv, line 10"}
    assert "emotion 'sad' here and 'angry' in line 10" in told["t.csv, line 2"]
    assert manifest.copies == (("t.csv, line 11", "the same file as in line 4, used once"),)


def test_a_speaker_has_one_sex(tmp_path):
    rows = good_rows(tmp_path)
    rows[1][3] = "male"
    told = "sex 'male': speaker ann is 'female' in line 2"
    assert reasons(list_table(write(tmp_path, rows))) == {"t.csv, line 3": told}


@pytest.mark.parametrize(
    ("header", "rows", "told"),
    [
        (["path", "who", "emotion"], [], r"no column speaker; its columns are path, who, emotion\. '"
         r"data\.columns=\{speaker: NAME\}'"),
        (["path", "speaker", "emotion", "speaker"], [], "the column speaker is there 2 times"),
        (["path", "speaker", "emotion"], [], "has column names and no row"),
        (["path", "speaker", "emotion"], [["a.mp4", "s", "sad"]], "none of its 1 rows can be used:\n  "
         "t.csv, line 2: path 'a.mp4': no such file"),
    ],
)  # fmt: skip
def test_a_table_that_is_none(tmp_path, header, rows, told):
    with pytest.raises(CorpusError, match=told):
        list_table(write(tmp_path, rows, header=header))


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "is empty"), ("path,speaker,emotion\n\"a.mp4,s,sad\nb.mp4,s,sad\n", "line 2: unexpected end"),
     ("path,speaker,emotion\nb\0.mp4,s,sad\n", "line 2: a zero byte")],
)  # fmt: skip
def test_a_file_that_is_no_table(tmp_path, text, told):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(CorpusError, match=told):
        list_table(tmp_path / "t.csv")


def test_speakers_must_be_three(tmp_path):
    with pytest.raises(
        CorpusError, match=r"1 speaker in all \(ann, first in line 2\), expected at least 3"
    ):
        list_table(write(tmp_path, good_rows(tmp_path, speakers=("ann",))))


def test_a_class_of_one_speaker_is_named(tmp_path):
    rows = good_rows(tmp_path)
    rows[0][2] = "bored"
    summary = list_table(write(tmp_path, rows)).summary()
    assert (
        "bored: only speaker ann shows it (first in t.csv, line 2), expected at least three"
        in summary
    )
    assert "'data.without_emotions=[bored]' goes on without" in summary


def test_two_spellings_of_a_class_are_refused(tmp_path):
    rows = good_rows(tmp_path)
    rows[0][2] = "Sad"
    with pytest.raises(CorpusError, match="'Sad' in line 2 and 'sad' in line 4 differ in capital"):
        list_table(write(tmp_path, rows))


def test_labels_are_mapped_and_left_out(tmp_path):
    rows = good_rows(tmp_path)
    rows[0][2] = "bored"
    manifest = list_table(
        write(tmp_path, rows), labels={"sad": "low", "angry": "high", "bored": None}
    )
    assert manifest.classes.names == ("high", "low")
    assert manifest.left_out == (("t.csv, line 2", "emotion 'bored': left out by data.labels"),)
    manifest = list_table(write(tmp_path, rows), labels={"sad": "low", "angry": "high"})
    ((line, told),) = manifest.left_out
    assert line == "t.csv, line 2" and "not in data.labels, which has sad, angry" in told


def test_columns_of_other_names_and_a_root(tmp_path):
    (tmp_path / "clips").mkdir()
    rows = good_rows(tmp_path / "clips")
    path = write(tmp_path, rows, header=["path", "actor_id", "emotion", "x"])
    manifest = list_table(path, root=tmp_path / "clips", columns={"speaker": "actor_id"})
    assert len(manifest.clips) == 8 and manifest.root == tmp_path / "clips"


def test_numbers_are_the_same_speaker_however_written(tmp_path):
    rows = [[row[0], speaker, *row[2:]] for row, speaker in
            zip(good_rows(tmp_path), ["1", "01", "2", "02", "3", "3", "10", "10"], strict=True)]  # fmt: skip
    manifest = list_table(write(tmp_path, rows))
    assert [clip.actor for clip in manifest.clips[:4]] == [1, 2, 3, 10]


def test_own_sets_are_used_and_proved(tmp_path):
    sets = ["train", "train", "dev", "dev", "test", "test", "", ""]
    rows = [[*row, of] for row, of in zip(good_rows(tmp_path), sets, strict=True)]
    split = OwnSplit(validation_share=0.2, test_share=0.2, seed=0)
    own = split(list_table(write(tmp_path, rows, header=[*HEADER, "split"])).clips)
    assert own.actors() == {"train": ["ann"], "validation": ["bob"], "test": ["cid"]}
    rows[1][-1] = "test"
    told = "speaker 'ann' is in train in line 2 and in test in line 3; a speaker may be in one set"
    with pytest.raises(CorpusError, match=told):
        list_table(write(tmp_path, rows, header=[*HEADER, "split"]))
    lacking = [[*row[:-1], "train"] for row in rows]
    with pytest.raises(SplitError, match="no clip of validation; complete them, or take another"):
        split(list_table(write(tmp_path, lacking, header=[*HEADER, "split"])).clips)


def test_the_order_is_not_that_of_names_nor_of_speakers_in_the_table(tmp_path):
    rows = good_rows(tmp_path)
    one = list_table(write(tmp_path, rows)).clips
    by_emotion = sorted(rows, key=lambda row: (row[2], row[1]), reverse=True)
    assert list_table(write(tmp_path, by_emotion)).clips == one


def test_a_pattern_reads_names(tmp_path):
    for name in ("s1/ab_happy_1.wav", "s2/cd_sad_x_2.WAV", "s2/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    named = read_names(tmp_path, Pattern.of("{speaker}/{statement:2}_{emotion}_{take:1}.wav"))
    assert named.header == ("path", "speaker", "statement", "emotion", "take")
    assert named.rows == (
        ("s1/ab_happy_1.wav", "s1", "ab", "happy", "1"),
        ("s2/cd_sad_x_2.WAV", "s2", "cd", "sad_x", "2"),
    )
    assert named.others == ("s2/notes.txt",)


@pytest.mark.parametrize(
    ("pattern", "told"),
    [("{speaker}.wav", r"no \{emotion\} in it"), ("{speaker}_{emotion", r"no \{emotion\}"),
     ("{speaker}_{emotion}_{x y}.wav", "expected a name of letters"),
     ("{speaker}_{emotion}_{", "a brace is left open"), ("{speaker}-{emotion}.wav", "none of its 1 files")],
)  # fmt: skip
def test_a_pattern_that_is_none(tmp_path, pattern, told):
    (tmp_path / "a_b.wav").touch()
    with pytest.raises(CorpusError, match=told):
        read_names(tmp_path, Pattern.of(pattern))


@pytest.mark.parametrize("content", [b"PK\x03\x04\x14\0\x06", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_a_spreadsheet_is_no_table_of_text(tmp_path, content):
    (tmp_path / "mine.csv").write_bytes(content)
    with pytest.raises(
        CorpusError, match="a spreadsheet's own file, expected text; save it as CSV"
    ):
        list_table(tmp_path / "mine.csv")


def test_one_spelling_of_accents_and_spaces_is_one_speaker(tmp_path):
    """Else one voice, written by two systems, is in training and in test."""
    rows = good_rows(tmp_path)
    rows[0][1], rows[1][1] = "Jose\u0301 M", "Jos\u00e9\u00a0 M"
    rows[2][1] = "BOB"
    rows[4][2] = rows[6][2] = "tri\u0301"
    manifest = list_table(write(tmp_path, rows))
    assert {c.speaker for c in manifest.clips} == {"Jos\u00e9 M", "BOB", "bob", "cid", "dee"}
    assert "tr\u00ed" in manifest.classes.names and not manifest.rejected
    assert any("'BOB' (t.csv, line 4) and 'bob' (t.csv, line 5)" in r for r in manifest.remarks)


def test_what_is_missing_is_said_where_too_little_is_left(tmp_path):
    rows = good_rows(tmp_path)
    for row in rows[2:]:
        row[0] = "gone.mp4"
    with pytest.raises(
        CorpusError, match=r"1 speaker in all.*6 rows are not used, first t.csv, line 4"
    ):
        list_table(write(tmp_path, rows))
    with pytest.raises(
        CorpusError, match=r"every clip is sad.*4 rows are not used.*line 3: emotion"
    ):
        list_table(write(tmp_path, good_rows(tmp_path)), labels={"sad": "sad"})


def test_parquet_as_programs_write_it(tmp_path):
    """Missing values of any type, vectors beside, durations, and paths as the index."""
    import pandas as pd

    table = pd.DataFrame(good_rows(tmp_path), columns=HEADER)
    table["sex"] = table["sex"].astype("string").mask(table["path"] == "ann sad.mp4")
    table["speaker"] = pd.array([1, 1, None, 2, 3, 3, 4, 4], "Int64")
    table["vector"] = [[0.5, 1.0]] * len(table)
    table["start"] = pd.to_timedelta([0.25] * 7 + [None], unit="s")
    table.set_index("path").to_parquet(tmp_path / "t.parquet")
    manifest = list_table(tmp_path / "t.parquet")
    assert reasons(manifest) == {"t.parquet, row 3": "no speaker; expected a value"}
    assert {c.id for c in manifest.clips if c.actor == 4} == {"dee sad.mp4#t=0.25", "dee angry.mp4"}


def test_a_line_of_an_old_mac_is_counted(tmp_path):
    text = "path,speaker,emotion\ra,b,c\rä,b,c\r"
    (tmp_path / "t.csv").write_bytes(text.encode("latin1"))
    with pytest.raises(CorpusError, match="line 3: byte 0xe4"):
        list_table(tmp_path / "t.csv")


def test_leaving_out_speakers_is_not_advised_where_nobody_else_shows_the_class(tmp_path):
    rows = good_rows(tmp_path)
    rows[0][2] = "bored"
    for name in SPEAKERS:
        (tmp_path / f"{name} calm.mp4").touch()
        rows.append([f"{name} calm.mp4", name, "calm", ""])
    manifest = list_table(write(tmp_path, [[*row[:3], ""] for row in rows]))
    split = OwnSplit(validation_share=0.2, test_share=0.2, seed=0)(manifest.clips)
    with pytest.raises(SplitError, match="has no clip of: .*bored") as refused:
        split.require_classes(manifest.classes, lambda *_: "leave them out")
    assert "leave them out" not in str(refused.value) and "without_emotions" in str(refused.value)


def test_accents_agree_however_they_are_written(tmp_path):
    """A table of Windows, files of macOS, settings of either."""
    header = ["path", "speaker", "Gefu\u0308hl", "sex"]
    rows = good_rows(tmp_path)
    for row in rows[::2]:
        row[2] = "tri\u0301"
    (tmp_path / "ann sad.mp4").rename(tmp_path / "e\u0301.mp4")
    rows[0][0] = "\u00e9.mp4"
    manifest = list_table(
        write(tmp_path, rows, header),
        columns={"emotion": "Gef\u00fchl"},
        labels={"tri\u0301": "sad", "angry": "angry"},
    )
    assert len(manifest.clips) == len(rows) and not manifest.rejected and not manifest.left_out
