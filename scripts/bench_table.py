"""How long a large table takes to be read, checked and split, and the memory that needs.

A table of so many clips, each an empty file, or each a part of one of a hundred films, is read by a new
process for each case, as a run reads it: configuration, rows, agreement of the rows, split. Expected of
100,000 rows: less than 10 s and 500 MB.
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from turns import write

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.run.clips import build_corpus

MEGABYTE = 1024  # kB, in which the system tells memory
SPEAKERS = 1000
FILMS = 100
EMOTIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised", "bored")
HEADER = ("path", "speaker", "emotion", "sex", "statement", "language", "start", "end")


def rows(count: int, *, parts: bool) -> list[tuple]:
    """Clips of many speakers; parts: of few films."""
    found = []
    for number in range(count):
        speaker = number % SPEAKERS
        path = f"film{number % FILMS:03d}.mp4" if parts else f"{speaker:04d}/{number:06d}.mp4"
        start = 3 * (number // FILMS)
        told = (EMOTIONS[number // SPEAKERS % 8], "mf"[speaker % 2], f"text {number % 20}", "en")
        found.append((path, f"s{speaker:04d}", *told, *((start, start + 3) if parts else ("", ""))))
    return found


def make(folder: Path, count: int) -> dict[str, Path]:
    """The files, and a table of each kind."""
    tables = {}
    for parts in (False, True):
        table = rows(count, parts=parts)
        for path in {folder / row[0] for row in table}:
            path.parent.mkdir(exist_ok=True)
            path.touch()
        name = "parts" if parts else "files"
        tables[f"{name} (CSV)"] = folder / f"{name}.csv"
        with tables[f"{name} (CSV)"].open("w", newline="") as file:
            csv.writer(file).writerows([HEADER, *table])
    import pandas as pd

    tables["files (Parquet)"] = folder / "files.parquet"
    pd.read_csv(tables["files (CSV)"]).to_parquet(tables["files (Parquet)"])
    return tables


def read(table: Path) -> dict[str, float]:
    """Read, check and split in this process, and tell what it took."""
    started = time.perf_counter()
    config = validate(compose_config(["data=table", f"data.table={table}"]))
    corpus = build_corpus(config)
    manifest = corpus.find()
    found = time.perf_counter()
    split = corpus.split(manifest)
    manifest.summary()
    return {
        "clips": len(split.clips()),
        "read and checked, s": found - started,
        "split, s": time.perf_counter() - found,
        "processor, s": time.process_time(),
        "memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE,
    }


def main() -> None:
    """Print a line a case, and keep all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--table", type=Path, help=argparse.SUPPRESS)  # of a process of its own
    options = parser.parse_args()
    if options.table:
        print(json.dumps(read(options.table)))
        return
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, table in make(Path(folder), options.rows).items():
            command = [sys.executable, __file__, "--table", str(table)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - no shell
            results[name] = json.loads(done.stdout.splitlines()[-1])
            told = ", ".join(f"{key} {value:,.1f}" for key, value in results[name].items())
            print(f"{name}: {told}", flush=True)
    write("table", results)


if __name__ == "__main__":
    main()
