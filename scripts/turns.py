"""What the benchmarks share: ways measured in turns, the machine's description, the JSON they leave.

Machines are noisy, and their speed swings within minutes. So ways are compared item by item, one after
the other, and what is reported is the median of the ratios.
"""

import functools
import json
import os
import platform
import resource
import time
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

import numpy as np

from ravdess_exp.corpus.demo import generate_demo
from ravdess_exp.corpus.manifest import Clip, scan

OUT = Path("outputs/bench")


def processor_time() -> float:
    """Seconds of processor time of this process and of the children that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def in_turns(
    ways: Mapping[str, Callable], items: Iterable, *, warm_up: int = 1
) -> dict[str, np.ndarray]:
    """Call each way on each item, in turns. Returns (n, 2) wall and processor seconds by way.

    The first `warm_up` items are not counted: they import, compile and fill caches.
    """
    took: dict[str, list] = {name: [] for name in ways}
    for number, item in enumerate(items):
        for name, way in ways.items():
            wall, processor = time.perf_counter(), processor_time()
            way(item)
            pair = (time.perf_counter() - wall, processor_time() - processor)
            if number >= warm_up:
                took[name].append(pair)
    return {name: np.array(pairs) for name, pairs in took.items()}


def clips_below(root: Path | None) -> tuple[Path, list[Clip]]:
    """The clips of this folder, or of the demo corpus, which is generated where it is not there."""
    root = root or generate_demo(Path("outputs/demo"))
    return root, scan(root).clips


@functools.cache
def package_mtcnn():
    """The package mtcnn's detector with its defaults, as its README shows it."""
    from mtcnn import MTCNN

    return MTCNN()


def milliseconds(took: np.ndarray) -> tuple[float, float]:
    """Medians of wall and processor time."""
    wall, processor = 1000 * np.median(took, axis=0)
    return float(wall), float(processor)


def ratio(slow: np.ndarray, fast: np.ndarray) -> tuple[float, float]:
    """Medians of slow / fast, item by item: wall and processor time."""
    wall, processor = np.median(slow / fast, axis=0)
    return float(wall), float(processor)


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    fields = {
        key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)
    }
    flags = fields.get("flags", "").split()
    widest = [name for name in ("amx_bf16", "avx512_bf16", "avx512f", "avx2") if name in flags]
    return {
        "processor": fields.get("model name", platform.processor()),
        "cores": os.cpu_count() or 0,
        "instructions": " ".join(widest),
        "python": platform.python_version(),
        "tensorflow": version("tensorflow"),
    }


def write(name: str, measured: Mapping, out: Path = OUT) -> None:
    """outputs/bench/NAME.json, with the machine that it was measured on."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **measured}, indent=1))
    print(f"Files: {path}")
