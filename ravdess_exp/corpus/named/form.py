"""What there is of a named corpus, held against what its paper or its page says there should be."""

from collections import Counter
from collections.abc import Collection, Sequence

from ravdess_exp.corpus.named.corpus import NamedCorpus
from ravdess_exp.corpus.table.row import Row


def describe_form(
    corpus: NamedCorpus, rows: Sequence[Row], *, left_out: Collection[str] = ()
) -> tuple[str, ...]:
    """Lines for a summary: whether all is there, and known faults of what is there.

    rows: one of each recording that is used; left_out: the corpus's own emotion of each that is not.
    """
    faults = [
        f"known: {row.id}: {corpus.faults[row.id]}" for row in rows if row.id in corpus.faults
    ]
    return (_compared(corpus, rows, left_out), *faults)


def _compared(corpus: NamedCorpus, rows: Sequence[Row], left_out: Collection[str]) -> str:
    """One line: complete, or of which emotions there are too few clips, or too many."""
    expected, title = corpus.expected, corpus.terms.title
    whole = f"{expected.clips:,} clips of {expected.speakers} speakers"
    counts = Counter(row.label for row in rows) + Counter(left_out)
    speakers = len({row.speaker for row in rows})
    aside = f"; {len(left_out):,} of them left out" if left_out else ""
    differing = [
        f"{emotion} {counts[emotion]:,} of {count:,}"
        for emotion, count in expected.by_emotion.items()
        if counts[emotion] != count
    ]
    if not differing and speakers == expected.speakers:
        return f"complete: all of {title}'s {whole}{aside}"
    return (
        f"not as published: {title} has {whole}, here are {counts.total():,} of {speakers}{aside} "
        f"({', '.join(differing)})"
    )
