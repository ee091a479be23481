"""MELD: utterances of the series Friends, with tables and sets of their own.

The sets share speakers: the six friends are in all three of them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.listing import (
    SOUND_SUFFIXES,
    count_endings,
    list_files,
    require_folder,
    suffixes_of,
)
from ravdess_exp.corpus.selection import DEFAULT, Selection
from ravdess_exp.corpus.speaker import speaker_of
from ravdess_exp.corpus.table.clips import manifest_of
from ravdess_exp.corpus.table.file import Rows, read_rows
from ravdess_exp.corpus.table.labels import LeftOutError, emotion_of
from ravdess_exp.corpus.table.place import UnusableError
from ravdess_exp.corpus.table.row import Row
from ravdess_exp.corpus.terms import Terms
from ravdess_exp.errors import CorpusError

MELD = Terms(
    title="MELD",
    licence="GPL 3.0 as its authors publish it; the recordings are a television series's, whose owner's "
    "rights remain",
    source="affective-meld.github.io",
    cite="Poria et al. (2019), ACL: 527-536",
    language="en",
    hub="gpl-3.0",
)
_TABLES = {"train": "train", "dev": "validation", "test": "test"}  # of TABLE_sent_emo.csv: our set
_EMOTIONS = {
    "neutral": "neutral", "joy": "happy", "sadness": "sad", "anger": "angry", "fear": "fearful",
    "disgust": "disgust", "surprise": "surprised",
}  # fmt: skip
_EXPECTED = {"train": 9989, "validation": 1109, "test": 2610}
_CLIP = re.compile(r"dia(\d+)_utt(\d+)", re.IGNORECASE)
_SEVERAL = re.compile(r"\band\b|[&/,]|\b(all|both|everyone|everybody|guys|girls|crowd)\b", re.I)
_COLUMNS = ("speaker", "emotion", "dialogue_id", "utterance_id")
_SHARED = (
    "MELD's own sets have speakers in common, so that split=own refuses them; "
    "split.shared_speakers=accepted takes them as they are, marked as a leak"
)

Key = tuple[str, int, int]  # set, dialogue, utterance


def list_meld(
    root: Path,
    *,
    selection: Selection = DEFAULT,
    labels: Mapping[str, str | None] | None = None,
) -> Manifest:
    """MELD's clips below a folder: `train_sent_emo.csv` and its like, and `dia0_utt0.mp4` of each set.

    An utterance of several people at once is left out, since it belongs to no one speaker. Raises
    `CorpusError` where a table is missing, or every clip.
    """
    require_folder(root)
    files = list_files(root)
    wanted = [f for f in files if f.name.lower().endswith(suffixes_of(selection.modality))]
    clips = _clips(root, wanted, selection.modality)
    rows, rejected, left_out = [], [], []
    for of_set, table in _tables(root, files).items():
        for line, values in _utterances(table):
            origin = f"{table.path.name}, line {line}"
            try:
                rows.append(_row(line, origin, of_set, values, clips, labels))
            except LeftOutError as error:
                left_out.append((origin, str(error)))
            except UnusableError as error:
                rejected.append((origin, str(error)))
    if not rows:
        reasons = [*rejected, *left_out]
        raise CorpusError(
            f"data.root={root}: no clip of MELD in it that modality={selection.modality} uses"
            + (f"; {reasons[0][0]}: {reasons[0][1]}" if reasons else "")
        )
    return manifest_of(
        rows,
        name=f"data.root={root}",
        folder=root,
        selection=selection,
        rejected=rejected,
        left_out=left_out,
        unread=count_endings(set(files).difference(wanted)),
        remarks=[_found(rows), *_shared(rows)],
        terms=MELD,
    )


def _clips(root: Path, wanted: Sequence[Path], modality: str) -> dict[Key, Path]:
    """The file of each utterance; of several, sound alone where sound is asked for, else the first.

    The nearest folder that is named after a set says which set it is of, since dialogues have the same
    numbers in each.
    """
    clips: dict[Key, Path] = {}
    for path in wanted:
        found = _CLIP.fullmatch(path.stem)
        of_set = _set_of(path.relative_to(root).parts[:-1])
        if found is None or of_set is None:
            continue  # such as final_videos_testdia101_utt0.mp4, which no table lists
        key = (of_set, int(found[1]), int(found[2]))
        is_sound = path.suffix.lower() in SOUND_SUFFIXES
        if key not in clips or (modality == "audio" and is_sound):
            clips[key] = path
    return clips


def _set_of(folders: Sequence[str]) -> str | None:
    for folder in reversed(folders):
        for table, of_set in _TABLES.items():
            if table in folder.lower():
                return of_set
    return None


def _tables(root: Path, files: Sequence[Path]) -> dict[str, Rows]:
    """Each set's table; raises `CorpusError` where one is missing or cannot be read."""
    by_name = {path.name.lower(): path for path in files}
    tables = {}
    for table, of_set in _TABLES.items():
        name = f"{table}_sent_emo.csv"
        if name not in by_name:
            raise CorpusError(
                f"data.root={root}: no {name} in it; expected MELD's three tables of that kind beside "
                "the clips"
            )
        tables[of_set] = _read(by_name[name])
    return tables


def _read(path: Path) -> Rows:
    """Some copies are in UTF-8, others as Windows writes text."""
    try:
        return read_rows(path, "utf-8")
    except CorpusError as error:
        if not isinstance(error.__cause__, UnicodeDecodeError):
            raise
        return read_rows(path, "cp1252")


def _utterances(table: Rows) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and values of each row; raises `CorpusError` where a column is missing."""
    header = [name.lower() for name in table.header]
    if missing := [name for name in _COLUMNS if name not in header]:
        raise CorpusError(
            f"{table.path}: no column {' and no '.join(missing)}; its columns are "
            f"{', '.join(table.header)}"
        )
    places = {name: header.index(name) for name in _COLUMNS}
    for line, fields in table.rows:
        if len(fields) == len(header):
            yield line, {name: fields[place].strip() for name, place in places.items()}


def _row(
    line: int,
    origin: str,
    of_set: str,
    values: Mapping[str, str],
    clips: Mapping[Key, Path],
    labels: Mapping[str, str | None] | None,
) -> Row:
    """Raises `LeftOutError`, or `UnusableError` for an utterance without a clip or a known emotion."""
    label = _EMOTIONS.get(values["emotion"].lower())
    numbers = values["dialogue_id"], values["utterance_id"]
    if label is None or not all(map(str.isdecimal, numbers)):
        raise UnusableError(
            f"emotion {values['emotion']!r} of dialogue {numbers[0]!r}, utterance {numbers[1]!r}: "
            f"expected two numbers and one of {', '.join(_EMOTIONS)}"
        )
    if not values["speaker"] or _SEVERAL.search(values["speaker"]):
        raise LeftOutError(f"speaker {values['speaker']!r}: several at once, expected one")
    emotion = emotion_of(label, labels)
    dialogue, utterance = map(int, numbers)
    name = f"dia{dialogue}_utt{utterance}"
    path = clips.get((of_set, dialogue, utterance))
    if path is None:
        raise UnusableError(f"{name}: no such file in a folder of {of_set}")
    return Row(
        line=line,
        id=f"{of_set}/{name}",
        path=path,
        speaker=speaker_of(values["speaker"]),
        label=label,
        emotion=emotion,
        sex=None,
        facts={"statement": None, "intensity": None, "language": MELD.language, "group": None},
        of_set=of_set,
        origin=origin,
    )


def _found(rows: Sequence[Row]) -> str:
    counts = Counter(row.of_set for row in rows)
    told = ", ".join(f"{name} {counts[name]:,} of {count:,}" for name, count in _EXPECTED.items())
    return f"MELD's own sets: {told}"


def _shared(rows: Sequence[Row]) -> list[str]:
    places = {(row.speaker, row.of_set) for row in rows}
    return [_SHARED] if len(places) > len({row.speaker for row in rows}) else []
