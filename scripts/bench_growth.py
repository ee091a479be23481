"""What grows with the number of clips: time and memory of preparation, and the time to read an epoch.

Copies of the demo's clips, each with other bytes at its end so that none is found in the store, are
prepared by as many processes as there are cores, started by a new process for each number; and once more
when all is there. Then an epoch's batches are read from the disk, as a run does, and from memory, in turns.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from turns import clips_below, in_turns, milliseconds, ratio, write

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.prepare.clips import prepare
from ravdess_exp.prepare.store import Store
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.training.dataset import Batches, make_samples

MEGABYTE = 1024  # kB, in which the system tells memory


def copies(clips: list[Clip], count: int, folder: Path) -> None:
    """`count` clips of other content each: an atom that no decoder reads is put at the end."""
    for number in range(count):
        source = clips[number % len(clips)].path
        target = folder / f"{number:05d}{source.suffix}"
        shutil.copyfile(source, target)
        with target.open("ab") as file:
            file.write((16).to_bytes(4) + b"free" + number.to_bytes(8))


def listed(folder: Path, count: int) -> list[Clip]:
    """The first copies, as clips of as many invented actors as are needed."""
    paths = sorted(folder.glob("*.*"))[:count]
    spoken = [(e, r) for e in range(1, 9) for r in (1, 2)]
    clips = []
    for number, path in enumerate(paths):
        emotion, repetition = spoken[number % len(spoken)]
        actor = 1 + number // len(spoken)
        clips.append(Clip.of((1, 1, emotion, 1, 1, repetition, actor), path))
    return clips


def one_size(folder: Path, store: Path, count: int, face: str) -> dict[str, float]:
    """Prepare, in this process, and tell what it took; then read an epoch both ways."""
    config = validate(compose_config([f"face={face}", "audio=mfcc"]))
    recipe, clips = build_recipe(config), listed(folder, count)
    started = time.perf_counter()
    prepared = prepare(
        clips,
        recipe=recipe,
        store=Store(store),
        modality="both",
        workers=-1,
        max_failed=0.0,
        clip_seconds=60.0,
        progress=False,
    )
    took = {"seconds": time.perf_counter() - started, "made": prepared.made}
    took["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    took["worker_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MEGABYTE
    if not prepared.made:
        took |= reading(prepared, recipe, config.training.batch_size)
    return took


def reading(prepared, recipe, batch_size: int) -> dict[str, float]:
    """Milliseconds a batch from the disk, and how many times as long as from memory."""
    audio_input = AudioInput.fit(recipe.feature, train=prepared.features.take(range(16)))
    (disk,) = make_samples(
        prepared, [prepared.clips], audio_input=audio_input, classes=Classes(), one_hot=False
    )
    memory = replace(disk, faces=np.asarray(disk.faces))
    sets = {"disk": disk, "memory": memory}
    batches = {n: Batches(s, batch_size=batch_size, shuffle=True) for n, s in sets.items()}
    ways = {name: lambda _, read=read: sum(1 for _ in read) for name, read in batches.items()}
    took = in_turns(ways, range(8))
    return {
        "disk_ms": milliseconds(took["disk"])[0] / len(batches["disk"]),
        "disk_over_memory": ratio(took["disk"], took["memory"])[0],
    }


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, help="clips; default: the demo corpus")
    parser.add_argument("--sizes", nargs="+", type=int, default=[100, 1_000, 10_000])
    parser.add_argument("--face", default="haar", help="detector; default: %(default)s")
    parser.add_argument(
        "--one", nargs=3, metavar=("FOLDER", "STORE", "COUNT"), help=argparse.SUPPRESS
    )
    arguments = parser.parse_args()
    if arguments.one:
        folder, store, count = arguments.one
        print(json.dumps(one_size(Path(folder), Path(store), int(count), arguments.face)))
        return
    _, clips = clips_below(arguments.root)
    rows = []
    print(
        "| clips | s | ms a clip | MB | MB of a worker | again, s | MB | batch from disk, ms | / memory |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name) / "clips"
        folder.mkdir()
        copies(clips, max(arguments.sizes), folder)
        for count in arguments.sizes:
            store = Path(name) / f"store_{count}"
            first, again = (_in_a_process(folder, store, count, arguments.face) for _ in range(2))
            rows.append({"clips": count, "first": first, "again": again})
            print(
                f"| {count:,} | {first['seconds']:.1f} | {1000 * first['seconds'] / count:.1f} | "
                f"{first['memory_mb']:.0f} | {first['worker_mb']:.0f} | {again['seconds']:.1f} | "
                f"{again['memory_mb']:.0f} | {again['disk_ms']:.2f} | "
                f"{again['disk_over_memory']:.2f} |",
                flush=True,
            )
    write("growth", {"face": arguments.face, "sizes": rows})


def _in_a_process(folder: Path, store: Path, count: int, face: str) -> dict[str, float]:
    options = ["--face", face, "--one", str(folder), str(store), str(count)]
    done = subprocess.run(  # noqa: S603 - no shell
        [sys.executable, __file__, *options],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
