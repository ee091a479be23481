"""What a model card, a bundle and a report say of a corpus."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CorpusFacts:
    """title: a few words; weights: the licence of weights that learned from it; hub: its id on model hubs.

    language: what is spoken, as ISO 639-1. about: a paragraph. caution: what must stand beside scores.
    """

    title: str
    weights: str
    about: str
    hub: str | None = None
    language: str | None = None
    caution: str | None = None
