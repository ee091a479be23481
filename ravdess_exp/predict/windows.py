"""The windows that go through a long file. TensorFlow is not imported, so a mistake fails at once."""

from collections.abc import Iterator
from math import isfinite

from ravdess_exp.errors import ConfigError

_NO_MORE = 1e-6  # seconds: less is rounding, not a rest to be looked at


def require_windows(seconds: float, step: float, longest: float = float("inf")) -> None:
    """Raise `ConfigError` for a window or a step that cannot be. longest: seconds of a window."""
    if not 0 < seconds <= longest:
        most = f", at most {longest:g}" if isfinite(longest) else ""
        raise ConfigError(f"windows of {seconds:g} s: expected more than 0{most}")
    if not 0 < step < float("inf"):
        raise ConfigError(f"a step of {step:g} s: expected more than 0")


def windows(whole: float, *, seconds: float, step: float) -> Iterator[tuple[float, float]]:
    """Start and end of each window in seconds; the last one ends with the file."""
    number = 0
    while (start := number * step) < whole - _NO_MORE:
        yield start, min(start + seconds, whole)
        if start + seconds >= whole - _NO_MORE:
            return
        number += 1
