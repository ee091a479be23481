"""Load on `ravdess-exp page RUN`, and on `mlflow models serve`: many requests at once, and memory over many.

    .venv/bin/python scripts/bench_page.py RUN CLIP...
    .venv/bin/python scripts/bench_page.py --served http://127.0.0.1:5000 CLIP...

The page is started here, on a free port; a served model must run already, and its memory is shown if it
runs on this machine (--pid). Each clip is sent as bytes.
"""

import argparse
import base64
import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import requests
from turns import write

AT_ONCE = 20
FIRST = 40  # requests before memory is looked at: what libraries keep for good is there then
PATIENCE = 300.0  # seconds
Ask = Callable[[Path], str]  # sends a clip; returns the class, or raises


def main() -> None:
    """Print what was found, and leave it in outputs/bench."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("names", nargs="+", metavar="RUN CLIP... or CLIP...")
    parser.add_argument("--served", metavar="ADDRESS", help="of `mlflow models serve`")
    parser.add_argument("--pid", type=int, help="of the served model")
    parser.add_argument("--requests", type=int, default=500, help="in all; default: %(default)s")
    given = parser.parse_args()
    if given.served:
        found = measured(ask_served(given.served), given.names, given.requests, given.pid)
        write("page_served", found)
    else:
        run, *clips = given.names
        with page(run) as (address, pid):
            found = measured(ask_page(address), clips, given.requests, pid)
        write("page", found)
    for name, value in found.items():
        print(f"{name}: {value}")


@contextmanager
def page(run: str) -> Iterator[tuple[str, int]]:
    """Address and process of a page at work."""
    command = [sys.executable, "-m", "ravdess_exp", "page", run, "--port", "auto", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - no shell
    try:
        process.stdout.readline()  # that it loads the model
        yield process.stdout.readline().split()[-1], process.pid
    finally:
        process.terminate()
        process.wait()


def ask_page(address: str) -> Ask:
    """Asks the page, and comes again where it is busy."""

    def ask(clip: Path) -> str:
        while True:
            url, content = f"{address}api/answers?name={clip.name}", clip.read_bytes()
            answer = requests.post(url, data=content, timeout=PATIENCE)
            if answer.status_code != requests.codes.service_unavailable:
                answer.raise_for_status()
                return answer.json()["prediction"] or answer.json()["reason"]
            time.sleep(float(answer.headers["retry-after"]))

    return ask


def ask_served(address: str) -> Ask:
    """Asks MLflow's server."""

    def ask(clip: Path) -> str:
        content = base64.b64encode(clip.read_bytes()).decode()
        body = {"dataframe_records": [{"content": content}]}
        answer = requests.post(f"{address}/invocations", json=body, timeout=PATIENCE)
        answer.raise_for_status()
        (row,) = answer.json()["predictions"]
        return row["prediction"] or row["reason"]

    return ask


def measured(ask: Ask, names: Sequence[str], count: int, pid: int | None) -> dict[str, float | str]:
    """One after the other, `AT_ONCE` at once, and then the rest, with memory before and after."""
    clips = itertools.cycle([Path(name) for name in names])
    alone = [timed(ask, next(clips)) for _ in range(10)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        started = time.perf_counter()
        together = list(
            threads.map(lambda clip: timed(ask, clip), itertools.islice(clips, AT_ONCE))
        )
        whole = time.perf_counter() - started
        list(threads.map(ask, itertools.islice(clips, FIRST)))
        before = memory(pid)
        left = max(0, count - len(alone) - AT_ONCE - FIRST)
        started = time.perf_counter()
        list(threads.map(ask, itertools.islice(clips, left)))
        rest = time.perf_counter() - started
        after = memory(pid)
    return {
        "alone, median s": round(float(np.median(alone)), 3),
        f"{AT_ONCE} at once, all answered after s": round(whole, 2),
        f"{AT_ONCE} at once, slowest s": round(max(together), 2),
        f"{left} more, {AT_ONCE} at once, each s": round(rest / max(1, left), 3),
        "memory before, MB": before,
        "memory after, MB": after,
    }


def timed(ask: Ask, clip: Path) -> float:
    """Seconds of one answer."""
    started = time.perf_counter()
    ask(clip)
    return time.perf_counter() - started


def memory(pid: int | None) -> str:
    """Resident memory of a process and of those below it, each; empty of one elsewhere."""
    if pid is None:
        return ""
    parent = psutil.Process(pid)
    family = [parent, *parent.children(recursive=True)]
    return " + ".join(f"{process.memory_info().rss / 2**20:.0f}" for process in family)


if __name__ == "__main__":
    main()
