"""Compare runs or studies over the speakers they were scored on: the first one with each other one.

With --branches, one of fusion=late with what its sound and its picture say alone.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from ravdess_exp.places import path_at_home


def main(arguments: list[str]) -> int:
    """Print a sentence a comparison and write comparison.png and comparison.json."""
    options = _options(arguments)
    from ravdess_exp.report import figures
    from ravdess_exp.scoring.comparison import compare

    differences = compare(_results(options))
    for difference in differences:
        print(difference.sentence(len(differences)))
    options.output.mkdir(parents=True, exist_ok=True)
    figures.paired_actors(differences, options.output / "comparison.png")
    (options.output / "comparison.json").write_text(
        json.dumps([difference.as_dict() for difference in differences], indent=1)
    )
    print(f"Files: {options.output}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ravdess-exp compare", description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="folder, or id of a run in MLflow")
    parser.add_argument(
        "--branches",
        action="store_true",
        help="one folder of fusion=late: the whole model with what its sound and picture say alone",
    )
    parser.add_argument("--names", help="names to show, separated by commas, in the same order")
    parser.add_argument("--uri", help="tracking store of the ids; default: as for runs")
    parser.add_argument(
        "--output",
        type=path_at_home,
        default=Path("outputs/comparison"),
        help="default: %(default)s",
    )
    options = parser.parse_args(arguments)
    if options.branches and len(options.runs) != 1:
        parser.error(f"--branches: expected one folder, found {len(options.runs)}")
    count = 3 if options.branches else len(options.runs)
    if count < 2:
        parser.error("expected at least two runs")
    options.names = options.names.split(",") if options.names else [None] * count
    if len(options.names) != count:
        parser.error(f"--names: expected {count} names, found {len(options.names)}")
    return options


def _results(options: argparse.Namespace) -> list:
    """The results to compare, under the names to show."""
    from ravdess_exp.folder import BRANCH_PREDICTIONS
    from ravdess_exp.scoring.comparison import Result
    from ravdess_exp.tracking.result import load_result

    if options.branches:
        folder = Path(options.runs[0])
        results = [Result.load(folder, branch) for branch in (None, *BRANCH_PREDICTIONS)]
    else:
        results = [load_result(run, options.uri) for run in options.runs]
    return [
        replace(result, name=name or result.name)
        for name, result in zip(options.names, results, strict=True)
    ]
