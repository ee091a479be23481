"""Databases in audformat, made by audformat itself: where the emotion, the speaker and the sets are."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.audformat import list_audformat
from ravdess_exp.corpus.selection import Selection
from ravdess_exp.errors import ConfigError, CorpusError

audformat = pytest.importorskip("audformat", reason="an extra: pip install ravdess_exp[audformat]")

SOUND = Selection(modality="audio", channel="all")
FILES = [f"audio/{n}.wav" for n in range(6)]
EMOTIONS = ["anger", "neutral"] * 3
SPEAKERS = ["s1", "s2", "s3"] * 2
SEXES = {"s1": "female", "s2": "male", "s3": "female"}


def empty(root: Path) -> audformat.Database:
    database = audformat.Database(
        "small",
        source="https://example.org",
        languages=["de"],
        license=audformat.define.License.CC_BY_4_0,
    )
    database.schemes["emotion"] = audformat.Scheme(labels=["anger", "neutral"])
    for name in FILES:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).touch()
    return database


def add(database, name, index, split=None, **columns) -> None:
    """A table. columns: values by name; the scheme is the one of that name, where there is one."""
    database[name] = audformat.Table(index, split_id=split)
    for column, values in columns.items():
        scheme = column if column in database.schemes else None
        database[name][column] = audformat.Column(scheme_id=scheme)
        database[name][column].set(values)


def read(database, root: Path, **settings):
    database.save(root)
    return list_audformat(root, selection=SOUND, **settings)


def by_file(manifest, fact: str) -> dict[str, object]:
    return {clip.id: getattr(clip, fact) for clip in sorted(manifest.clips, key=lambda c: c.id)}


def speakers_by_labels(database) -> None:
    told = {name: {"gender": sex, "language": "deu"} for name, sex in SEXES.items()}
    database.schemes["speaker"] = audformat.Scheme(labels=told)


def speakers_by_table(database) -> None:
    index = pd.Index(list(SEXES), name="speaker", dtype="string")
    database.schemes["sex"] = audformat.Scheme(labels=["female", "male"])
    database["people"] = audformat.MiscTable(index)
    database["people"]["sex"] = audformat.Column(scheme_id="sex")
    database["people"]["sex"].set(list(SEXES.values()))
    database.schemes["speaker"] = audformat.Scheme("str", labels="people")


@pytest.mark.parametrize("scheme", [speakers_by_labels, speakers_by_table, None])
@pytest.mark.parametrize("apart", [True, False], ids=["speakers apart", "one table"])
def test_a_table_of_files_with_speakers(tmp_path, scheme, apart):
    database = empty(tmp_path)
    if scheme:
        scheme(database)
    index = audformat.filewise_index(FILES)
    rest = {} if scheme else {"gender": [SEXES[speaker] for speaker in SPEAKERS]}
    if apart:
        add(database, "files", index, speaker=SPEAKERS, **rest)
        add(database, "emotion", index, emotion=EMOTIONS)
    else:
        add(database, "emotion", index, emotion=EMOTIONS, speaker=SPEAKERS, **rest)
    manifest = read(database, tmp_path)
    assert by_file(manifest, "emotion") == dict(zip(FILES, EMOTIONS, strict=True))
    assert by_file(manifest, "speaker") == dict(zip(FILES, SPEAKERS, strict=True))
    assert by_file(manifest, "sex") == {
        file: SEXES[speaker] for file, speaker in zip(FILES, SPEAKERS, strict=True)
    }
    assert manifest.clips[0].path == tmp_path / manifest.clips[0].id
    assert "licence: CC-BY-4.0 (small, https://example.org)" in manifest.summary()
    assert manifest.terms.language == "de"


def test_a_table_of_segments(tmp_path):
    """An end that is not said is the file's; speakers are of whole files."""
    database = empty(tmp_path)
    index = audformat.segmented_index(
        [FILES[0], FILES[0], FILES[1], FILES[2], FILES[3], FILES[4]],
        starts=["0s", "1500ms", "2s", "0s", "0s", "0s"],
        ends=["1500ms", "3s", pd.NaT, pd.NaT, pd.NaT, "1s"],
    )
    add(database, "files", audformat.filewise_index(FILES), speaker=SPEAKERS)
    add(database, "emotion", index, emotion=EMOTIONS)
    manifest = read(database, tmp_path)
    assert list(by_file(manifest, "speaker").items()) == [
        ("audio/0.wav#t=0,1.5", "s1"),
        ("audio/0.wav#t=1.5,3", "s1"),
        ("audio/1.wav#t=2", "s2"),
        ("audio/2.wav", "s3"),
        ("audio/3.wav", "s1"),
        ("audio/4.wav#t=0,1", "s2"),
    ]


def test_tables_of_sets(tmp_path):
    """Tables of train, dev and test count before one of everything; a name may say the set too."""
    database = empty(tmp_path)
    kinds = audformat.define.SplitType
    for name, kind in (("train", kinds.TRAIN), ("dev", kinds.DEVELOP), ("test", kinds.TEST)):
        database.splits[name] = audformat.Split(kind)
    add(database, "files", audformat.filewise_index(FILES), speaker=SPEAKERS)
    add(database, "everything", audformat.filewise_index(FILES), emotion=EMOTIONS)
    sets = {"train": [0, 3], "dev": [1, 4], "test": [2, 5]}
    for name, rows in sets.items():
        index = audformat.filewise_index([FILES[row] for row in rows])
        own = None if name == "dev" else name
        add(database, f"gold.{name}", index, own, emotion=[EMOTIONS[row] for row in rows])
    assert by_file(read(database, tmp_path), "of_set") == dict(
        zip(FILES, ["train", "validation", "test"] * 2, strict=True)
    )
    whole = read(database, tmp_path, tables=["every*"])
    assert set(by_file(whole, "of_set").values()) == {None}


def test_names_of_columns_and_emotions_may_be_others(tmp_path):
    database = empty(tmp_path)
    index = audformat.filewise_index(FILES)
    database.schemes["mood"] = audformat.Scheme(labels=["anger", "neutral"])
    database["t"] = audformat.Table(index)
    database["t"]["rated"] = audformat.Column(scheme_id="mood")
    database["t"]["rated"].set(EMOTIONS)
    database["t"]["who"] = audformat.Column()
    database["t"]["who"].set(SPEAKERS)
    database["t"]["statement"] = audformat.Column()
    database["t"]["statement"].set(list("aabbcc"))
    found = read(
        database,
        tmp_path,
        emotion="mood",
        speaker="who",
        labels={"anger": "angry", "neutral": "neutral"},
    )
    assert {clip.emotion for clip in found.clips} == {"angry", "neutral"}
    assert by_file(found, "statement")["audio/2.wav"] == "b"


def test_rows_that_cannot_be_used_are_named(tmp_path):
    database = empty(tmp_path)
    (tmp_path / FILES[5]).unlink()
    index = audformat.filewise_index(FILES)
    emotions, speakers = [None, *EMOTIONS[1:]], [*SPEAKERS[:4], None, "s3"]
    add(database, "emotion", index, emotion=emotions, speaker=speakers)
    told = dict(read(database, tmp_path).rejected)
    assert told["table emotion, row 1"] == "no emotion; expected a value"
    assert told["table emotion, row 5"] == "no speaker; expected a value"
    assert told["table emotion, row 6"].startswith("path 'audio/5.wav': no such file")


def test_what_cannot_be_told_is_asked_for(tmp_path):
    database = empty(tmp_path)
    index = audformat.filewise_index(FILES)
    add(database, "one", index, emotion=EMOTIONS)
    with pytest.raises(
        CorpusError, match="data.speaker=speaker: neither one nor another table of small"
    ):
        read(database, tmp_path)
    add(database, "two", index, emotion=EMOTIONS, speaker=SPEAKERS)
    with pytest.raises(
        CorpusError, match=r"several tables have emotions, one, two; 'data\.tables=\[one\]'"
    ):
        read(database, tmp_path)
    assert len(read(database, tmp_path, tables=["two"]).clips) == 6
    with pytest.raises(CorpusError, match=r"data\.tables=\[three\]: no table .* they are one, two"):
        read(database, tmp_path, tables=["three"])
    with pytest.raises(
        CorpusError, match="data.emotion=mood: no table .* its columns are emotion, spea"
    ):
        read(database, tmp_path, emotion="mood")


def test_folders_that_are_no_database(tmp_path):
    with pytest.raises(CorpusError, match="no such folder"):
        list_audformat(tmp_path / "gone")
    with pytest.raises(CorpusError, match=r"no db\.yaml in it"):
        list_audformat(tmp_path)
    (tmp_path / "db.yaml").write_text("name: [1\n")
    with pytest.raises(CorpusError, match="cannot be read as a database in audformat"):
        list_audformat(tmp_path)
    database = empty(tmp_path)
    add(database, "emotion", audformat.filewise_index(FILES), emotion=EMOTIONS, speaker=SPEAKERS)
    database.save(tmp_path)
    next(tmp_path.glob("db.emotion.*")).write_bytes(b"cut off")
    with pytest.raises(CorpusError, match="cannot be read as a database in audformat"):
        list_audformat(tmp_path)


def test_by_name_it_is_asked_of_audb(tmp_path, monkeypatch):
    """Its interface alone: what it fetches lies in its own cache, relative to the database's root."""
    database = empty(tmp_path)
    add(database, "emotion", audformat.filewise_index(FILES), emotion=EMOTIONS, speaker=SPEAKERS)
    database.save(tmp_path)
    asked = []

    def load(name, **settings):
        asked.append((name, settings["version"], settings["full_path"]))
        return audformat.Database.load(tmp_path)

    monkeypatch.setitem(sys.modules, "audb", SimpleNamespace(load=load))
    found = list_audformat(None, name="small", version="1.0.0", selection=SOUND)
    assert asked == [("small", "1.0.0", False)] and len(found.clips) == 6
    monkeypatch.setitem(sys.modules, "audb", None)
    with pytest.raises(
        CorpusError, match="data.name=small: fetching by name needs audb: .* install audb"
    ):
        list_audformat(None, name="small", selection=SOUND)


def test_a_folder_or_a_name_and_not_both():
    with pytest.raises(
        ConfigError, match="data.root=None and data.name=None: expected one of them"
    ):
        validate(compose_config(["data=audformat"]))
    with pytest.raises(ConfigError, match="expected one of them"):
        validate(compose_config(["data=audformat", "data.root=/x", "data.name=emodb"]))
