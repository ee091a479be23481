"""What a model says of one file, or why it says nothing."""

from dataclasses import dataclass
from typing import Any

NOT_SURE = "not sure"


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One file, or one window of it.

    probabilities: one a class, or None where it failed; then `reason` says why. numbers: names of those
    that a model tells in the place of classes, and values: what it tells. interval: seconds
    of the file that were looked at, the speech in it where there is sound. faces: share of the
    frames in which a face was found, None without picture. window: seconds, where the file was gone
    through in windows. remarks: what a reader should know, such as an input that was missing.
    sure: whether the largest probability reaches the model's threshold, which validation clips chose;
    None where it failed or the model has none.
    seconds: how long it took.
    """

    file: str
    classes: tuple[str, ...]
    probabilities: tuple[float, ...] | None = None
    interval: tuple[float, float] | None = None
    faces: float | None = None
    window: tuple[float, float] | None = None
    remarks: tuple[str, ...] = ()
    reason: str | None = None
    sure: bool | None = None
    seconds: float = 0.0
    numbers: tuple[str, ...] = ()
    values: tuple[float, ...] | None = None

    @property
    def failed(self) -> bool:
        """Whether there is nothing but a reason."""
        return self.reason is not None

    @property
    def told(self) -> dict[str, float | None]:
        """Probabilities by class, or numbers by name; None where it failed."""
        names = self.numbers or self.classes
        found = self.values if self.numbers else self.probabilities
        return dict(zip(names, found or (None,) * len(names), strict=True))

    @property
    def prediction(self) -> str | None:
        """The most probable class; None where it failed, and of numbers."""
        if self.probabilities is None:
            return None
        return self.classes[self.probabilities.index(max(self.probabilities))]

    @property
    def verdict(self) -> str | None:
        """The most probable class, and beside it whether the model is not sure of it."""
        return f"{self.prediction} ({NOT_SURE})" if self.sure is False else self.prediction

    @property
    def place(self) -> str:
        """The file, and the seconds of it where it is a window."""
        if self.window is None:
            return self.file
        return f"{self.file}, {self.window[0]:.1f} to {self.window[1]:.1f} s"

    def row(self) -> dict[str, Any]:
        """As a row of a table: one column each, and one a class or a number."""
        start, end = self.interval or (None, None)
        window = dict(zip(("window_start", "window_end"), self.window or (), strict=False))
        return {
            "file": self.file,
            **window,
            **({} if self.numbers else {"prediction": self.prediction}),
            **self.told,
            "start": start,
            "end": end,
            "faces": self.faces,
            "remarks": "; ".join(self.remarks),
            "reason": self.reason,
            "seconds": round(self.seconds, 3),
            **({} if self.numbers else {"sure": self.sure}),
        }
