"""A part of a recording: what lies between two seconds of its file."""

import hashlib
from dataclasses import dataclass

_DIGITS = 6  # of a second, behind the point: a microsecond, less than any sample


@dataclass(frozen=True, order=True)
class Segment:
    """From `start` to `end`, in seconds of the file; an end of None is that of the file."""

    start: float
    end: float | None = None

    @classmethod
    def of(cls, start: float, end: float | None) -> "Segment":
        """Times to the microsecond, so that one moment has one name."""
        return cls(round(start, _DIGITS), None if end is None else round(end, _DIGITS))

    def __str__(self) -> str:
        """As the web writes it (W3C, Media Fragments): `t=12.5,17.25`, or `t=12.5` to the end."""
        end = "" if self.end is None else f",{_plain(self.end)}"
        return f"t={_plain(self.start)}{end}"

    def told(self) -> str:
        """As a sentence names it."""
        end = "the end" if self.end is None else f"{_plain(self.end)} s"
        return f"from {_plain(self.start)} to {end}"

    def content(self, sha256: str) -> str:
        """The identity of a part of a file of this SHA-256: a digest too, other than the file's."""
        return hashlib.sha256(f"{sha256}#{self}".encode()).hexdigest()


def overlap(first: Segment | None, second: Segment | None) -> bool:
    """Whether two parts of one file have a moment in common; None is all of it."""
    if first is None or second is None:
        return True
    return _begins_before_end(first, second) and _begins_before_end(second, first)


def _begins_before_end(first: Segment, second: Segment) -> bool:
    return second.end is None or first.start < second.end


def _plain(seconds: float) -> str:
    return f"{seconds:.{_DIGITS}f}".rstrip("0").rstrip(".")
