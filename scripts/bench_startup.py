"""What a command costs beside its work: help, a mistake, and a whole run on prepared clips.

A run's own figures say what preparation, training and evaluation took; all the rest of its wall time is
start-up, figures, files and MLflow, whose database the first run creates. Small trainings: one epoch. In
turns with the runs, as these machines are now fast and now slow: a process that does nothing but
import the libraries.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from turns import clips_below, in_turns, write

COMMANDS = {  # exit code and arguments of each
    "help": (0, ["--help"]),
    "unknown key": (2, ["audio.n_mfc=13"]),
    "unknown option": (2, ["visual=nope"]),
    "no clips": (2, ["data=ravdess", "data.root=/nowhere"]),
    "in a sweep": (2, ["-m", "seed=0,x"]),
}
IMPORTS = "import tensorflow, keras, mlflow"
WORK = ("seconds/prepare", "seconds/train", "seconds/evaluate")


def command(arguments: list[str], *, code: int, folder: Path) -> str:
    """Run the program as a user does; what it printed, or this script ends."""
    call = [sys.executable, "-m", "ravdess_exp", *arguments]
    done = subprocess.run(  # noqa: S603 - no shell
        call, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != code:
        raise SystemExit(f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def whole_run(root: Path, folder: Path, number: int, store: str) -> dict[str, float]:
    """Seconds of one run by what they were spent on."""
    out = folder / f"run_{number}"
    overrides = ["data=ravdess", f"data.root={root.resolve()}", f"data.store={store}"]
    overrides += ["training=smoke", "split=loso", f"hydra.run.dir={out}"]
    started = time.perf_counter()
    command(overrides, code=0, folder=folder)
    whole = time.perf_counter() - started
    metrics = json.loads((out / "metrics.json").read_text())
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 - no shell
        [sys.executable, "-c", IMPORTS], stderr=subprocess.DEVNULL, check=True
    )
    imports = time.perf_counter() - started
    work = {name.removeprefix("seconds/"): metrics[name] for name in WORK}
    beside = whole - sum(work.values())
    return {"whole": whole, **work, "beside": beside, "imports": imports, "ratio": beside / imports}


def main() -> None:
    """Print the tables and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, help="clips; default: the demo corpus")
    parser.add_argument("--store", help="where these clips are prepared; default: a new one")
    parser.add_argument("--rounds", type=int, default=7, help="default: %(default)s")
    parser.add_argument("--runs", type=int, default=4, help="whole runs; default: %(default)s")
    arguments = parser.parse_args()
    root, _ = clips_below(arguments.root)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ways = {
            title: lambda _, code=code, overrides=overrides: command(
                overrides, code=code, folder=folder
            )
            for title, (code, overrides) in COMMANDS.items()
        }
        took = in_turns(ways, range(arguments.rounds + 1))
        print("| command | wall s | processor s |\n|---|---|---|")
        for title, values in took.items():
            wall, processor = np.median(values, axis=0)
            overrides = " ".join(COMMANDS[title][1])
            print(f"| {title}: `ravdess-exp {overrides}` | {wall:.2f} | {processor:.2f} |")
        store = arguments.store or str(folder / "store")
        command(
            ["task=prepare", "data=ravdess", f"data.root={root.resolve()}", f"data.store={store}"],
            code=0,
            folder=folder,
        )
        runs = [whole_run(root, folder, n, store) for n in range(arguments.runs)]
    print("\n| run | " + " | ".join(runs[0]) + " |\n|---|" + "---|" * len(runs[0]))
    for number, run in enumerate(runs):
        note = "1: creates MLflow's database" if not number else f"{number + 1}"
        print(f"| {note} | " + " | ".join(f"{value:.2f}" for value in run.values()) + " |")
    commands = {title: np.median(values, axis=0).tolist() for title, values in took.items()}
    write("startup", {"commands": commands, "runs": runs})


if __name__ == "__main__":
    main()
