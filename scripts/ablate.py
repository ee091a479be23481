"""What each change to a recipe does: a study as it is and one with each change, a table row each.

    python scripts/ablate.py experiment=kfold data=ravdess data.root=/data/RAVDESS \\
        --change augment=sound --change "fusion=late training.ema=0.99"

Choose by validation; `--test` adds the scores on test, for the end, once. Each study has a folder of its
own below `--out`: the same command goes on with what is missing, and runs nothing twice.
"""

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from turns import OUT

from ravdess_exp.command import assignment
from ravdess_exp.errors import OutputError
from ravdess_exp.scoring.study_json import load
from ravdess_exp.scoring.study_result import StudyResult

BASE = "as it is"
_LOG = "printed.txt"  # of each study: it tells test scores, so it is not shown
_LAST = 3  # lines of it that are shown of a study that failed


def folder_of(change: str, out: Path) -> Path:
    """Where the study of a change is."""
    return out / (re.sub(r"[^\w.=+-]+", "_", change).strip("_")[:80] or "base")


def study(overrides: Sequence[str], folder: Path) -> StudyResult | None:
    """Run it or go on with it; None where it failed, with the reason on the terminal."""
    folder.mkdir(parents=True, exist_ok=True)
    where = assignment("hydra.sweep.dir", str(folder))
    call = [sys.executable, "-m", "ravdess_exp", *overrides, where]
    with (folder / _LOG).open("w") as log:
        done = subprocess.run(call, stdout=log, stderr=subprocess.STDOUT, check=False)  # noqa: S603 - our own command
    try:
        if done.returncode == 0:
            return load(folder)
        lines = (folder / _LOG).read_text().strip().splitlines()[-_LAST:]
    except OutputError:
        lines = ["no study: the overrides must ask for one, such as experiment=kfold"]
    print(f"{folder.name} failed ({folder / _LOG}):", *lines, sep="\n  ", file=sys.stderr)
    return None


def row(name: str, result: StudyResult, base: StudyResult | None, *, test: bool) -> str:
    """One row of the table. base: what the folds are compared with; None for itself."""
    cells = [f"`{name}`" if base else name, f"{result.val_uar:.3f}", *_gain(result, base)]
    if test:
        uar = result.scores.uar
        cells.append(f"{uar.value:.3f} [{uar.low:.3f}, {uar.high:.3f}]")
    return f"| {' | '.join([*cells, f'{result.seconds:.0f}'])} |"


def _gain(result: StudyResult, base: StudyResult | None) -> tuple[str, str]:
    """Mean difference of validation UAR over the runs that both have, and in how many it is a gain."""
    if base is None:
        return "", ""
    before = {member.label: member.val_uar for member in base.members}
    gains = [m.val_uar - before[m.label] for m in result.members if m.label in before]
    if not gains:
        return "", ""
    return f"{sum(gains) / len(gains):+.3f}", f"{sum(g > 0 for g in gains)} of {len(gains)}"


def main() -> int:
    """Print the table, row by row as the studies end."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("base", nargs="+", help="overrides of the study as it is")
    parser.add_argument(
        "--change", action="append", default=[], help="overrides that are added to it; repeat it"
    )
    parser.add_argument("--test", action="store_true", help="tell the scores on test too")
    parser.add_argument("--out", type=Path, default=OUT / "ablation", help="default: %(default)s")
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    base = study(arguments.base, folder_of("", out))
    if base is None:
        return 1
    test = ["test UAR, 95% interval"] if arguments.test else []
    head = ["change", "validation UAR", "gain", "runs that gain", *test, "seconds"]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    print(row(BASE, base, None, test=arguments.test), flush=True)
    failed = False
    for change in arguments.change:
        result = study([*arguments.base, *shlex.split(change)], folder_of(change, out))
        failed |= result is None
        if result is not None:
            print(row(change, result, base, test=arguments.test), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
