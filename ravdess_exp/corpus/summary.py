"""What a manifest holds, in words: who speaks what, what is missing, and what is not used and why."""

from collections import Counter
from typing import TYPE_CHECKING

from ravdess_exp.corpus.listing import SOUND_SUFFIXES, show_endings
from ravdess_exp.corpus.speaker import in_order
from ravdess_exp.folder import COPIES, FAILURES, LEFT_OUT
from ravdess_exp.terminal import short_names

if TYPE_CHECKING:
    from ravdess_exp.corpus.catalogue import Manifest

_SHOWN = 50  # actors
_LACKING = {  # by modality of the model
    "both": "with sound or picture alone",
    "audio": "with picture alone",
    "video": "with sound alone",
}


def summary_of(manifest: "Manifest") -> str:
    """A table of clips by actor and emotion, and a line for all that is not there or not used."""
    licence = [f"licence: {manifest.terms.told()}"] if manifest.terms else []
    return "\n".join([*_table(manifest), *licence, *manifest.remarks, *_unused(manifest)])


def not_read(manifest: "Manifest") -> str:
    """How many files of which kinds are not read, and the setting that reads sound."""
    unread = manifest.unread
    told = f"not read: {sum(unread.values()):,} files of other kinds ({show_endings(unread)})"
    sound = [ending for ending in unread if ending in SOUND_SUFFIXES]
    return told + (f"; modality=audio reads {', '.join(sound)}" if sound else "")


def _table(manifest: "Manifest") -> list[str]:
    """Clips by actor and emotion; of very many actors the first ones."""
    emotions = manifest.vocabulary
    counts = Counter((clip.actor, clip.emotion) for clip in manifest.clips)
    of_actor, of_emotion = (Counter() for _ in range(2))
    for (actor, emotion), count in counts.items():
        of_actor[actor] += count
        of_emotion[emotion] += count
    actors = in_order(of_actor)
    width = max(5, *(len(str(actor)) for actor in actors[:_SHOWN]))
    heads = " ".join(f"{name:>8}" for name in short_names(emotions, 8))
    rows = [f"{'actor':<{width}} {heads}   total"]
    for actor in actors[:_SHOWN]:
        row = [counts[actor, emotion] for emotion in emotions]
        rows.append(f"{actor:>{width}} {_numbers(row)} {of_actor[actor]:7d}")
    if len(actors) > _SHOWN:
        rows.append(f"... and {len(actors) - _SHOWN:,} more actors")
    total = [of_emotion[emotion] for emotion in emotions]
    return [*rows, f"{'total':<{width}} {_numbers(total)} {sum(of_actor.values()):7d}"]


def _numbers(row: list[int]) -> str:
    return " ".join(f"{n:8d}" for n in row)


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
            f"{COPIES}), such as {getattr(path, 'name', path)}: {reason}"
        )
    if manifest.left_out:
        place, reason = manifest.left_out[0]
        rows.append(
            f"left out: {len(manifest.left_out):,} rows (listed in {LEFT_OUT}), such as {place}: {reason}"
        )
    if manifest.rejected:
        rows.append(f"rejected: {len(manifest.rejected):,} files (listed in {FAILURES})")
    if manifest.unread:
        rows.append(not_read(manifest))
    return rows
