"""A folder of files becomes a list of clips; their names say who, what and how."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ravdess_exp.corpus.ravdess.labels import (
    ACTORS,
    CHANNELS,
    EMOTIONS,
    INTENSITIES,
    MODALITIES,
    REPETITIONS,
    STATEMENTS,
)
from ravdess_exp.errors import CorpusError

VIDEO_SUFFIXES = (".mp4", ".mov", ".mkv", ".avi", ".flv")  # flv: RAVDESS's first release
_FIELDS = (
    ("modality", MODALITIES),
    ("channel", CHANNELS),
    ("emotion", EMOTIONS),
    ("intensity", INTENSITIES),
    ("statement", STATEMENTS),
    ("repetition", REPETITIONS),
    ("actor", ACTORS),
)
_NAME = re.compile(r"\d\d(-\d\d){6}", re.ASCII)  # other scripts have digits too


@dataclass(frozen=True, order=True)
class Clip:
    """One recording, ordered by its codes and never by where or when its file was listed."""

    modality: int
    channel: int
    emotion: int
    intensity: int
    statement: int
    repetition: int
    actor: int
    path: Path

    @property
    def name(self) -> str:
        """The codes as RAVDESS writes them, `01-01-03-01-02-01-07`: unique within a corpus."""
        return "-".join(f"{getattr(self, field):02d}" for field, _ in _FIELDS)

    @classmethod
    def from_path(cls, path: Path) -> "Clip":
        """Read the seven codes of a file name; raises `CorpusError` saying which one is wrong."""
        if not _NAME.fullmatch(path.stem):
            raise CorpusError(
                f"{path.name}: not a RAVDESS file name, expected seven two-digit codes such as "
                f"01-01-03-01-02-01-07{path.suffix}"
            )
        codes = [int(part) for part in path.stem.split("-")]
        for code, (field, known) in zip(codes, _FIELDS, strict=True):
            if code not in known:
                raise CorpusError(
                    f"{path.name}: {field} code {code:02d}, expected one of {_range(known)}"
                )
        return cls(*codes, path)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which clips of a corpus are used; `all` and empty lists leave nothing out."""

    channel: str = "speech"  # speech, song or all
    intensity: str = "all"  # all, normal or strong
    statement: str | int = "all"  # all, 1 or 2
    without_emotions: tuple[str, ...] = ()
    without_actors: tuple[int, ...] = ()

    def __contains__(self, clip: "Clip") -> bool:
        """Whether a clip is used."""
        return (
            self.channel in ("all", CHANNELS[clip.channel])
            and self.intensity in ("all", INTENSITIES[clip.intensity])
            and self.statement in ("all", clip.statement)
            and EMOTIONS[clip.emotion] not in self.without_emotions
            and clip.actor not in self.without_actors
        )


@dataclass(frozen=True)
class Manifest:
    """The samples of a corpus in a fixed order, and the video files that are not samples."""

    root: Path
    clips: tuple[Clip, ...]  # those that are selected
    everything: tuple[Clip, ...]  # and those that are not: a split is drawn over all of them
    rejected: tuple[tuple[Path, str], ...]  # files that should have been samples, with the reason
    other: int  # clips with sound or picture alone

    def summary(self) -> str:
        """Clips by actor and emotion, and what is missing from the expected speech corpus."""
        counts = Counter((clip.actor, clip.emotion) for clip in self.clips)
        actors = sorted({clip.actor for clip in self.clips})
        header = "actor " + " ".join(f"{name[:8]:>8}" for name in EMOTIONS.values()) + "   total"
        rows = [header]
        for actor in actors:
            row = [counts[actor, emotion] for emotion in EMOTIONS]
            rows.append(f"{actor:5d} " + " ".join(f"{n:8d}" for n in row) + f" {sum(row):7d}")
        total = [sum(counts[actor, emotion] for actor in actors) for emotion in EMOTIONS]
        rows.append("total " + " ".join(f"{n:8d}" for n in total) + f" {sum(total):7d}")
        speech = {clip.name for clip in self.clips if clip.channel == 1}
        expected = set(expected_names())
        missing = Counter(int(name[-2:]) for name in expected - speech)
        if missing:
            rows.append(
                f"missing from RAVDESS's {len(expected):,} speech clips: {missing.total():,} ("
                + ", ".join(f"actor {a}: {n}" for a, n in sorted(missing.items()))
                + ")"
            )
        if filtered := len(self.everything) - len(self.clips):
            rows.append(f"left out by the filters under data: {filtered:,} clips")
        if self.other:
            rows.append(f"left out: {self.other:,} clips with sound or picture alone")
        if self.rejected:
            rows.append(f"rejected: {len(self.rejected):,} files (listed in failures.csv)")
        return "\n".join(rows)


def expected_names() -> Iterator[str]:
    """Names of the 1,440 full audio-video speech clips: 24 actors, 60 each; neutral has no strong."""
    for actor in ACTORS:
        for emotion in EMOTIONS:
            for intensity in (1,) if emotion == 1 else INTENSITIES:
                for statement in STATEMENTS:
                    for repetition in REPETITIONS:
                        codes = (1, 1, emotion, intensity, statement, repetition, actor)
                        yield "-".join(f"{code:02d}" for code in codes)


def require_folder(root: Path | str) -> None:
    """Raise `CorpusError` where the clips' folder is not there."""
    if not Path(root).is_dir():
        raise CorpusError(f"data.root={root}: no such folder; set data.root to your RAVDESS clips")


def scan(root: Path, selection: Selection = Selection()) -> Manifest:
    """Find the full audio-video clips under `root`, in any nesting of folders.

    The same trial as video-only or audio-only is no second sample, and neither is a second file of
    the same name. Raises `CorpusError` where there is no such folder or no selected clip in it.
    """
    require_folder(root)
    seen: dict[str, Clip] = {}
    rejected: list[tuple[Path, str]] = []
    other = 0
    for path in _video_files(root):
        try:
            clip = Clip.from_path(path)
        except CorpusError as error:
            rejected.append((path, str(error)))
            continue
        if clip.modality != 1:
            other += 1
        elif clip.name in seen:
            rejected.append((path, f"the same trial as {seen[clip.name].path}, which is used"))
        else:
            seen[clip.name] = clip
    if not seen:
        raise CorpusError(
            f"data.root={root}: no full audio-video clip (01-*.mp4) in it; {other} clips of another "
            f"kind, {len(rejected)} files with other names"
            + (f", such as {rejected[0][0].name}" if rejected else "")
        )
    everything = tuple(sorted(seen.values()))
    clips = tuple(clip for clip in everything if clip in selection)
    if not clips:
        raise CorpusError(
            f"data.root={root}: {len(everything)} clips in it, but none with {selection}"
        )
    return Manifest(root, clips, everything, tuple(rejected), other)


def _video_files(root: Path) -> list[Path]:
    """All video files below root in sorted order; hidden ones (such as macOS's ._*) do not count."""
    paths = []
    visited = set()
    for folder, subfolders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in visited:  # a symbolic link that leads back up
            subfolders.clear()
            continue
        visited.add(real)
        paths += [
            Path(folder, file)
            for file in files
            if file.lower().endswith(VIDEO_SUFFIXES) and not file.startswith(".")
        ]
    return sorted(paths)


def _range(codes) -> str:
    return f"{min(codes):02d}..{max(codes):02d}"
