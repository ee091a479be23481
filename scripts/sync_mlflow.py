"""Bring up the folders of runs that their MLflow server did not get, or got in part."""

import argparse
import sys
from pathlib import Path

from ravdess_exp.errors import RavdessError
from ravdess_exp.tracking.sync import sync


def main() -> int:
    """Send what the server lacks of each folder; exit code 2 where that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="folders of runs")
    parser.add_argument("--uri", help="tracking store; default: as the program's own")
    parser.add_argument("--experiment", default="ravdess_exp", help="default: %(default)s")
    arguments = parser.parse_args()
    code = 0
    for folder in arguments.folders:
        try:
            print(f"{folder}: run {sync(folder, arguments.uri, arguments.experiment)}")
        except RavdessError as error:
            print(f"error: {error}", file=sys.stderr)
            code = 2
    return code


if __name__ == "__main__":
    sys.exit(main())
