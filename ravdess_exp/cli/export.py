"""`ravdess-exp export RUN --to onnx|tflite`: a trained network for other runtimes, with its recipe."""

import argparse
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from ravdess_exp.errors import ExportError
from ravdess_exp.folder import BUNDLE, EXPORTS
from ravdess_exp.places import path_at_home
from ravdess_exp.predict.files import CARD
from ravdess_exp.terminal import quiet_stderr
from ravdess_exp.tracking.address import find_bundle

_DESCRIPTION = """\
Write the network of a run, or the networks of a study, as ONNX or TFLite. Beside them stands
recipe.json: how a recording becomes their inputs, which classes the outputs are, which licences hold.

RUN is the folder of a run or of a study, a bundle's own folder, or an address in MLflow:
runs:/ID/model, models:/NAME/VERSION.

Each network is run on made-up clips before it counts: probabilities that differ by more than 0.0001
from the model's are an error, and nothing is written."""
_ELSEWHERE = Path("outputs", EXPORTS)  # of a model that is not in a run's or a study's folder


def main(arguments: Sequence[str]) -> int:
    """Export what the command line names; raises `RavdessError` where that cannot be done."""
    given = _parser().parse_args(list(arguments))
    place = find_bundle(given.run, uri=given.uri)
    own = place.parent / EXPORTS if place.name == BUNDLE and _is_local(given.run) else _ELSEWHERE
    folder = given.output or own / given.to
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what matters of it is raised too
    for name in ("tensorflow", "tf2onnx", "absl"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # a refused operator is raised too
    refusal = None
    with quiet_stderr():
        from ravdess_exp.export.exporter import export  # TensorFlow comes with it
        from ravdess_exp.export.formats import FORMATS
        from ravdess_exp.predict.bundle import Bundle

        format_ = FORMATS[given.to]
        format_.require_installed()
        bundle = Bundle.load(place)
        card = _card(place / CARD)
        try:
            difference = export(
                bundle, format_, folder, card=card, tell=lambda line: print(line, flush=True)
            )
        except ExportError as error:  # what converters print of it is not for a user
            refusal = error
    if refusal is not None:
        raise ExportError(f"{given.run}: {refusal}")
    print(f"proved: probabilities differ by {difference:.1e} at most from the model's")
    print(f"Files: {folder}")
    return 0


def _card(path: Path) -> str | None:
    """A bundle of an older version has none."""
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _is_local(run: str) -> bool:
    return Path(run).is_dir()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ravdess-exp export",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN", help="where the model is")
    parser.add_argument("--to", required=True, choices=("onnx", "tflite"), help="the format")
    parser.add_argument(
        "--output",
        type=path_at_home,
        metavar="FOLDER",
        help=f"default: {EXPORTS}/FORMAT in the folder of the run or study, else {_ELSEWHERE}/FORMAT",
    )
    parser.add_argument("--uri", help="of MLflow, where RUN is an address in it")
    return parser
