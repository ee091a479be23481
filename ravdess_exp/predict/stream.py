"""A file of any length, window by window: a time line of predictions."""

from collections.abc import Iterator
from pathlib import Path

from ravdess_exp.errors import ClipError, ConfigError
from ravdess_exp.media.container import MAX_SECONDS, length
from ravdess_exp.predict.clip import File, Predictor
from ravdess_exp.predict.prediction import Prediction

_NO_MORE = 1e-6  # seconds: less is rounding, not a rest to be looked at


def predict_windows(
    predictor: Predictor, file: File, *, seconds: float, step: float | None = None
) -> Iterator[Prediction]:
    """One prediction a window of `seconds`, each beginning `step` after the one before.

    step: half a window where it is None. A window that is silent or shows no face has its reason.
    Only one window is in memory at a time. Raises `ConfigError` for lengths that cannot be.
    """
    step = seconds / 2 if step is None else step
    require_windows(seconds, step)
    try:
        whole = length(file if isinstance(file, bytes) else Path(file))
    except (ClipError, OSError):
        yield predictor.predict_file(file)  # which says what is wrong with it
        return
    for segment in windows(whole, seconds=seconds, step=step):
        yield predictor.predict_file(file, segment=segment)


def require_windows(seconds: float, step: float) -> None:
    """Raise `ConfigError` for a window or a step that cannot be."""
    if not 0 < seconds <= MAX_SECONDS:
        raise ConfigError(
            f"windows of {seconds:g} s: expected more than 0, at most {MAX_SECONDS:g}"
        )
    if not step > 0:
        raise ConfigError(f"a step of {step:g} s: expected more than 0")


def windows(whole: float, *, seconds: float, step: float) -> Iterator[tuple[float, float]]:
    """Start and end of each window in seconds; the last one ends with the file."""
    number = 0
    while (start := number * step) < whole - _NO_MORE:
        yield start, min(start + seconds, whole)
        if start + seconds >= whole - _NO_MORE:
            return
        number += 1
