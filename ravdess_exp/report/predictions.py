"""Predictions as a table on a terminal, a row as soon as it is there."""

from collections.abc import Mapping, Sequence

from ravdess_exp.predict.prediction import NOT_SURE, Prediction
from ravdess_exp.report.columns import MOST
from ravdess_exp.terminal import short_names

_FIRST = 3  # classes of many that are shown
_NUMBER = 24  # characters of the name of a number
_WIDEST = 48  # characters of a file's name; of a longer one the end is shown


class PredictionTable:
    """Rows of file, prediction, probability of each class and remarks, in aligned columns.

    files: names that are to come. windows: seconds of a window, or None for whole files. thresholds:
    whether the model may say that it is not sure. numbers: those that are told in the place of classes.
    """

    def __init__(
        self,
        classes: Sequence[str],
        files: Sequence[str],
        windows: float | None = None,
        *,
        thresholds: bool = False,
        numbers: Sequence[str] = (),
    ) -> None:
        self._names = numbers or classes
        self._widths = [max(9, min(_NUMBER, len(name))) if numbers else 9 for name in self._names]
        self._is_long = not numbers and len(classes) > MOST
        self._file = min(_WIDEST, max([len("file"), *map(len, files)]))
        self._time = 0 if windows is None else len(_time((35999.9, 35999.9))) + 2
        self._prediction = 0  # of numbers there is none beside them
        if not numbers:
            self._prediction = min(_WIDEST, max(len("prediction"), *map(len, classes)))
            self._prediction += len(f" ({NOT_SURE})") if thresholds else 0

    def header(self) -> str:
        """The names of the columns."""
        seconds = f"  {'seconds':<{self._time - 2}}" if self._time else ""
        names = "the most probable classes"
        if not self._is_long:
            shown = self._names if not self._prediction else short_names(self._names)
            names = " ".join(
                f"{name[:width]:>{width}}" for name, width in zip(shown, self._widths, strict=True)
            )
        start = f"{'file':<{self._file}}{seconds}  "
        if not self._prediction:
            return f"{start}{names}"
        return f"{start}{'prediction':<{self._prediction}} {names}"

    def row(self, made: Prediction) -> str:
        """A line of one file or window; of one that failed, its reason in the place of numbers."""
        name = _shortened(made.file, self._file)
        seconds = f"  {_time(made.window):<{self._time - 2}}" if self._time else ""
        start = f"{name:<{self._file}}{seconds}  "
        if made.failed:
            return f"{start}-- {made.reason}"
        if self._is_long:
            values = _largest(made.told)
        else:
            values = " ".join(
                f"{value:{width}.3f}"
                for value, width in zip(made.told.values(), self._widths, strict=True)
            )
        remarks = f"  {'; '.join(made.remarks)}" if made.remarks else ""
        if not self._prediction:
            return f"{start}{values}{remarks}"
        return f"{start}{made.verdict:<{self._prediction}} {values}{remarks}"


def _largest(probabilities: Mapping[str, float]) -> str:
    """The few classes of many that are most probable."""
    first = sorted(probabilities.items(), key=lambda item: -item[1])[:_FIRST]
    return ", ".join(f"{name} {value:.3f}" for name, value in first)


def _shortened(name: str, width: int) -> str:
    shown = name.encode(errors="backslashreplace").decode()
    return shown if len(shown) <= width else f"...{shown[3 - width :]}"


def _time(window: tuple[float, float] | None) -> str:
    return f"{window[0]:.1f} to {window[1]:.1f}" if window else ""
