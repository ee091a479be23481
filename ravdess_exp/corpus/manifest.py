"""A folder of files becomes a list of clips; their names say who, what and how."""

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ravdess_exp.corpus.listing import (
    SOUND_SUFFIXES,
    VIDEO_SUFFIXES,
    count_endings,
    list_files,
    plain_name,
    suffixes_of,
)
from ravdess_exp.corpus.ravdess.labels import (
    ACTORS,
    CHANNELS,
    EMOTIONS,
    INTENSITIES,
    MODALITIES,
    MODALITIES_OF,
    REPETITIONS,
    STATEMENTS,
    expected_names,
    sex_of,
)
from ravdess_exp.corpus.selection import DEFAULT, Selection, of_actors, without_actors
from ravdess_exp.corpus.summary import not_read, summary_of
from ravdess_exp.errors import CorpusError

__all__ = ["VIDEO_SUFFIXES", "Clip", "Manifest", "Selection", "expected_names", "scan"]

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
_WANTED = {  # by modality of the model
    "both": "full audio-video clip (01-*.mp4)",
    "audio": "clip with sound (03-*.wav or 01-*.mp4)",
    "video": "clip with a picture (01-*.mp4 or 02-*.mp4)",
}


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

    @property
    def trial(self) -> str:
        """The name without its modality: what was said once, and may lie in several files."""
        return self.name.partition("-")[2]

    @property
    def sex(self) -> str:
        """The speaker's, `male` or `female`."""
        return sex_of(self.actor)

    @classmethod
    def from_path(cls, path: Path) -> "Clip":
        """Read the seven codes of a file name; raises `CorpusError` saying which one is wrong."""
        if not _NAME.fullmatch(path.stem):
            raise CorpusError(_not_a_name(path))
        codes = [int(part) for part in path.stem.split("-")]
        for code, (field, known) in zip(codes, _FIELDS, strict=True):
            if code not in known:
                raise CorpusError(
                    f"{path.name}: {field} code {code:02d}, expected one of {_range(known)}"
                )
        return cls(*codes, path)


@dataclass(frozen=True)
class Manifest:
    """The samples of a corpus in a fixed order, and the files that are no samples."""

    root: Path
    clips: tuple[Clip, ...]  # those that are selected
    everything: tuple[Clip, ...]  # and those that are not: a split is drawn over all of them
    rejected: tuple[tuple[Path, str], ...]  # files that should have been samples, with the reason
    other: int  # clips without the sound or the picture that is asked for
    copies: tuple[tuple[Path, str], ...] = ()  # further files of the same trials, which is used
    unread: Mapping[str, int] = dataclasses.field(
        default_factory=dict
    )  # files of other kinds, by ending
    selection: Selection = DEFAULT

    def summary(self) -> str:
        """What there is, and what is missing from the expected speech corpus."""
        return summary_of(self)

    def unheard_actors(self) -> list[str]:
        """A sentence on the actors of whom there are clips and none is selected."""
        left_out = {clip.actor for clip in self.clips}.union(self.selection.without_actors)
        actors = sorted({clip.actor for clip in self.everything} - left_out)
        if not actors:
            return []
        reason = self.selection.reason_without([c for c in self.everything if c.actor in actors])
        without = without_actors(self.selection, actors)
        return [
            f"no clip of {of_actors(actors)} with {reason}; {without} leaves them out of all sets"
        ]


def require_folder(root: Path | str) -> None:
    """Raise `CorpusError` where the clips' folder is not there."""
    if not Path(root).is_dir():
        raise CorpusError(f"data.root={root}: no such folder; set data.root to your RAVDESS clips")


def scan(root: Path, selection: Selection = DEFAULT) -> Manifest:
    """Find the clips of a modality under `root`, in any nesting of folders.

    A trial is one sample, in however many files it lies: copies, other containers, sound or picture
    apart. Raises `CorpusError` where there is no such folder or no selected clip in it.
    """
    require_folder(root)
    modality, files = selection.modality, list_files(root)
    recordings = [f for f in files if f.name.lower().endswith(suffixes_of(modality))]
    unread = count_endings(set(files).difference(recordings))
    trials: dict[str, list[Clip]] = {}
    doubtful: dict[str, list[Clip]] = {}  # by a name that says more than that it is a copy
    rejected: list[tuple[Path, str]] = []
    other = 0
    for path in recordings:
        name, is_copy = plain_name(path) or (path, True)
        try:
            clip = Clip.from_path(name)
        except CorpusError as error:
            rejected.append((path, str(error)))
            continue
        if clip.modality in MODALITIES_OF[modality]:
            found = trials if is_copy else doubtful
            found.setdefault(clip.trial, []).append(replace(clip, path=path))
        else:
            other += 1
    for trial, clips in doubtful.items():
        if trial in trials:
            trials[trial] += clips
        else:
            rejected += [(clip.path, _not_a_name(clip.path)) for clip in clips]
    everything, copies = _used_once(trials)
    manifest = Manifest(
        root,
        tuple(clip for clip in everything if clip in selection),
        everything,
        tuple(sorted(rejected)),
        other,
        copies,
        unread,
        selection,
    )
    _require_clips(manifest)
    return manifest


def _used_once(
    trials: Mapping[str, Sequence[Clip]],
) -> tuple[tuple[Clip, ...], tuple[tuple[Path, str], ...]]:
    """The file of each trial that is used, and the others with the reason."""
    used, copies = [], []
    for clips in trials.values():
        first, *others = clips if len(clips) == 1 else sorted(clips, key=_preference)
        used.append(first)
        copies += [(c.path, f"the same trial as {first.path}, which is used") for c in others]
    return tuple(sorted(used)), tuple(sorted(copies))


def _preference(clip: Clip) -> tuple:
    """Sound and picture together first, by its own name, mp4; of equal kinds what is not cut off."""
    suffixes = VIDEO_SUFFIXES + SOUND_SUFFIXES
    plain = plain_name(clip.path)[1]
    try:
        size = clip.path.stat().st_size
    except OSError:  # a link that leads nowhere
        size = 0
    kind = suffixes.index(clip.path.suffix.lower())
    return not plain, clip.modality, kind, -size, clip.path.stem != clip.name, clip.path


def _require_clips(manifest: Manifest) -> None:
    if manifest.clips:
        return
    if manifest.everything:
        raise CorpusError(
            f"data.root={manifest.root}: {len(manifest.everything)} clips in it, but none with "
            f"{manifest.selection}"
        )
    rejected = manifest.rejected
    raise CorpusError(
        f"data.root={manifest.root}: no {_WANTED[manifest.selection.modality]} in it; {manifest.other} clips "
        f"of another kind, {len(rejected)} files with other names"
        + (f", such as {rejected[0][0].name}" if rejected else "")
        + (f"; {not_read(manifest)}" if manifest.unread else "")
    )


def _not_a_name(path: Path) -> str:
    return (
        f"{path.name}: not a RAVDESS file name, expected seven two-digit codes such as "
        f"01-01-03-01-02-01-07{path.suffix}"
    )


def _range(codes: Iterable[int]) -> str:
    return f"{min(codes):02d}..{max(codes):02d}"
