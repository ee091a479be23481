"""Score the predictions of any model, ours or not, with the statistics of this framework.

FILE is a table with a row for each clip: who speaks, the true class, and the predicted one or a column
of probabilities for each class. Of several files the first is compared with each of the others, paired
over speakers.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict

from ravdess_exp.places import path_at_home


def main(arguments: list[str]) -> int:
    """Print scores and comparisons; write them to --output."""
    options = _options(arguments)
    from ravdess_exp.files import whole
    from ravdess_exp.report.listed_text import UNSEEN, listed_text
    from ravdess_exp.scoring.comparison import compare
    from ravdess_exp.scoring.listed import read_listed
    from ravdess_exp.scoring.study_scores import StudyScores

    results = [read_listed(path, options.columns) for path in options.files]
    scores = [StudyScores.of(result.pooled) for result in results]
    differences = compare(results) if len(results) > 1 else []
    for result, of in zip(results, scores, strict=True):
        print(listed_text(result.name, of), end="\n\n")
    for difference in differences:
        print(difference.sentence(len(differences)), end="\n\n")
    print(UNSEEN)
    if options.output:
        content = {
            "scores": {r.name: asdict(of) for r, of in zip(results, scores, strict=True)},
            "comparisons": [difference.as_dict() for difference in differences],
        }
        with whole(options.output) as new:
            new.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
        print(f"Files: {options.output}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ravdess-exp score", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE", type=path_at_home, help="CSV or TSV")
    parser.add_argument(
        "--columns",
        type=_columns,
        default={},
        metavar="OURS=THEIRS,...",
        help="names of the columns clip, actor, label and prediction, where they are not found by themselves",
    )
    parser.add_argument(
        "--output", type=path_at_home, metavar="FILE.json", help="scores for programs"
    )
    return parser.parse_args(arguments)


def _columns(text: str) -> Mapping[str, str]:
    from ravdess_exp.scoring.listed import COLUMNS

    pairs = dict(pair.partition("=")[::2] for pair in text.split(","))
    for ours, theirs in pairs.items():
        if ours not in COLUMNS or not theirs:
            raise argparse.ArgumentTypeError(
                f"expected pairs such as actor=NAME of {', '.join(COLUMNS)}, found {text}"
            )
    return pairs
