"""`ravdess-exp predict RUN FILE...`: what a trained model says of any recording."""

import argparse
import csv
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ravdess_exp.cli.camera import open_camera, show_camera
from ravdess_exp.corpus.listing import count_endings, list_files, show_endings
from ravdess_exp.errors import ConfigError
from ravdess_exp.files import whole
from ravdess_exp.places import path_at_home
from ravdess_exp.predict.prediction import Prediction
from ravdess_exp.report.predictions import PredictionTable
from ravdess_exp.terminal import quiet_stderr
from ravdess_exp.tracking.address import find_bundle

_ENDINGS = (  # of what is taken from a folder; a file that is named is tried whatever its ending
    ".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".flv", ".ts", ".mts", ".mpg", ".mpeg", ".wmv",
    ".3gp", ".wav", ".mp3", ".m4a", ".aac", ".flac", ".ogg", ".oga", ".opus", ".aif", ".aiff",
    ".caf", ".wma", ".amr", ".au",
)  # fmt: skip
_CAMERA_WINDOW = 3.0  # seconds, where --windows does not say
_DESCRIPTION = """\
Say what a trained model hears and sees in recordings: any sound or video that FFmpeg's libraries read.

RUN is the folder of a run or of a study (whose models predict together), a bundle's own folder, or an
address in MLflow: runs:/ID/model, models:/NAME/VERSION.

"not sure" beside a class (a column `sure` in a file): its probability is below the threshold that the
run chose by its validation clips (evaluation.sure_accuracy)."""
_EPILOG = """\
examples:
  ravdess-exp predict outputs/runs/2026-11-27/02-31-51_default clip.mp4
  ravdess-exp predict RUN folder/ --output predictions.csv
  find . -name '*.wav' | ravdess-exp predict RUN -
  ravdess-exp predict RUN interview.mp4 --windows 4
  ravdess-exp predict RUN --camera 0

Exit code: 0; 1 where a file failed, each with its reason; 2 for a mistake, such as a RUN without a model."""


def main(arguments: Sequence[str]) -> int:
    """Predict what the command line names; 1 where a file failed. Raises `RavdessError` for a mistake."""
    given = _parser().parse_intermixed_args(list(arguments))  # options may stand before files
    _require_possible(given)
    folder = find_bundle(given.run, uri=given.uri)
    if given.camera is not None:
        return _predict(given, folder, [])
    files = list(_files(given.files))
    if not files:
        raise ConfigError(f"{' '.join(given.files)}: no recording in it{_others(given.files)}")
    return _predict(given, folder, files)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ravdess-exp predict",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN", help="where the model is")
    parser.add_argument(
        "files", nargs="*", metavar="FILE",
        help="a recording, a folder of them at any depth, or - for a list on standard input",
    )  # fmt: skip
    parser.add_argument(
        "--camera", type=_camera, metavar="N",
        help="in place of files: what this camera sees, the first is 0, window by window until Ctrl-C; "
        "a video file may stand for one",
    )  # fmt: skip
    parser.add_argument(
        "--output", type=path_at_home, metavar="F", help="write all of it to F.csv or F.json"
    )
    parser.add_argument(
        "--windows", type=float, metavar="SECONDS",
        help="slide a window over each file, of any length, for a time line of predictions",
    )  # fmt: skip
    parser.add_argument(
        "--step",
        type=float,
        metavar="SECONDS",
        help="from window to window; half of one if not given",
    )
    parser.add_argument(
        "--uri", help="of MLflow, where RUN is an address in it (MLFLOW_TRACKING_URI)"
    )
    return parser


def _require_possible(given: argparse.Namespace) -> None:
    """Raise `ConfigError` for what cannot be done, before anything heavy is imported."""
    if given.camera is not None and given.files:
        raise ConfigError("--camera is in place of files; give one of the two")
    if given.camera is None and not given.files:
        raise ConfigError("no FILE given: expected a recording, a folder of them, or --camera 0")
    if given.camera is not None and given.step is not None:
        raise ConfigError("--step is of files: a camera's windows follow one another")
    if given.output and given.output.suffix not in _WRITERS:
        raise ConfigError(f"--output {given.output}: expected a name ending in .csv or .json")
    if given.output and not given.output.absolute().parent.is_dir():
        raise ConfigError(f"--output {given.output}: no such folder; make it first")
    if given.camera is not None and given.windows is None:
        given.windows = _CAMERA_WINDOW
    if given.windows is None and given.step is not None:
        raise ConfigError("--step is of windows; give --windows too")
    if given.windows is not None:
        from ravdess_exp.predict.windows import require_windows

        require_windows(given.windows, given.windows if given.step is None else given.step)


def _camera(text: str) -> int | Path:
    """The number of a camera, or the path of a video."""
    return int(text) if text.isdecimal() else path_at_home(text)


def _files(named: Sequence[str]) -> Iterator[Path]:
    """Every recording that is named, in a named folder, or in the list on standard input."""
    for name in named:
        if name == "-":
            yield from _files([line.rstrip("\r\n") for line in sys.stdin if line.strip()])
        elif Path(name).is_dir():
            yield from sorted(path for path in Path(name).rglob("*") if _is_recording(path))
        else:
            yield Path(name)


def _is_recording(path: Path) -> bool:
    return path.suffix.lower() in _ENDINGS and not path.name.startswith(".") and path.is_file()


def _others(named: Sequence[str]) -> str:
    """What there is in folders without a recording, by ending."""
    counts = count_endings(p for n in named if Path(n).is_dir() for p in list_files(Path(n)))
    return f", but {show_endings(counts)}" if counts else ""


def _predict(given: argparse.Namespace, folder: Path, files: Sequence[Path]) -> int:
    camera = None if given.camera is None else open_camera(given.camera, given.windows)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what matters of it is raised too
    # it warns of the sixth model of a study that each is traced anew
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with quiet_stderr():
        from ravdess_exp.predict.bundle import Bundle  # TensorFlow comes with it
        from ravdess_exp.predict.clip import Predictor

        predictor = Predictor(Bundle.load(folder)).warm()  # its kernels have more to announce
    done: list[Prediction] = []
    try:
        if camera is None:
            _show(predictor, files, given, done)
        else:
            show_camera(predictor, camera, given.windows, done)
    finally:  # also when it is interrupted
        if given.output and done:
            with whole(given.output) as path:
                _WRITERS[given.output.suffix](path, done)
    return _report_failures(done)


def _show(predictor, files: Sequence[Path], given: argparse.Namespace, done: list) -> None:
    """A line a file or window, as soon as it is there; each goes into `done`."""
    from ravdess_exp.predict.stream import predict_windows

    bundle, names = predictor.bundle, [str(file) for file in files]
    thresholds = bundle.facts.sure is not None
    table = PredictionTable(
        bundle.classes, names, given.windows, thresholds=thresholds, numbers=bundle.numbers
    )
    print(table.header())
    for file in files:
        if given.windows is None:
            made = iter([predictor.predict_file(file)])
        else:
            made = predict_windows(predictor, file, seconds=given.windows, step=given.step)
        for prediction in made:
            print(table.row(prediction), flush=True)
            done.append(prediction)


def _report_failures(done: Sequence[Prediction]) -> int:
    failed = [prediction for prediction in done if prediction.reason is not None]
    for prediction in failed:
        print(f"{prediction.place}: {prediction.reason}", file=sys.stderr)
    if failed:
        print(f"{len(failed)} of {len(done)} failed", file=sys.stderr)
    return 1 if failed else 0


def _write_csv(path: Path, done: Sequence[Prediction]) -> None:
    rows = [prediction.row() for prediction in done]
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def _write_json(path: Path, done: Sequence[Prediction]) -> None:
    path.write_text(json.dumps([prediction.row() for prediction in done], indent=1))


_WRITERS: dict[str, Callable] = {".csv": _write_csv, ".json": _write_json}
