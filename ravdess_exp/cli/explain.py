"""`ravdess-exp explain RUN FILE`: what a trained model went by, as one picture."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ravdess_exp.command import shown
from ravdess_exp.errors import ConfigError, ExplanationError
from ravdess_exp.files import whole
from ravdess_exp.places import path_at_home
from ravdess_exp.terminal import quiet_stderr
from ravdess_exp.tracking.address import find_bundle

_DESCRIPTION = """\
Say what a trained model went by in a recording: which frames and which part of the face, which stretch
of the sound and which bands, and how much of the decision came from the sound and from the picture.

RUN is the folder of a run or of a study (the mean of its models), a bundle's own folder, or an address
in MLflow: runs:/ID/model, models:/NAME/VERSION. docs/explaining.md says what each method is and is not."""
_EPILOG = """\
examples:
  ravdess-exp explain outputs/runs/2026-11-27/02-31-51_default clip.mp4
  ravdess-exp explain RUN clip.mp4 --class sad --output why.html
  ravdess-exp explain RUN film.mp4 --segment 61.5-65

Exit code: 0; 1 where the file cannot be predicted, with the reason; 2 for a mistake."""
_PICTURE = ("auto", "weights", "grad_cam", "occlusion")


def main(arguments: Sequence[str]) -> int:
    """Explain what the command line names; 1 where the file has nothing to explain."""
    given = _parser().parse_args(list(arguments))
    output = given.output or Path(f"{Path(given.file).stem}_explained.png")
    if output.suffix not in _WRITERS:
        raise ConfigError(f"--output {output}: expected a name ending in {', '.join(_WRITERS)}")
    if not output.absolute().parent.is_dir():
        raise ConfigError(f"--output {output}: no such folder; make it first")
    folder = find_bundle(given.run, uri=given.uri)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with quiet_stderr():
        from ravdess_exp.explain.explainer import explain  # TensorFlow comes with it
        from ravdess_exp.predict.bundle import Bundle
        from ravdess_exp.predict.clip import Predictor

        predictor = Predictor(Bundle.load(folder)).warm()
    try:
        found = explain(
            predictor,
            given.file,
            segment=given.segment,
            explained=given.explained,
            picture=given.picture,
        )
    except ExplanationError as error:
        print(shown(str(error)), file=sys.stderr)
        return 1
    from ravdess_exp.report.explanation_text import explanation_lines

    print("\n".join(explanation_lines(found)))
    with whole(output) as path:
        _WRITERS[output.suffix](path, found)
    print(f"Picture: {output}" if output.suffix != ".json" else f"Numbers: {output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ravdess-exp explain",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN", help="where the model is")
    parser.add_argument("file", metavar="FILE", help="a recording")
    parser.add_argument(
        "--output", type=path_at_home, metavar="F",
        help="F.png or F.html, a picture; F.json, the numbers. Default: FILE_explained.png here",
    )  # fmt: skip
    parser.add_argument(
        "--class", dest="explained", metavar="NAME",
        help="the class to explain; the most probable one if not given",
    )  # fmt: skip
    parser.add_argument(
        "--picture", choices=_PICTURE, default="auto",
        help="how the part of the face is found; auto: what suits the model",
    )  # fmt: skip
    parser.add_argument(
        "--segment", type=_segment, metavar="START-END",
        help="seconds of the file, such as 61.5-65, where it is longer than a clip may be",
    )  # fmt: skip
    parser.add_argument(
        "--uri", help="of MLflow, where RUN is an address in it (MLFLOW_TRACKING_URI)"
    )
    return parser


def _segment(text: str) -> tuple[float, float]:
    """`61.5-65` as numbers; argparse says what was expected where it is none."""
    try:
        start, end = map(float, text.split("-"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: expected seconds, such as 61.5-65") from None
    if not 0 <= start < end < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r}: expected an end after its start")
    return start, end


def _write_png(path: Path, found) -> None:
    from ravdess_exp.report.explanation_figure import explanation_figure
    from ravdess_exp.report.figure_file import save_figure

    save_figure(explanation_figure(found), path, dpi=120)


def _write_html(path: Path, found) -> None:
    from ravdess_exp.report.explanation_page import explanation_page

    path.write_text(explanation_page(found), encoding="utf-8", errors="backslashreplace")


def _write_json(path: Path, found) -> None:
    path.write_text(json.dumps(found.as_dict(), indent=1))


_WRITERS: dict[str, Callable] = {".png": _write_png, ".html": _write_html, ".json": _write_json}
