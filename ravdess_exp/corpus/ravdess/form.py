"""In which form a copy of RAVDESS is there, and what that form should have.

Source: Livingstone & Russo (2018): each recording is published as sound and picture, as picture alone and
as sound alone; 1,440 of speech and 1,012 of song.
"""

from collections import Counter
from collections.abc import Sequence

from ravdess_exp.corpus.ravdess.clip import RavdessClip
from ravdess_exp.corpus.ravdess.labels import CHANNELS, expected_names

_FORMS = {1: "sound and picture (01-)", 2: "picture alone (02-)", 3: "sound alone (03-)"}


def describe_form(clips: Sequence[RavdessClip], channel: str) -> tuple[str, ...]:
    """Lines for a summary: how many clips of which form, and which of its trials are missing.

    clips: one of each trial that is there; channel: speech, song or all, what is asked for.
    """
    lines = []
    for code, name in CHANNELS.items():
        spoken = [clip for clip in clips if clip.channel == name]
        if channel in (name, "all") and (spoken or channel == name):
            lines += [_form(spoken, name), *_missing(spoken, code, name)]
    return tuple(line for line in lines if line)


def _form(clips: Sequence[RavdessClip], name: str) -> str:
    counts = Counter(clip.modality for clip in clips)
    told = ", ".join(f"{count:,} of {_FORMS[m]}" for m, count in sorted(counts.items()))
    return f"form: {name}, {told}" if told else ""


def _missing(clips: Sequence[RavdessClip], code: int, name: str) -> list[str]:
    """In whatever form a trial is there: with sound and picture, or with what is asked for."""
    expected = {full.partition("-")[2] for full in expected_names(code)}
    missing = Counter(int(trial[-2:]) for trial in expected.difference(c.trial for c in clips))
    if not missing:
        return [f"complete: all of RAVDESS's {len(expected):,} {name} clips"]
    actors = ", ".join(f"actor {a}: {n}" for a, n in sorted(missing.items()))
    return [
        f"missing from RAVDESS's {len(expected):,} {name} clips: {missing.total():,} ({actors})"
    ]
