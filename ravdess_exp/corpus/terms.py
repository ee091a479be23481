"""Whose work a corpus is, and on what terms it is given."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Terms:
    """title: the corpus's name; cite: the paper that describes it. language: what is spoken, as ISO 639-1.

    hub: the licence's id on model hubs. None where a corpus does not say it, or has none.
    """

    title: str
    licence: str
    source: str
    cite: str | None = None
    language: str | None = None
    hub: str | None = None

    def told(self) -> str:
        """The licence, and of what it is."""
        return f"{self.licence} ({self.title}, {self.source})"
