"""Training and predicting on a GPU, float32 and bfloat16, beside the processor, as a Markdown table.

The default model, ResNet and 3D convolution are trained on the demo corpus on the GPU. Then a process
that sees no GPU is given the same weights in float32: it predicts the same test clips and is timed on
the same training steps. Without a GPU, `--dry-run` does all of it on the processor with tiny models,
to see that the script works; its figures say nothing.

    python scripts/bench_gpu.py
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from turns import OUT, write

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.config.schema import Config
from ravdess_exp.models.fusion import load_model
from ravdess_exp.prepare.preparation import Preparer
from ravdess_exp.run.build import Experiment, build
from ravdess_exp.run.inputs import make_inputs, untrained_model
from ravdess_exp.training.dataset import Batches, Samples
from ravdess_exp.training.fit import compile_model, make_variables
from ravdess_exp.training.precision import computing_in
from ravdess_exp.training.seeding import seed_everything

MODELS = {"default": (), "resnet": ("visual=resnet",), "conv3d": ("visual=conv3d",)}
PRECISIONS = ("float32", "bfloat16")
COMMON = ("face=haar", "tracking=none", "training.epochs=1", "training.schedule=constant")
TINY_DEMO = ("data.clips_per_actor=8", "data.root=outputs/demo_tiny")
TINY = (
    "data.without_actors=[5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24]",
    "split.train=[1,2]",
    "split.validation=[3]",
    "split.test=[4]",
    "frames.count=3",
    "frames.size=32",
    "visual.dense=8",
    "audio_encoder.dense=8",
)
_ANSWER, _INPUTS = "processor.npz", "inputs.npz"
_HEAD = (
    "| model | precision | ms a step | s an epoch | processor, ms a step | processor / GPU "
    "| largest difference of probabilities | same class |\n|---|---|---|---|---|---|---|---|"
)


def configuration(case: Sequence[str], extra: Sequence[str]) -> Config:
    """Of one model; what the command line adds counts last."""
    return validate(compose_config([*COMMON, *case, *extra]))


def samples_of(experiment: Experiment, preparer: Preparer) -> list[Samples]:
    """Training, validation and test clips as the models are given them."""
    split = experiment.corpus.split(experiment.corpus.find())
    prepared = preparer(experiment.preparation, sorted(split.clips()))
    return make_inputs(experiment, split.only({c.name for c in prepared.clips}), prepared)[1]


def step_seconds(model: keras.Model, batches: Batches, steps: int) -> float:
    """Median seconds of a training step on one batch that is there; two more steps compile it."""
    inputs, labels = next(iter(batches))
    took = []
    for _ in range(steps + 2):
        started = time.perf_counter()
        model.train_on_batch(inputs, labels)  # returns the loss: the device has finished
        took.append(time.perf_counter() - started)
    return float(np.median(took[2:]))


def epoch_seconds(model: keras.Model, batches: Batches) -> float:
    """Seconds of the second of two epochs from the input pipeline."""
    for _ in range(2):
        started = time.perf_counter()
        model.fit(batches.dataset(), shuffle=False, verbose=0)
    return time.perf_counter() - started


def measure(
    experiment: Experiment, samples: list[Samples], precision: str, steps: int, folder: Path
) -> dict[str, float]:
    """Train and predict here; leaves the model in float32 for the processor in `folder`."""
    train, _, test = samples
    seed_everything(0)
    with computing_in(precision):
        model = untrained_model(experiment, train)
    batches = Batches(
        train,
        batch_size=experiment.fit.batch_size,
        augment=experiment.augment,
        shuffle=True,
    )
    compile_model(model, settings=experiment.fit, train=batches)
    make_variables(model, batches)
    measured = {"step_s": step_seconds(model, batches, steps)}
    measured["epoch_s"] = epoch_seconds(model, batches)
    inputs = test.inputs(range(len(test)))
    measured["said"] = np.asarray(model.predict(inputs, verbose=0), np.float32)
    twin = untrained_model(experiment, train)  # float32, whatever the other computed in
    twin.set_weights(model.get_weights())
    folder.mkdir(parents=True)
    twin.save(folder / "model.keras")
    (audio, video), labels = next(iter(batches))
    np.savez(
        folder / _INPUTS, *inputs, train_audio=audio, train_video=video, labels=labels, steps=steps
    )
    return measured


def answer(folder: Path) -> None:
    """The other process: predict and time what `measure` left in each folder below this one."""
    for place in sorted(folder.iterdir()):
        model = load_model(place / "model.keras")
        given = np.load(place / _INPUTS)
        said = model.predict([given["arr_0"], given["arr_1"]], verbose=0)
        model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
        batch = [given["train_audio"], given["train_video"]], given["labels"]
        seconds = step_seconds(model, [batch], int(given["steps"]))
        np.savez(place / _ANSWER, said=said, step_s=seconds)


def by_processor(folder: Path) -> None:
    """Ask a process that sees no GPU."""
    subprocess.run(  # noqa: S603 - this script
        [sys.executable, __file__, "--answer", str(folder)],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"},
        check=True,
    )


def compared(measured: dict, place: Path) -> dict[str, float]:
    """A row of the table: what was measured here and what the processor said and took."""
    given = np.load(place / _ANSWER)
    said, theirs = measured["said"], given["said"]
    return {
        "step_ms": 1000 * measured["step_s"],
        "epoch_s": measured["epoch_s"],
        "processor_step_ms": 1000 * float(given["step_s"]),
        "ratio": float(given["step_s"]) / measured["step_s"],
        "difference": float(np.abs(said - theirs).max()),
        "same_class": float(np.mean(said.argmax(axis=1) == theirs.argmax(axis=1))),
    }


def table(rows: dict[str, dict[str, float]], device: str) -> str:
    """Markdown. rows: by `model precision`."""
    lines = [f"On {device}; the processor computes in float32.", "", _HEAD]
    for name, row in rows.items():
        model, precision = name.split()
        lines.append(
            f"| {model} | {precision} | {row['step_ms']:.1f} | {row['epoch_s']:.2f} "
            f"| {row['processor_step_ms']:.1f} | {row['ratio']:.1f} | {row['difference']:.1e} "
            f"| {row['same_class']:.1%} |"
        )
    return "\n".join(lines) + "\n"


def device_name(dry: bool) -> str | None:
    """The GPU; None where there is none and none is pretended."""
    if dry:
        return "the processor (a dry run with tiny models)"
    gpus = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(gpus[0]).get("device_name") if gpus else None


def main() -> int:
    """Print the table and write it beside its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dry-run", action="store_true", help="tiny models on the processor")
    parser.add_argument("--steps", type=int, default=30, help="timed a model; default: %(default)s")
    parser.add_argument("--out", type=Path, default=OUT, help="default: %(default)s")
    parser.add_argument(
        "--overrides", nargs="*", default=[], help="of all models, for instance data"
    )
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.answer:
        answer(arguments.answer)
        return 0
    device = device_name(arguments.dry_run)
    if device is None:
        print(
            "TensorFlow sees no GPU here: pip install 'tensorflow[and-cuda]' where there is one, or "
            "try the script with --dry-run",
            file=sys.stderr,
        )
        return 2
    other_clips = any(override.startswith("data=") for override in arguments.overrides)
    tiny = (*(() if other_clips else TINY_DEMO), *TINY) if arguments.dry_run else ()
    extra = [*tiny, *arguments.overrides]
    measured, rows, preparer = {}, {}, Preparer()
    with tempfile.TemporaryDirectory() as name:
        for model, case in MODELS.items():
            experiment = build(configuration(case, extra))
            samples = samples_of(experiment, preparer)
            for precision in PRECISIONS:
                place = Path(name) / f"{model} {precision}"
                measured[place] = measure(experiment, samples, precision, arguments.steps, place)
                keras.backend.clear_session()
                print(f"{place.name}: {measured[place]['epoch_s']:.2f} s an epoch", flush=True)
        by_processor(Path(name))
        rows = {place.name: compared(of, place) for place, of in measured.items()}
    write("gpu", {"device": device, "dry_run": arguments.dry_run, "rows": rows}, arguments.out)
    text = table(rows, device)
    (arguments.out / "gpu.md").write_text(text)
    print(f"\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
