"""Compare runs or studies over the actors they were scored on: the first one with each other one."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from ravdess_exp.errors import RavdessError
from ravdess_exp.report import figures
from ravdess_exp.scoring.comparison import Result, compare


def main() -> int:
    """Print a sentence a comparison and write a picture; exit code 2 where it cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="folder, or id of a run in MLflow")
    parser.add_argument("--names", help="names to show, separated by commas, in the same order")
    parser.add_argument("--uri", help="tracking store of the ids; default: as the program's own")
    parser.add_argument("--out", type=Path, default=Path("outputs/comparison"), help="%(default)s")
    arguments = parser.parse_args()
    if len(arguments.runs) < 2:
        parser.error("expected at least two runs")
    names = arguments.names.split(",") if arguments.names else []
    if names and len(names) != len(arguments.runs):
        parser.error(f"--names: expected {len(arguments.runs)} names, found {len(names)}")
    try:
        results = [
            replace(result, name=name or result.name)
            for name, result in zip(
                names or [""] * len(arguments.runs),
                [Result.load(run, arguments.uri) for run in arguments.runs],
                strict=True,
            )
        ]
        differences = compare(results)
    except RavdessError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for difference in differences:
        print(difference.sentence(len(differences)))
    arguments.out.mkdir(parents=True, exist_ok=True)
    figures.paired_actors(differences, arguments.out / "comparison.png")
    (arguments.out / "comparison.json").write_text(
        json.dumps([difference.as_dict() for difference in differences], indent=1)
    )
    print(f"Files: {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
