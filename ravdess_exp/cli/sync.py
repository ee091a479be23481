"""Send the folders of runs and studies to the MLflow server that did not get them, or only a part."""

import argparse
import sys
from pathlib import Path

from ravdess_exp.errors import RavdessError
from ravdess_exp.tracking.defaults import DEFAULT_EXPERIMENT


def main(arguments: list[str]) -> int:
    """Send what the server lacks of each folder; 2 where one of them failed, after all others."""
    options = _options(arguments)
    from ravdess_exp.terminal import quiet_stderr

    with quiet_stderr():
        from ravdess_exp.study.sync import sync  # TensorFlow comes with it

    code = 0
    for folder in options.folders:
        try:
            print(f"{folder}: run {sync(folder, options.uri, options.experiment)}")
        except RavdessError as error:
            print(f"error: {error}", file=sys.stderr)
            code = 2
    return code


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ravdess-exp sync", description=__doc__)
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="FOLDER", help="of a run or a study"
    )
    parser.add_argument("--uri", help="tracking store; default: as for runs")
    parser.add_argument("--experiment", default=DEFAULT_EXPERIMENT, help="default: %(default)s")
    return parser.parse_args(arguments)
