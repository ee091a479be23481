"""What a manifest holds, in words: who speaks what, what is missing, and what is not used and why."""

from collections import Counter
from typing import TYPE_CHECKING

from ravdess_exp.corpus.listing import SOUND_SUFFIXES, show_endings
from ravdess_exp.corpus.ravdess.labels import EMOTIONS, expected_names
from ravdess_exp.folder import COPIES, FAILURES

if TYPE_CHECKING:
    from ravdess_exp.corpus.manifest import Manifest

_LACKING = {  # by modality of the model
    "both": "with sound or picture alone",
    "audio": "with picture alone",
    "video": "with sound alone",
}


def summary_of(manifest: "Manifest") -> str:
    """A table of clips by actor and emotion, and a line for all that is not there or not used."""
    return "\n".join([*_table(manifest), *_missing(manifest), *_unused(manifest)])


def not_read(manifest: "Manifest") -> str:
    """How many files of which kinds are not read, and the setting that reads sound."""
    unread = manifest.unread
    told = f"not read: {sum(unread.values()):,} files of other kinds ({show_endings(unread)})"
    sound = [ending for ending in unread if ending in SOUND_SUFFIXES]
    return told + (f"; modality=audio reads {', '.join(sound)}" if sound else "")


def _table(manifest: "Manifest") -> list[str]:
    counts = Counter((clip.actor, clip.emotion) for clip in manifest.clips)
    actors = sorted({clip.actor for clip in manifest.clips})
    rows = ["actor " + " ".join(f"{name[:8]:>8}" for name in EMOTIONS.values()) + "   total"]
    for actor in actors:
        row = [counts[actor, emotion] for emotion in EMOTIONS]
        rows.append(f"{actor:5d} " + " ".join(f"{n:8d}" for n in row) + f" {sum(row):7d}")
    total = [sum(counts[actor, emotion] for actor in actors) for emotion in EMOTIONS]
    return [*rows, "total " + " ".join(f"{n:8d}" for n in total) + f" {sum(total):7d}"]


def _missing(manifest: "Manifest") -> list[str]:
    """In whatever form a trial is there: with sound and picture, or with what is asked for."""
    speech = {clip.trial for clip in manifest.clips if clip.channel == 1}
    expected = {name.partition("-")[2] for name in expected_names()}
    missing = Counter(int(trial[-2:]) for trial in expected - speech)
    if not missing:
        return []
    actors = ", ".join(f"actor {a}: {n}" for a, n in sorted(missing.items()))
    return [
        f"missing from RAVDESS's {len(expected):,} speech clips: {missing.total():,} ({actors})"
    ]


def _unused(manifest: "Manifest") -> list[str]:
    rows = []
    if filtered := len(manifest.everything) - len(manifest.clips):
        rows.append(f"left out by the filters under data: {filtered:,} clips")
    rows += manifest.unheard_actors()
    if manifest.other:
        rows.append(f"left out: {manifest.other:,} clips {_LACKING[manifest.selection.modality]}")
    if manifest.copies:
        path, reason = manifest.copies[0]
        rows.append(
            f"used once: {len(manifest.copies):,} further files of the same trials (listed in "
            f"{COPIES}), such as {path.name}: {reason}"
        )
    if manifest.rejected:
        rows.append(f"rejected: {len(manifest.rejected):,} files (listed in {FAILURES})")
    if manifest.unread:
        rows.append(not_read(manifest))
    return rows
