"""A table's columns of numbers: what is read, what is refused by line, and what each set must have."""

import csv
from pathlib import Path

import numpy as np
import pytest

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.numbers import Numbers, labels_of, thirds
from ravdess_exp.corpus.split import Split
from ravdess_exp.corpus.table import list_table
from ravdess_exp.errors import CorpusError, SplitError

NAMES = ("arousal", "valence")
HEADER = ["path", "speaker", "arousal", "valence"]


def rows_of(root: Path, speakers=("ann", "bob", "cid")) -> list[list[str]]:
    """Two clips a speaker, whose files are there."""
    rows = []
    for number, speaker in enumerate(speakers):
        for take in range(2):
            name = f"{speaker}_{take}.wav"
            (root / name).touch()
            rows.append([name, speaker, str(1 + number + take), f"{3.5 - take}"])
    return rows


def listed(root: Path, rows, header=HEADER, targets=NAMES, **more):
    from ravdess_exp.corpus.selection import Selection

    path = root / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return list_table(path, targets=targets, selection=Selection(modality="audio"), **more)


def test_numbers_need_no_emotion(tmp_path):
    found = listed(tmp_path, rows_of(tmp_path))
    assert found.classes == Numbers(NAMES) and len(found.clips) == 6
    by_name = {clip.id: clip.numbers for clip in found.clips}
    assert by_name["bob_1.wav"] == (3.0, 2.5)
    assert "arousal: 1 to 4, mean 2.5" in found.summary()
    assert labels_of(found.classes, found.clips).shape == (6, 2)


def test_an_emotion_that_is_there_filters_and_is_not_learned(tmp_path):
    rows = [[*row, "happy" if i in (1, 4) else "sad"] for i, row in enumerate(rows_of(tmp_path))]
    found = listed(tmp_path, rows, [*HEADER, "emotion"], labels={"sad": "sad", "happy": None})
    assert len(found.clips) == 4 and len(found.left_out) == 2
    assert found.classes == Numbers(NAMES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("NaN", "arousal 'NaN': expected a finite number"),
        ("high", "arousal 'high': expected a number"),
        ("", "no arousal; expected a number"),
        ("3,5", "arousal '3,5': expected a number, with a point and no comma"),
        ("inf", "arousal 'inf': expected a finite number"),
        ("1e300", "arousal '1e300': expected a number of at most 1e+06"),
    ],
)
def test_what_is_no_number_is_told_with_its_line_and_value(tmp_path, text, told):
    rows = rows_of(tmp_path)
    rows[1][2] = text
    found = listed(tmp_path, rows)
    assert dict(found.rejected) == {"t.csv, line 3": told}
    assert len(found.clips) == 5


def test_a_constant_number_is_refused(tmp_path):
    rows = [[path, speaker, "3", valence] for path, speaker, _, valence in rows_of(tmp_path)]
    with pytest.raises(CorpusError, match="arousal is 3 in all 6 rows, the first of them line 2"):
        listed(tmp_path, rows)


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    with pytest.raises(CorpusError, match=r"no column dominance; its columns are path, .*valence"):
        listed(tmp_path, rows_of(tmp_path), targets=("arousal", "dominance"))


def test_one_file_with_two_numbers_is_used_with_neither(tmp_path):
    rows = rows_of(tmp_path)
    rows.append([*rows[0][:2], "4.5", rows[0][3]])
    found = listed(tmp_path, rows)
    assert len(found.clips) == 5
    assert all("numbers" in reason for _, reason in found.rejected) and len(found.rejected) == 2


def clip(speaker: str, *numbers: float) -> Clip:
    return Clip((0,), f"{speaker}{numbers}", Path("x"), speaker, "", numbers=numbers)


def test_a_set_with_one_value_alone_is_refused():
    sets = [
        (clip("a", 1, 2), clip("a", 2, 3)),
        (clip("b", 1, 2), clip("b", 2, 3)),
        (clip("c", 1, 2), clip("c", 1, 3)),
    ]
    numbers = Numbers(NAMES)
    numbers.require(Split(*sets[:2], sets[0][:0] + (clip("c", 1, 2), clip("c", 2, 1))))
    with pytest.raises(SplitError, match="split.test: arousal is 1 in all its 2 clips.*; do so"):
        numbers.require(Split(*sets), lambda name, actors: "do so")
    assert "1.50 (sd 0.50)" in numbers.describe(Split(*sets))


def test_labelled_tells_numbers_apart():
    assert clip("a", 1.25, 2).labelled == "1.25 2"
    assert Clip((0,), "x", Path("x"), "a", "sad").labelled == "sad"


def test_thirds_are_of_equally_many(rng):
    found = thirds(rng.normal(size=(90, 2)))
    np.testing.assert_array_equal(np.bincount(found), [30, 30, 30])
