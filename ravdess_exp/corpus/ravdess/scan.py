"""A folder of RAVDESS's files becomes a list of clips, in whatever form and nesting it lies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.classes import Classes
from ravdess_exp.corpus.listing import (
    SOUND_SUFFIXES,
    VIDEO_SUFFIXES,
    count_endings,
    list_files,
    plain_name,
    require_folder,
    suffixes_of,
)
from ravdess_exp.corpus.ravdess.clip import RavdessClip, not_a_name
from ravdess_exp.corpus.ravdess.form import describe_form
from ravdess_exp.corpus.ravdess.labels import ALL_CLASSES, EMOTIONS, MODALITIES_OF
from ravdess_exp.corpus.selection import DEFAULT, Selection
from ravdess_exp.corpus.summary import not_read
from ravdess_exp.errors import CorpusError

_WANTED = {  # by modality of the model
    "both": "full audio-video clip (01-*.mp4)",
    "audio": "clip with sound (03-*.wav or 01-*.mp4)",
    "video": "clip with a picture (01-*.mp4 or 02-*.mp4)",
}


def scan(root: Path, selection: Selection = DEFAULT, classes: Classes = ALL_CLASSES) -> Manifest:
    """Find the clips of a modality under `root`, in any nesting of folders.

    A trial is one sample, in however many files it lies: copies, other containers, sound or picture
    apart. Raises `CorpusError` where there is no such folder or no selected clip in it.
    """
    require_folder(root)
    modality, files = selection.modality, list_files(root)
    recordings = [f for f in files if f.name.lower().endswith(suffixes_of(modality))]
    unread = count_endings(set(files).difference(recordings))
    trials: dict[str, list[RavdessClip]] = {}
    doubtful: dict[str, list[RavdessClip]] = {}  # by a name that says more than that it is a copy
    rejected: list[tuple[Path, str]] = []
    other = 0
    for path in recordings:
        name, is_copy = plain_name(path) or (path, True)
        try:
            clip = RavdessClip.from_path(name)
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
            rejected += [(clip.path, not_a_name(clip.path)) for clip in clips]
    everything, copies = _used_once(trials)
    chosen = tuple(clip for clip in everything if clip in selection)
    manifest = Manifest(
        root,
        chosen,
        everything,
        rejected=tuple(sorted(rejected)),
        other=other,
        copies=copies,
        unread=unread,
        selection=selection,
        classes=classes,
        vocabulary=tuple(EMOTIONS.values()),
        remarks=describe_form(everything, selection.channel),
    )
    _require_clips(manifest)
    return manifest


def _used_once(
    trials: Mapping[str, Sequence[RavdessClip]],
) -> tuple[tuple[RavdessClip, ...], tuple[tuple[Path, str], ...]]:
    """The file of each trial that is used, and the others with the reason."""
    used, copies = [], []
    for clips in trials.values():
        first, *others = clips if len(clips) == 1 else sorted(clips, key=_preference)
        used.append(first)
        copies += [(c.path, f"the same trial as {first.path}, which is used") for c in others]
    return tuple(sorted(used)), tuple(sorted(copies))


def _preference(clip: RavdessClip) -> tuple:
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
