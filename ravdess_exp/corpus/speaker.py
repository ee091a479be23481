"""Names of speakers: which are the same one, and in which order they stand.

A speaker who is named by digits is that number, however it is written: `3`, `03`, 3 in a column of
whole numbers and 3.0 in one with gaps are one speaker. Two files that spell one voice differently would
else put it into training and test; that two people are told apart by a leading zero alone is not known of
any corpus. Every other name is the text itself, case included; but an accent is the same in one character or
two, as systems write it, and any white space is one space. Numbers come before names, in
numerical order; so do results write them, and tables of results are read the same way.
"""

import re
import unicodedata
from collections.abc import Iterable

_MOST_DIGITS = 15  # more are a code: telephone numbers and the like keep their zeros
_UNSAFE = re.compile(r"[^\w.-]|_(?=x[0-9a-f]+_)", re.ASCII)


def speaker_of(name: object) -> int | str:
    """The speaker of a name as it is written: a whole number where it is one, else the text."""
    if isinstance(name, float) and name.is_integer():
        name = int(name)
    text = " ".join(str(name).split())
    text = text if text.isascii() else unicodedata.normalize("NFC", text)
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else text


def in_order(speakers: Iterable[int | str]) -> list[int | str]:
    """Each once: numbers first, by size, then names by their letters."""
    return sorted(set(speakers), key=lambda s: (isinstance(s, str), s))


def label_of(speaker: int | str) -> str:
    """A name for files and metrics: `03`, or the name with `_x2f_` for what neither may hold.

    Different speakers have different labels; `speaker_from` reads them back.
    """
    if isinstance(speaker, int):
        return f"{speaker:02d}"
    return _UNSAFE.sub(lambda found: f"_x{ord(found[0]):x}_", speaker)


def speaker_from(label: str) -> int | str:
    """The speaker of a label that `label_of` gave."""
    return speaker_of(re.sub(r"_x([0-9a-f]+)_", lambda found: chr(int(found[1], 16)), label))
