"""What the process with the model does. A recording that hangs or crashes it costs only itself."""

import os
import signal
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ravdess_exp.prepare.workers import end_with
from ravdess_exp.terminal import quiet_stderr

if TYPE_CHECKING:
    from ravdess_exp.predict.clip import Predictor


def begin(parent: int, bundle: Path) -> None:
    """Load the model before the first question; what goes wrong is raised by that."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is for the server, which ends this process
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Python's own handler waits for a decoder
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    with suppress(Exception):
        _predictor(bundle)


def describe(bundle: Path) -> dict[str, Any]:
    """What the page says of the model; raises `RavdessError` where it cannot be used."""
    predictor = _predictor(bundle)
    from ravdess_exp.page.description import describe_model

    return describe_model(predictor.bundle)


def answer(bundle: Path, path: Path, name: str) -> dict[str, Any]:
    """What the model says of a file, and what it was made from, as plain JSON types."""
    predictor = _predictor(bundle)
    from ravdess_exp.page.shown import shown

    return shown(predictor.look(path, name=name), predictor.bundle)


def explain(bundle: Path, path: Path, name: str) -> dict[str, Any]:
    """What the model went by in a file: a picture as data, and the same in sentences."""
    predictor = _predictor(bundle)
    from ravdess_exp.errors import ExplanationError
    from ravdess_exp.explain.explainer import explain as explain_file
    from ravdess_exp.report.explanation_figure import explanation_figure
    from ravdess_exp.report.explanation_text import explanation_lines
    from ravdess_exp.report.inline import as_data

    try:
        found = explain_file(predictor, path, name=name)
    except ExplanationError as error:
        return {"file": name, "reason": str(error)}
    picture = as_data(explanation_figure(found))
    return {"file": name, "picture": picture, "lines": explanation_lines(found)}


@cache
def _predictor(bundle: Path) -> "Predictor":
    """One model a process, which ends with the page. The server itself does without TensorFlow."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet_stderr():  # TensorFlow announces itself
        from ravdess_exp.predict.bundle import Bundle
        from ravdess_exp.predict.clip import Predictor

        return Predictor(Bundle.load(bundle)).warm(branches=True)
