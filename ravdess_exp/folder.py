"""The folder of a run or of a study: the names in it, who works in it, and how far it is."""

import json
import shutil
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from ravdess_exp.errors import OutputError
from ravdess_exp.files import alone, whole

METRICS = "metrics.json"  # the last file of a run: where it is, the run is whole
PREDICTIONS = "predictions.csv"
VALIDATION_PREDICTIONS = "predictions_validation.csv"
BRANCH_PREDICTIONS = {"audio": "predictions_audio.csv", "video": "predictions_video.csv"}
BASELINE = "baseline.csv"  # what a linear model says of the test clips, as predictions.csv
HISTORY = "history.csv"
SPLIT = "split.csv"
FAILURES = "failures.csv"  # clips that could not be used
COPIES = "copies.csv"  # further files of trials that are used once
LEFT_OUT = "left_out.csv"  # rows of a table whose label is left out on purpose
SUMMARY = "summary.json"  # of a study
MODEL = "model.keras"
MODEL_TEXT = "model.txt"
MODEL_PICTURE = "model.png"
SAMPLES = "samples.png"
CURVES = "curves.png"
CONFUSION = "confusion_matrix.png"
RELIABILITY = "reliability.png"
SCATTER = "scatter.png"  # of numbers: told over true
GROUPS = "groups.png"  # where the corpus knows any
CROSSED = "cross_corpus.png"  # of a study in which corpora train in turn
OTHERS = "others.json"  # scores on further corpora
ACTORS = "actors.png"  # of a study
REPORT = "report.html"
BUNDLE = "bundle"
EXPORTS = "export"  # networks of the bundle in other formats
CHECKPOINTS = "checkpoint"  # while a run trains
IDENTITY = "identity.json"  # what makes this run another than its neighbour
FAILURE = "failure.txt"  # why the run ended early; the first line is the reason
CONFIGURATION = ".hydra"
MULTIRUN = "multirun.yaml"  # what Hydra was given, in the folder of a multirun

_RESULTS = (
    METRICS, PREDICTIONS, BASELINE, HISTORY, SPLIT, FAILURES, COPIES, LEFT_OUT, MODEL, MODEL_TEXT,
    MODEL_PICTURE, SAMPLES, CURVES, CONFUSION, IDENTITY, VALIDATION_PREDICTIONS, RELIABILITY, GROUPS,
    SCATTER, REPORT, OTHERS, *BRANCH_PREDICTIONS.values(),
)  # fmt: skip


def predictions_file(corpus: str) -> str:
    """Of predictions on a further corpus, by its name."""
    return f"predictions_{corpus}.csv"


def clips_file(corpus: str) -> str:
    """Of its clips, which are scored and which are not."""
    return f"other_{corpus}.csv"


class RunFolder:
    """A folder that one process at a time works in.

    Whoever is going to write there holds `locked` first, Hydra's own files included; so a process
    that is refused leaves the folder as it was.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def __str__(self) -> str:
        return str(self.path)

    @contextmanager
    def locked(self) -> Iterator["RunFolder"]:
        """Keep other processes out. Raises `OutputError` where another one is at work in it."""
        with alone(self.path):
            yield self

    @property
    def finished(self) -> bool:
        """Whether a run or a study was written here to its end."""
        return (self / METRICS).exists()

    @property
    def ended(self) -> bool:
        """Whether the last attempt ended, well or with a failure."""
        return self.finished or (self / FAILURE).exists()

    def metrics(self) -> dict[str, float]:
        """The flat metrics of a finished run; raises `OutputError` where they cannot be read."""
        path = self / METRICS
        try:
            return json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise OutputError(f"{path}: cannot be read ({error}); do this run again") from error

    def identity(self) -> dict:
        """What the run was made of beside its settings; empty for a run of version 0.1."""
        path = self / IDENTITY
        return json.loads(path.read_text()) if path.exists() else {}

    def clear(self) -> None:
        """Remove the results of an earlier run: old and new ones are never mixed."""
        for name in _RESULTS:
            (self / name).unlink(missing_ok=True)
        for pattern in (predictions_file("*"), clips_file("*")):
            for path in self.path.glob(pattern):
                path.unlink(missing_ok=True)
        for name in (BUNDLE, EXPORTS):
            shutil.rmtree(self / name, ignore_errors=True)
        self.forget_failure()

    def forget_failure(self) -> None:
        """Remove the reason why an earlier attempt ended."""
        (self / FAILURE).unlink(missing_ok=True)

    def forget_end(self) -> None:
        """Remove what says that an earlier attempt ended, well or with a failure."""
        self.forget_failure()
        (self / METRICS).unlink(missing_ok=True)

    def failure(self) -> str:
        """Why the run is not finished, in a line."""
        path = self / FAILURE
        return path.read_text().split("\n", 1)[0] if path.exists() else "not run to its end"

    def fail(self, error: BaseException) -> None:
        """Write down why the run ended early, with the traceback."""
        reason = f"{type(error).__name__}: {error}".replace("\n", " ")
        text = "".join(traceback.format_exception(error))
        with suppress(OSError):  # the disk may be what failed
            self.path.mkdir(parents=True, exist_ok=True)
            (self / FAILURE).write_text(f"{reason}\n\n{text}")

    def write_json(self, name: str, content: dict, *, in_order: bool = False) -> None:
        """Write a JSON file, whole or not at all. in_order: keys as they come, not sorted."""
        with whole(self / name) as path:
            path.write_text(json.dumps(content, indent=1, sort_keys=not in_order))

    def write_configuration(self, composed: DictConfig, hydra: DictConfig) -> None:
        """Write what was asked for, under Hydra's own names in `.hydra`.

        Hydra itself would write before anybody could ask whether the folder is free. composed: the
        run's configuration; hydra: Hydra's own section, below `hydra`.
        """
        folder = self / CONFIGURATION
        folder.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(composed, folder / "config.yaml")
        OmegaConf.save(hydra, folder / "hydra.yaml")
        OmegaConf.save(hydra.hydra.overrides.task, folder / "overrides.yaml")
