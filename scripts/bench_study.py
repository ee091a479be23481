"""What a fold of a leave-one-speaker-out study costs beyond its own training, on prepared clips.

A study of one fold and one of several, each by the command and in a process of its own: what the further
folds add, less what their own figures say that training took, is what a fold costs beside it. Evaluation,
figures, files and MLflow are all in it.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from turns import clips_below, write


def study(
    root: Path, folder: Path, folds: list[int], overrides: list[str]
) -> tuple[float, list[float]]:
    """Wall seconds of the command, and of the training of each fold."""
    out = folder / f"study_{len(folds)}"
    call = [sys.executable, "-m", "ravdess_exp", "experiment=loso", f"folds={folds}", *overrides]
    call += ["data=ravdess", f"data.root={root.resolve()}", f"hydra.sweep.dir={out}"]
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 - no shell
        call, cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    took = time.perf_counter() - started
    metrics = [json.loads(path.read_text()) for path in sorted(out.glob("*/metrics.json"))]
    if len(metrics) != len(folds):
        raise SystemExit(f"{out}: {len(metrics)} of {len(folds)} folds are there")
    return took, [of_fold["seconds/train"] for of_fold in metrics]


def main() -> None:
    """Print what it found and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, help="clips; default: the demo corpus")
    parser.add_argument("--store", help="where these clips are prepared; default: a new one")
    parser.add_argument("--folds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--overrides", nargs="*", default=[], help="of the model, for instance")
    arguments = parser.parse_args()
    root, clips = clips_below(arguments.root)
    actors = sorted({clip.actor for clip in clips})[: arguments.folds]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        overrides = [*arguments.overrides, f"data.store={arguments.store or folder / 'store'}"]
        prepare = [sys.executable, "-m", "ravdess_exp", "task=prepare", "data=ravdess", *overrides]
        subprocess.run(  # noqa: S603 - no shell
            [*prepare, f"data.root={root.resolve()}"], cwd=folder, check=True
        )
        one, (first,) = study(root, folder, actors[:1], overrides)
        several, trained = study(root, folder, actors, overrides)
    a_fold = (several - one) / (len(actors) - 1)
    training = (sum(trained) - first) / (len(actors) - 1)
    # the first fold of each study may not take equally long, so it is taken out of both
    beside = (several - sum(trained) - (one - first)) / (len(actors) - 1)
    print(f"a further fold: {a_fold:.1f} s, of which its training {training:.1f} s;")
    print(f"beside it {beside:.2f} s, {beside / statistics.fmean(trained):.1%} of a training")
    measured = {"one_s": one, "several_s": several, "trained_s": [first, *trained]}
    write("study", {**measured, "beside_s": beside, "share": beside / statistics.fmean(trained)})


if __name__ == "__main__":
    main()
