"""The files of a folder: which are recordings, and which trial each is of, by its name."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from ravdess_exp.errors import CorpusError

VIDEO_SUFFIXES = (".mp4", ".mov", ".mkv", ".avi", ".flv")  # flv: RAVDESS's first release
SOUND_SUFFIXES = (
    ".wav", ".flac", ".aiff", ".aif", ".au", ".caf", ".m4a", ".mp3", ".ogg", ".opus", ".aac", ".wma",
)  # fmt: skip
DEMO_MARKER = "demo.json"  # in the demo corpus's folder
ARCHIVE_MARKER = "archive.json"  # in each folder of the download
_OURS = {DEMO_MARKER, ARCHIVE_MARKER}

_CODES = re.compile(  # neither more digits nor an eighth code about them; ASCII, not other scripts'
    r"(?<![\d-])\d\d(?:-\d\d){6}(?!\d|-\d\d)", re.ASCII
)
_COPY_WORDS = {  # as file managers write them: `Copy of X`, `X (3rd copy)`, `X - Kopie (2)`
    "copy", "of", "another", "st", "nd", "rd", "th", "duplicate", "copie", "copia", "cópia", "de",
    "kopie", "von", "kopia", "kopi", "av", "af", "kopio", "копия", "副本", "コピー", "のコピー", "복사본",
}  # fmt: skip
_MOST_DIGITS = 3  # of a copy's number


def suffixes_of(modality: str) -> tuple[str, ...]:
    """The endings of the recordings that a model of this modality (both, audio, video) learns from."""
    return VIDEO_SUFFIXES + (SOUND_SUFFIXES if modality == "audio" else ())


def require_folder(root: Path | str) -> None:
    """Raise `CorpusError` where the clips' folder is not there."""
    if not Path(root).is_dir():
        raise CorpusError(f"data.root={root}: no such folder; set data.root to your clips")


def require_table(table: str, root: str | None) -> None:
    """Raise `CorpusError` where a table of clips, or the folder that they are in, is not there."""
    if not Path(table).is_file():
        raise CorpusError(f"data.table={table}: no such file; expected a table of clips")
    if root is not None and not Path(root).is_dir():
        raise CorpusError(f"data.root={root}: no such folder; expected the one that paths begin in")


def list_files(root: Path) -> list[Path]:
    """All files below root in sorted order; hidden ones (such as macOS's ._*) and ours do not count."""
    paths = []
    visited = set()
    for folder, subfolders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in visited:  # a symbolic link that leads back up
            subfolders.clear()
            continue
        visited.add(real)
        paths += [
            Path(folder, file) for file in files if not file.startswith(".") and file not in _OURS
        ]
    return sorted(paths)


def plain_name(path: Path) -> tuple[Path, bool] | None:
    """The path under its trial's own name, and whether the rest of its name only marks a copy.

    Such a mark is ` (1)`, ` - Copy`, `Copy of `, or the ending once more; with any other rest, such
    as `_cropped`, the file may be another thing than its trial. None where the name has no codes.
    """
    codes = _CODES.findall(path.stem)
    if len(codes) != 1:
        return None
    rest = path.stem.replace(codes[0], " ").lower()
    while rest.endswith(VIDEO_SUFFIXES + SOUND_SUFFIXES):
        rest = rest[: rest.rindex(".")]
    words = re.findall(r"[^\W\d_]+", rest)
    marked = bool(words) or not re.search(r"_\d", rest)  # `_1`, `_2` are parts of a clip
    numbered = len(re.findall(r"\d", rest)) <= _MOST_DIGITS
    is_copy = set(words) <= _COPY_WORDS and marked and numbered
    return path.with_name(f"{codes[0]}{path.suffix}"), is_copy


def count_endings(paths: Iterable[Path]) -> dict[str, int]:
    """How many files there are of each ending, the most frequent first; `no ending` for none."""
    counts: dict[str, int] = {}
    for path in paths:
        ending = path.suffix.lower() or "no ending"
        counts[ending] = counts.get(ending, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def show_endings(counts: dict[str, int]) -> str:
    """Such as `1,440 .wav, 1 .txt`."""
    return ", ".join(f"{count:,} {ending}" for ending, count in counts.items())
