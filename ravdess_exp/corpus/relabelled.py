"""A corpus's emotions under the names that another one, or a model, has for them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.classes import Classes, ListedClasses
from ravdess_exp.corpus.clip import Clip


@dataclass(frozen=True)
class LeftOut:
    """A clip that is not used. emotion: as its corpus names it."""

    clip: Clip
    emotion: str
    reason: str


def plain_clip(clip: Clip, **changed: object) -> Clip:
    """The clip as one of any corpus, so that those of several stand in one order."""
    known = {field.name: getattr(clip, field.name) for field in fields(Clip)}
    return Clip(**(known | changed))


def relabelled(
    manifest: Manifest, labels: Mapping[str, str | None] | None
) -> tuple[Manifest, tuple[LeftOut, ...]]:
    """The selected clips under these names, and those that have none.

    labels: a name for each emotion that is used; None: each class of the corpus under its own name.
    """
    kept, left_out = [], []
    for clip in manifest.clips:
        if labels is None:
            name: str | None = class_of(clip.emotion, manifest.classes)
        else:
            name = labels.get(clip.emotion)
        if name is None:
            reason = f"emotion {clip.emotion!r}: not in labels, or left out by them"
            left_out.append(LeftOut(clip, clip.emotion, reason))
        else:
            kept.append(plain_clip(clip, emotion=name))
    names = ListedClasses.of(clip.emotion for clip in kept)
    rows = tuple((of.clip.name, of.reason) for of in left_out)
    changed = replace(
        manifest,
        clips=tuple(kept),
        everything=tuple(kept),
        classes=names,
        vocabulary=names.names,
        left_out=(*manifest.left_out, *rows),
    )
    return changed, tuple(left_out)


def emotion_in(reason: str) -> str | None:
    """The emotion that a row is left out for, as `emotion 'bored': ...` says; None for another reason."""
    what, _, rest = reason.partition(" ")
    return rest.partition(":")[0].strip("'\"") if what == "emotion" else None


def class_of(emotion: str, classes: Classes) -> str | None:
    """The class of an emotion, such as `neutral` of RAVDESS's `calm`; None where there is none."""
    try:
        return classes.names[classes.index(emotion)]
    except (ValueError, KeyError):
        return None
