"""Several corpora as one: who is who, and which file is whose, is never mixed up."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.classes import ListedClasses
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.relabelled import plain_clip, relabelled
from ravdess_exp.corpus.selection import Selection
from ravdess_exp.errors import CorpusError

BETWEEN = ":"  # of a corpus and a speaker of it; no name of a corpus has it in it


@dataclass(frozen=True)
class CorpusPart:
    """One of several corpora. labels: a name for each of its emotions; see `relabelled`."""

    name: str
    list_clips: Callable[[], Manifest]
    labels: Mapping[str, str | None] | None = None

    def find(self) -> Manifest:
        """List its clips; raises `CorpusError` with its name."""
        try:
            return self.list_clips()
        except CorpusError as error:
            raise CorpusError(f"{self.name}: {error}") from error


Reasons = tuple[tuple[str, str], ...]


def list_several(
    parts: Sequence[CorpusPart], selection: Selection, *, same_speakers: bool = False
) -> Manifest:
    """All clips of several corpora, under the names of their classes.

    A speaker is `CORPUS:NAME`, so that none of one corpus is taken for one of another. same_speakers:
    the same name is the same person in all of them. Raises `CorpusError` where one has no clip, or all
    have fewer than two classes.
    """
    manifests = {part.name: relabelled(part.find(), part.labels)[0] for part in parts}
    clips = [
        _of_corpus(clip, name, number, same_speakers=same_speakers)
        for number, (name, manifest) in enumerate(manifests.items())
        for clip in manifest.clips
    ]
    everything, copies, wrong = _without_repeats(clips)
    if not all(clip.of_set for clip in everything):  # else those without would be in no set
        everything = tuple(replace(clip, of_set=None) for clip in everything)
    emotions = ListedClasses.of(clip.emotion for clip in everything).names
    chosen = tuple(clip for clip in everything if clip in selection)
    classes = ListedClasses.of(emotions, selection.without_emotions)
    if not chosen or len(classes.names) < 2:
        raise CorpusError(
            f"{', '.join(manifests)}: {len(chosen)} clips with {selection} and {len(classes.names)} "
            "classes, expected at least two classes"
        )
    return Manifest(
        Path(os.path.commonpath([str(of.root.absolute()) for of in manifests.values()])),
        chosen,
        everything,
        rejected=(*_named(manifests, "rejected"), *wrong),
        other=sum(of.other for of in manifests.values()),
        copies=(*_named(manifests, "copies"), *copies),
        unread=sum((Counter(of.unread) for of in manifests.values()), Counter()),
        selection=selection,
        classes=classes,
        vocabulary=emotions,
        left_out=_named(manifests, "left_out"),
        remarks=(
            *(f"{name}: {line}" for name, of in manifests.items() for line in of.remarks),
            *_describe(chosen, classes.names),
        ),
    )


def _of_corpus(clip: Clip, name: str, number: int, *, same_speakers: bool) -> Clip:
    """The clip with what is only unique within its corpus made unique: place, id, speaker, statement."""
    return plain_clip(
        clip,
        place=(number, *clip.place),
        id=f"{name}/{clip.id}",
        speaker=clip.speaker if same_speakers else f"{name}{BETWEEN}{clip.actor}",
        statement=clip.statement and f"{name}{BETWEEN}{clip.statement}",
        words=clip.words and f"{name}{BETWEEN}{clip.words}",
        corpus=name,
    )


def _without_repeats(clips: Sequence[Clip]) -> tuple[tuple[Clip, ...], Reasons, Reasons]:
    """Each recording once, though two corpora list it; its copies; those of two emotions.

    Copies under other names are found by content. Parts of one file at other times are other recordings.
    """
    of_file: dict[tuple, list[Clip]] = defaultdict(list)
    for clip in clips:
        of_file[os.path.realpath(clip.path), clip.segment].append(clip)
    kept, copies, wrong = [], [], []
    for first, *others in of_file.values():
        other = next((clip for clip in others if clip.emotion != first.emotion), None)
        if other is None:
            kept.append(first)
            copies += [(c.name, f"the same file as {first.name}, which is used") for c in others]
        else:
            told = f"{first.emotion} as {first.name} and {other.emotion} as {other.name}"
            wrong += [(clip.name, f"one file of two emotions: {told}") for clip in (first, *others)]
    return tuple(kept), tuple(copies), tuple(wrong)


def _named(manifests: Mapping[str, Manifest], what: str) -> Reasons:
    """Files or rows of all corpora with their reasons, each with its corpus's name."""
    return tuple(
        (f"{name}: {place}", reason)
        for name, manifest in manifests.items()
        for place, reason in getattr(manifest, what)
    )


def _describe(clips: Sequence[Clip], classes: Sequence[str]) -> list[str]:
    """A line a corpus; and which classes tell the corpus, since only one has them."""
    of: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        of[clip.corpus or ""].append(clip)
    lines = [
        f"corpus {name}: {len(own):,} clips of {len({clip.actor for clip in own})} speakers; classes "
        f"{', '.join(c for c in classes if c in {clip.emotion for clip in own})}"
        for name, own in of.items()
    ]
    for emotion in classes:
        having = [name for name, own in of.items() if emotion in {clip.emotion for clip in own}]
        if len(having) == 1 and len(of) > 1:
            lines.append(
                f"{emotion}: in {having[0]} alone, so that a model may know it by its corpus; labels merge "
                "it, data.without_emotions leaves it out"
            )
    return lines
