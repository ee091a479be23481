"""A further corpus, on which a model is scored that was trained without it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.classes import Classes
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.relabelled import LeftOut, class_of, emotion_in, relabelled
from ravdess_exp.corpus.segment import overlap
from ravdess_exp.corpus.several import CorpusPart
from ravdess_exp.errors import CorpusError

_FEWEST = 2  # classes of which an average recall says anything


@dataclass(frozen=True)
class Scorable:
    """The clips of a further corpus that a model can be scored on.

    clips: under the model's names of classes; left_out: the others, each with the reason; unknown: how
    many are left out of each emotion; lacking: classes of the model without a clip there; rows: of a
    table that its labels leave out, each with the reason.
    """

    clips: tuple[Clip, ...]
    left_out: tuple[LeftOut, ...]
    unknown: Mapping[str, int]
    lacking: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class OtherCorpus:
    """A corpus that has no part in training, by its name in results.

    key: of the configuration, such as `data.test`; part: where its clips come from.
    """

    name: str
    key: str
    source: str
    root: Path
    part: CorpusPart

    def find(self) -> Manifest:
        """List its clips, once; raises `CorpusError`."""
        return self._listed

    @cached_property
    def _listed(self) -> Manifest:
        return self.part.find()

    def scorable(self, classes: Classes) -> Scorable:
        """What of it a model of these classes can be scored on; raises `CorpusError` for nothing."""
        manifest, unnamed = relabelled(self.find(), self.part.labels)
        clips, unknown = [], []
        for clip in manifest.clips:
            known = class_of(clip.emotion, classes)
            if known is None or known in classes.without:
                reason = f"the model does not know {clip.emotion}"
                unknown.append(LeftOut(clip, clip.emotion, reason))
            else:
                clips.append(clip)
        present = {class_of(clip.emotion, classes) for clip in clips}
        if len(present) < _FEWEST:
            theirs = dict.fromkeys(clip.emotion for clip in self.find().clips)
            raise CorpusError(
                f"{self.key}: {self.name} and the model have {len(present)} classes in common, expected at "
                f"least {_FEWEST}; the model knows {', '.join(classes.names)}, the corpus has "
                f"{', '.join(theirs)}. '{self.key}.labels={{THEIRS: OURS}}' says which is which"
            )
        rows = self.find().left_out
        emotions = [emotion for _, reason in rows if (emotion := emotion_in(reason))]
        emotions += [of.emotion for of in (*unnamed, *unknown)]
        return Scorable(
            tuple(clips),
            (*unnamed, *unknown),
            dict(Counter(emotions)),
            tuple(name for name in classes.names if name not in present),
            rows,
        )


def of_known_speakers(
    clips: tuple[Clip, ...], digests: Mapping[str, str], learned: Mapping[str, str]
) -> tuple[LeftOut, ...]:
    """The clips of speakers of whom a recording was learned from too, under whatever name.

    digests: of each clip's sound, or of its file, by name; learned: the name of a clip that trains or
    validates, by the same. Names of speakers are not compared: two corpora may use one for two people.
    """
    shared = {
        clip.actor: (clip.name, learned[digests[clip.name]])
        for clip in reversed(clips)
        if digests.get(clip.name) in learned
    }
    return tuple(
        LeftOut(clip, clip.emotion, _known(clip, *shared[clip.actor]))
        for clip in clips
        if clip.actor in shared
    )


def overlapping(
    clips: tuple[Clip, ...], files: Mapping[str, str], learned: Mapping[str, Sequence[Clip]]
) -> tuple[LeftOut, ...]:
    """The clips that share a moment of a film with one that was learned from.

    files: digest of all of a clip's file by clip name; learned: clips that train or validate, by the same.
    """
    found = []
    for clip in clips:
        met = [
            c for c in learned.get(files.get(clip.name, ""), ()) if overlap(clip.segment, c.segment)
        ]
        if met:
            reason = f"shares a moment of its file with {met[0].name}, which trains"
            found.append(LeftOut(clip, clip.emotion, reason))
    return tuple(found)


def _known(clip: Clip, copy: str, trained: str) -> str:
    return f"speaker {clip.actor} is known to the model: {copy} is the recording {trained}"
