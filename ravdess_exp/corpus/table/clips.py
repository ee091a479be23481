"""Rows become the clips of a corpus, in an order that their names do not change."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.classes import ListedClasses
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.numbers import Numbers
from ravdess_exp.corpus.selection import Selection, override
from ravdess_exp.corpus.speaker import in_order
from ravdess_exp.corpus.split.own import ELSEWHERE
from ravdess_exp.corpus.table.agreement import similar_speakers
from ravdess_exp.corpus.table.numbers import NumberColumns
from ravdess_exp.corpus.table.row import Row
from ravdess_exp.corpus.terms import Terms
from ravdess_exp.errors import CorpusError

_FEWEST = 3  # speakers: one for each set
Reasons = Sequence[tuple[Path | str, str]]


def manifest_of(
    rows: Sequence[Row],
    *,
    name: str,
    folder: Path,
    selection: Selection,
    rejected: Reasons = (),
    copies: Reasons = (),
    left_out: Reasons = (),
    other: int = 0,
    unread: Mapping[str, int] | None = None,
    remarks: Sequence[str] = (),
    terms: Terms | None = None,
    numbers: NumberColumns | None = None,
    unused: str = "",
) -> Manifest:
    """The corpus of these rows, which agree with each other. name: of the corpus in messages.

    numbers: what is learned of them in the place of classes. unused: what a
    message says of rows that are not among these. The rest is as in `Manifest`.
    Raises `CorpusError` where no clip is selected, or all are of one class.
    """
    everything = clips_of(rows)
    emotions = ListedClasses.of({clip.emotion for clip in everything} - {""}).names
    target = Numbers(numbers.names) if numbers and numbers.names else None
    classes = ListedClasses.of(emotions, selection.without_emotions)
    clips = tuple(clip for clip in everything if clip in selection)
    if not clips:
        raise CorpusError(f"{name}: {len(everything)} clips in it, but none with {selection}")
    if len(classes.names) < 2 and not target:
        raise CorpusError(
            f"{name}: the emotion of every clip is {', '.join(classes.names)}, expected at least "
            f"two{unused}"
        )
    return Manifest(
        folder,
        clips,
        everything,
        rejected=tuple(rejected),
        other=other,
        copies=tuple(copies),
        unread=unread or {},
        left_out=tuple(left_out),
        selection=selection,
        classes=target or classes,
        vocabulary=emotions,
        remarks=(
            *remarks,
            *similar_speakers(rows),
            *(numbers.ranges(rows) if target else _lonely_classes(clips, selection)),
        ),
        terms=terms,
    )


def clips_of(rows: Sequence[Row]) -> tuple[Clip, ...]:
    """Clips in turns: emotion by emotion, in it the first clip of every speaker, then the second.

    What is the first is as the table has it, so neither the names of files nor where the rows of one
    speaker stand among those of others changes anything. A corpus that lists the same recordings of each
    speaker, in RAVDESS's order or speaker after speaker, is in RAVDESS's order then.
    """
    order = ListedClasses.of({row.label for row in rows}).names
    emotion_of = {label: number for number, label in enumerate(order)}
    speaker_of = {name: n for n, name in enumerate(in_order(row.speaker for row in rows))}
    takes: Counter = Counter()
    clips = []
    for row in rows:
        takes[row.speaker, row.label] += 1
        place = (emotion_of[row.label], takes[row.speaker, row.label], speaker_of[row.speaker])
        speaker = str(row.speaker)
        clips.append(
            Clip(
                place,
                row.id,
                row.path,
                speaker,
                row.emotion,
                row.sex,
                of_set=row.of_set,
                segment=row.segment,
                origin=row.origin,
                numbers=row.numbers,
                **row.facts,
            )
        )
    return tuple(sorted(clips))


def _lonely_classes(clips: Sequence[Clip], selection: Selection) -> list[str]:
    """A sentence on each class that fewer than three speakers show, which no split can have in all sets.

    Of a corpus that has no more in all, one sentence: leaving out a class would not help.
    """
    everyone = in_order(clip.actor for clip in clips)
    if len(everyone) < _FEWEST:
        told = ", ".join(map(str, everyone))
        return [f"only speakers {told} in all: too few for three sets; {ELSEWHERE}"]
    speakers: dict[str, set] = defaultdict(set)
    first: dict[str, Clip] = {}
    for clip in clips:
        speakers[clip.emotion].add(clip.actor)
        first.setdefault(clip.emotion, clip)
    told = []
    for emotion, who in sorted(speakers.items()):
        if len(who) < _FEWEST:
            several = len(who) > 1
            names = f"speaker{'s' if several else ''} {', '.join(map(str, in_order(who)))} "
            names += "show" if several else "shows"
            where = f" (first in {first[emotion].origin})" if first[emotion].origin else ""
            without = override("data.without_emotions", [*selection.without_emotions, emotion])
            told.append(
                f"{emotion}: only {names} it{where}, expected at least "
                f"three, one for each set; {without} goes on without"
            )
    return told
