"""How long a file takes: a process that predicts one and five, and each file of a warm model.

`python scripts/bench_predict.py RUN FILE...`: RUN is what `ravdess-exp predict` takes; the files, at
least six, should be clips of some seconds.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from turns import write

import ravdess_exp

_FEW, _MORE = 1, 5  # files of the two processes


def process_seconds(run: str, files: list[Path]) -> float:
    """Wall seconds of a whole process that predicts these files."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "ravdess_exp", "predict", run, *map(str, files)]
    subprocess.run(  # noqa: S603 - no shell
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - started


def warm_seconds(run: str, files: list[Path]) -> tuple[float, list[float]]:
    """Seconds until a model is ready for its second file, and those of each file from then on."""
    started = time.perf_counter()
    model = ravdess_exp.load(run).warm()
    model.predict(files[0])
    ready = time.perf_counter() - started
    return ready, [model.predict(file).seconds for file in files[1:]]


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    options = parser.parse_args()
    if len(options.files) <= _MORE:
        parser.error(f"expected at least {_MORE + 1} files")
    ready, each = warm_seconds(options.run, options.files)
    few, more = [], []
    for _ in range(options.rounds):
        few.append(process_seconds(options.run, options.files[:_FEW]))
        more.append(process_seconds(options.run, options.files[:_MORE]))
    further = (np.median(more) - np.median(few)) / (_MORE - _FEW)
    rows = {
        "ready for the second file, s": ready,
        "a file of a warm model, median s": float(np.median(each)),
        "a file of a warm model, slowest s": max(each),
        "a process with one file, median s": float(np.median(few)),
        "each further file of a process, s": float(further),
    }
    print("| what | seconds |\n|---|---|")
    for name, seconds in rows.items():
        print(f"| {name} | {seconds:.2f} |")
    write("predict", rows | {"files": len(options.files), "rounds": options.rounds})


if __name__ == "__main__":
    main()
