"""Several corpora as one: who is who, and which file is whose."""

from functools import partial
from pathlib import Path

import pytest

from ravdess_exp.corpus.manifest import scan
from ravdess_exp.corpus.selection import Selection
from ravdess_exp.corpus.several import CorpusPart, list_several
from ravdess_exp.corpus.split import SETS, GroupedKFold, LeaveOneSpeakerOut, OwnSplit
from ravdess_exp.corpus.table import list_table
from ravdess_exp.errors import CorpusError
from tests.corpus.test_manifest import touch
from tests.corpus.test_table import HEADER, good_rows, write

ANYTHING = Selection(channel="all")


def part(folder: Path, name: str, *, rows=None, header=HEADER, labels=None) -> CorpusPart:
    """A table of the same four speakers' names in a folder of its own."""
    folder = folder / name
    folder.mkdir()
    table = write(folder, rows or good_rows(folder), header)
    return CorpusPart(name, partial(list_table, table, fewest_speakers=1), labels)


def test_the_same_name_in_two_corpora_is_two_speakers(tmp_path):
    merged = list_several([part(tmp_path, "a"), part(tmp_path, "b")], ANYTHING)
    assert len(merged.clips) == 16 and len({clip.id for clip in merged.clips}) == 16
    assert len({clip.actor for clip in merged.clips}) == 8
    assert {clip.actor for clip in merged.clips if clip.corpus == "b"} == {
        "b:ann", "b:bob", "b:cid", "b:dee",
    }  # fmt: skip


def test_the_same_person_in_two_corpora_where_that_is_said(tmp_path):
    parts = [part(tmp_path, "a"), part(tmp_path, "b")]
    merged = list_several(parts, ANYTHING, same_speakers=True)
    assert {clip.actor for clip in merged.clips} == {"ann", "bob", "cid", "dee"}
    split = GroupedKFold(folds=4, fold=0, seed=0)(merged.clips)
    assert len(split.test) == 4, "two of each corpus"


def test_no_name_of_a_speaker_can_be_taken_for_a_corpus_and_a_speaker():
    """`a` and `b:c`, `a:b` and `c`: names of corpora have no colon, so these two never meet."""
    from ravdess_exp.config.schema.parts import Part

    with pytest.raises(ValueError, match="name"):
        Part(table="x.csv", name="a:b")


@pytest.mark.parametrize("divide", [
    *(GroupedKFold(folds=4, fold=fold, seed=1) for fold in range(4)),
    *(LeaveOneSpeakerOut(test_actor=who, validation_actors=2, seed=1) for who in ("a:ann", "b:dee")),
    OwnSplit(validation_share=0.2, test_share=0.2, seed=3),
])  # fmt: skip
def test_no_split_of_several_corpora_has_a_speaker_in_two_sets(divide, tmp_path):
    split = divide(list_several([part(tmp_path, "a"), part(tmp_path, "b")], ANYTHING).clips)
    sets = [{(c.corpus, c.actor) for c in getattr(split, name)} for name in SETS]
    assert not sets[0] & sets[1] and not sets[0] & sets[2] and not sets[1] & sets[2]


def test_a_file_that_two_corpora_list_is_one_clip(tmp_path):
    first = part(tmp_path, "a")
    (tmp_path / "b").mkdir()
    rows = good_rows(tmp_path / "b")
    for name in ("ann sad.mp4", "bob sad.mp4"):
        (tmp_path / "b" / name).unlink()
        (tmp_path / "b" / name).symlink_to(tmp_path / "a" / name)
    rows[2][2] = "angry"  # bob's has two emotions then, and neither can be trusted
    table = write(tmp_path / "b", rows)
    merged = list_several([first, CorpusPart("b", partial(list_table, table))], ANYTHING)
    ids = {clip.id for clip in merged.clips}
    assert "a/ann sad.mp4" in ids and "b/ann sad.mp4" not in ids
    assert not {"a/bob sad.mp4", "b/bob sad.mp4"} & ids
    assert [name for name, _ in merged.copies] == ["b/ann sad.mp4"]
    assert {name for name, _ in merged.rejected} == {"a/bob sad.mp4", "b/bob sad.mp4"}
    assert (
        "one file of two emotions: sad as a/bob sad.mp4" in dict(merged.rejected)["b/bob sad.mp4"]
    )


def test_classes_go_by_each_corpus_s_own_and_by_its_labels(tmp_path):
    """RAVDESS's calm is neutral; another's joy is happy where its labels say so."""
    names = [f"01-01-0{e}-01-01-01-0{a}.mp4" for e in (1, 2, 3) for a in (1, 2)]
    touch(tmp_path / "r", *names)
    ravdess = CorpusPart("r", partial(scan, tmp_path / "r"))
    table = part(tmp_path, "t", labels={"sad": "happy", "angry": None})
    merged = list_several([ravdess, table], ANYTHING)
    assert merged.classes.names == ("neutral", "happy")
    assert [c.emotion for c in merged.clips].count("neutral") == 4
    assert {c.emotion for c in merged.clips if c.corpus == "t"} == {"happy"}
    assert any("neutral: in r alone" in line for line in merged.remarks)
    assert len(merged.left_out) == 4, "each is told"


def test_what_only_a_corpus_knows_is_not_compared_between_two(tmp_path):
    """Statement 1 of one corpus is not what another one calls so; sets of one divide none of the other."""
    header = [*HEADER, "statement", "split"]
    parts = []
    for name, of_set in (("a", "train"), ("b", "")):
        (tmp_path / name).mkdir()
        rows = [[*row, "1", of_set] for row in good_rows(tmp_path / name)]
        table = write(tmp_path / name, rows, header)
        parts.append(CorpusPart(name, partial(list_table, table)))
    clips = list_several(parts, ANYTHING).clips
    assert {clip.statement for clip in clips} == {"a:1", "b:1"}
    split = OwnSplit(validation_share=0.2, test_share=0.2, seed=0)(clips)
    assert {clip.corpus for clip in split.train} == {"a", "b"}


def test_a_bad_corpus_is_named(tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("path,speaker,emotion\nnothing.mp4,ann,sad\n")
    parts = [part(tmp_path, "a"), CorpusPart("b", partial(list_table, bad))]
    with pytest.raises(CorpusError, match="b: data.table=.*none of its 1 rows can be used"):
        list_several(parts, ANYTHING)
