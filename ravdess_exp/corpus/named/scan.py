"""A folder of a named corpus's files becomes its clips, in whatever form and nesting it lies."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.listing import (
    SOUND_SUFFIXES,
    VIDEO_SUFFIXES,
    count_endings,
    list_files,
    require_folder,
    show_endings,
    suffixes_of,
)
from ravdess_exp.corpus.named.corpus import NamedCorpus
from ravdess_exp.corpus.named.form import describe_form
from ravdess_exp.corpus.selection import DEFAULT, Selection
from ravdess_exp.corpus.speaker import speaker_of
from ravdess_exp.corpus.table.clips import manifest_of
from ravdess_exp.corpus.table.labels import LeftOutError, emotion_of
from ravdess_exp.corpus.table.place import UnusableError
from ravdess_exp.corpus.table.row import Row
from ravdess_exp.errors import CorpusError

_POINTER = b"version https://git-lfs"  # of a file that Git has left elsewhere
_POINTER_BYTES = 1024  # and more a pointer never has
_NOT_FETCHED = (
    "a pointer of Git LFS and not the recording; `git lfs pull`, in the corpus's folder, fetches it"
)


def scan_named(
    corpus: NamedCorpus,
    root: Path,
    *,
    selection: Selection = DEFAULT,
    labels: Mapping[str, str | None] | None = None,
    sexes: Mapping[str, str] | None = None,
) -> Manifest:
    """Find the clips of a corpus below `root`. A recording is one clip, in however many files it lies.

    labels: as of a table, by the corpus's emotions. sexes: by speaker, where a file beside the clips says
    them. Raises `CorpusError` where there is no such folder, or no clip of the corpus in it.
    """
    require_folder(root)
    files = list_files(root)
    wanted = [f for f in files if f.name.lower().endswith(suffixes_of(selection.modality))]
    rows: dict[str, list[Row]] = {}
    rejected: list[tuple[Path, str]] = []
    left_out: dict[str, tuple[str, str]] = {}  # by clip id: emotion and reason
    pattern = corpus.compiled()
    known = {**corpus.sexes, **(sexes or {})}
    for number, path in enumerate(wanted):
        found = pattern.fullmatch(path.relative_to(root).as_posix())
        if found is None:
            rejected.append((path, _not_a_name(path, corpus)))
        elif _is_pointer(path):
            rejected.append((path, _NOT_FETCHED))
        else:
            row = _row(number, path, corpus, found, labels, known, left_out)
            if row is not None:
                rows.setdefault(row.id, []).append(row)
    used, copies = _used_once(rows, selection.modality)
    unread = count_endings(set(files).difference(wanted))
    _require_clips(corpus, root, selection, used, rejected, left_out, unread)
    return manifest_of(
        used,
        name=f"data.root={root}",
        folder=root,
        selection=selection,
        rejected=rejected,
        copies=copies,
        left_out=[(name, reason) for name, (_, reason) in left_out.items()],
        unread=unread,
        remarks=describe_form(corpus, used, left_out=[emotion for emotion, _ in left_out.values()]),
        terms=corpus.terms,
    )


def _row(
    number: int,
    path: Path,
    corpus: NamedCorpus,
    found,
    labels: Mapping[str, str | None] | None,
    sexes: Mapping[str, str],
    left_out: dict[str, tuple[str, str]],
) -> Row | None:
    """What a file's name says; None where it is left out, which is noted."""
    told = corpus.read(found)
    try:
        if told.id in corpus.unusable:
            raise LeftOutError(corpus.unusable[told.id])
        emotion = emotion_of(told.emotion, labels)
    except (LeftOutError, UnusableError) as error:
        left_out[told.id] = (told.emotion, str(error))
        return None
    facts = {
        "statement": told.statement,
        "intensity": told.intensity,
        "language": corpus.terms.language,
    }
    speaker = speaker_of(told.speaker)
    return Row(
        line=number,
        id=told.id,
        path=path,
        speaker=speaker,
        label=told.emotion,
        emotion=emotion,
        sex=sexes.get(told.speaker),
        facts=facts,
        of_set=None,
    )


def _used_once(
    rows: Mapping[str, Sequence[Row]], modality: str
) -> tuple[list[Row], list[tuple[Path, str]]]:
    """The file of each recording that is used, in the order of ids; the others with the reason."""
    used, copies = [], []
    for _, found in sorted(rows.items()):
        first, *others = sorted(found, key=lambda row: _preference(row.path, modality))
        used.append(first)
        copies += [
            (row.path, f"the same recording as {first.path}, which is used") for row in others
        ]
    return used, sorted(copies)


def _preference(path: Path, modality: str) -> tuple:
    """Sound alone first where sound is asked for, else video; of equal kinds what is not cut off."""
    suffixes = SOUND_SUFFIXES + VIDEO_SUFFIXES if modality == "audio" else VIDEO_SUFFIXES
    try:
        size = path.stat().st_size
    except OSError:  # a link that leads nowhere
        size = 0
    return suffixes.index(path.suffix.lower()), -size, len(path.parts), path


def _is_pointer(path: Path) -> bool:
    try:
        if path.stat().st_size > _POINTER_BYTES:
            return False
        with path.open("rb") as file:
            return file.read(len(_POINTER)) == _POINTER
    except OSError:
        return False


def _not_a_name(path: Path, corpus: NamedCorpus) -> str:
    return f"{path.name}: not a file name of {corpus.terms.title}, expected one such as {corpus.example}"


def _require_clips(
    corpus: NamedCorpus,
    root: Path,
    selection: Selection,
    used: Sequence[Row],
    rejected: Sequence[tuple[Path, str]],
    left_out: Mapping[str, tuple[str, str]],
    unread: Mapping[str, int],
) -> None:
    if used:
        return
    told = f"data.root={root}: no clip of {corpus.terms.title} in it that modality={selection.modality} uses"
    if rejected:
        told += f"; {len(rejected):,} files that are none, such as {rejected[0][0].name}: {rejected[0][1]}"
    if left_out:
        name, (_, reason) = next(iter(left_out.items()))
        told += f"; {len(left_out):,} left out, such as {name}: {reason}"
    if unread:
        told += f"; files of other kinds: {show_endings(unread)}"
    if not corpus.has_picture and selection.modality != "audio":
        told += f". {corpus.terms.title} is sound alone: modality=audio"
    raise CorpusError(f"{told}; expected files such as {corpus.example}")
