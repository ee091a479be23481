"""One training step of each backbone with the BLSTM: plain, ours, and the machine's limit, in turns.

plain: `TimeDistributed` layers in float32, as a notebook writes them (scripts/plain_models.py). ours: what a
run trains; also with XLA and, where the processor computes in it or `--bfloat16` says so, in bfloat16. floor:
the step's floating-point operations over the rate of a matrix product that is measured between the steps.
And what the input pipeline costs a step.
"""

import argparse
import gc
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from bench_models import samples_of
from plain_models import plain, same_weights
from turns import in_turns, machine, milliseconds, ratio, write

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.config.schema import Config
from ravdess_exp.models.layers import WithoutFirstFrame
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.run.build import build, build_parts
from ravdess_exp.run.inputs import untrained_model
from ravdess_exp.training.apart import trained_part
from ravdess_exp.training.dataset import Batches
from ravdess_exp.training.fit import compile_model

AUDIO, VIDEO, CLASSES = (24, 120, 1), (1 + 6, 64, 64, 3), 7  # the reference first
BESIDE = ("audio=mfcc", "audio_encoder=blstm", "pooling=max", "fusion=concat")
CASES = {
    "vgg 32-64-128": (*BESIDE, "visual=vgg", "visual.filters=[32,64,128]"),
    "vgg": (*BESIDE, "visual=vgg"),
    "resnet": (*BESIDE, "visual=resnet"),
    "inception": (*BESIDE, "visual=inception"),
    "conv3d": (*BESIDE, "visual=conv3d"),
}
_SIDE = 2048  # of the matrices
_PRODUCTS = 4  # a turn


def ours(config: Config, policy: str = "float32") -> keras.Model:
    """The model that a run of this configuration trains."""
    keras.config.set_dtype_policy(policy)
    try:
        parts = build_parts(config)
        return parts.model(audio_shape=AUDIO, video_shape=VIDEO, classes=CLASSES)
    finally:
        keras.config.set_dtype_policy("float32")


def compiled(model: keras.Model, *, xla: bool = False) -> keras.Model:
    """Ready to be trained; XLA only where asked for."""
    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=xla)
    return model


def operations(model: keras.Model, batch: int) -> float:
    """Floating-point operations of the products of one step: forward, and twice that backward.

    Nothing but convolutions, dense layers and LSTMs is counted, and no gradient of the first
    convolution's input, which nobody needs. A multiplication and an addition are two operations.
    """
    total = 0.0
    first_convolution = True
    dropped = any(isinstance(layer, WithoutFirstFrame) for layer in model.layers)
    frames = batch * (VIDEO[0] - dropped)
    for layer in model.layers:
        parts = [layer.forward_layer, layer.backward_layer] if _both_ways(layer) else [layer]
        for part in parts:
            forward = _forward(part, layer, batch, frames)
            total += 3 * forward
            if isinstance(part, keras.layers.Conv2D | keras.layers.Conv3D) and first_convolution:
                total -= forward
                first_convolution = False
    return total


def _both_ways(layer: keras.Layer) -> bool:
    return isinstance(layer, keras.layers.Bidirectional)


def _forward(part: keras.Layer, layer: keras.Layer, batch: int, frames: int) -> float:
    """Of one layer; `layer` is what stands in the model and knows its input. frames: of the batch."""
    match part:
        case keras.layers.Conv2D() | keras.layers.Conv3D():
            images = frames if isinstance(part, keras.layers.Conv2D) else batch
            places = np.prod(layer.output.shape[1:-1])
            return 2 * images * places * np.prod(part.kernel.shape)
        case keras.layers.LSTM():
            steps = layer.input.shape[1]
            weights = np.prod(part.cell.kernel.shape) + np.prod(part.cell.recurrent_kernel.shape)
            return 2 * batch * steps * weights
        case keras.layers.Dense():
            folded = len(layer.input.shape) == 2 and layer.input.shape[1] > 512
            return 2 * batch * (VIDEO[0] if folded else 1) * np.prod(part.kernel.shape)
    return 0.0


def product() -> Callable[[object], None]:
    """Matrix products of float32 as one call."""
    a = tf.random.normal((_SIDE, _SIDE))

    @tf.function
    def multiply(x):
        for _ in range(_PRODUCTS):
            x = tf.matmul(x, a) / _SIDE
        return x

    return lambda _: multiply(a).numpy()


def step(model: keras.Model, inputs: list, labels: np.ndarray) -> Callable[[object], object]:
    """One step of training."""
    return lambda _: model.train_on_batch(inputs, labels)


def measure(overrides: tuple[str, ...], *, batch: int, rounds: int, bfloat16: bool) -> dict:
    """All ways of one case in turns."""
    config = validate(compose_config(list(overrides)))
    rng = np.random.default_rng(0)
    shapes = (AUDIO, VIDEO)
    inputs = [rng.random((batch, *shape), dtype=np.float32) for shape in shapes]
    labels = rng.integers(0, CLASSES, batch)
    models = {"ours": compiled(ours(config)), "XLA": compiled(ours(config), xla=True)}
    if bfloat16:
        models["bfloat16"] = compiled(ours(config, "mixed_bfloat16"))
    if "conv3d" not in overrides[0]:
        obvious = plain(config, audio_shape=AUDIO, video_shape=VIDEO, classes=CLASSES)
        same_weights(models["ours"], obvious)
        models = {"plain": compiled(obvious), **models}
    ways = {name: step(model, inputs, labels) for name, model in models.items()}
    took = in_turns({**ways, "product": product()}, range(rounds + 2), warm_up=2)
    work = operations(models["ours"], batch)
    done = 2.0 * _SIDE**3 * _PRODUCTS
    floor = took.pop("product") * work / done
    measured = {"gflop": work / 1e9, "floor_ms": milliseconds(floor), "ways": {}}
    rate = done / np.median(floor[:, 0] * done / work) / 1e9
    print(f"| floor ({work / 1e9:.1f} GFLOP at {rate:.0f} GFLOP/s) | ", end="")
    print(f"{milliseconds(floor)[0]:.0f} | {milliseconds(floor)[1]:.0f} | | |")
    for name, values in took.items():
        row = {"ms": milliseconds(values), "over_floor": ratio(values, floor)}
        if "plain" in took:
            row["plain_over"] = ratio(took["plain"], values)
        measured["ways"][name] = row
        gain = (
            f"{row['plain_over'][0]:.2f} | {row['plain_over'][1]:.2f}" if "plain" in took else "|"
        )
        print(
            f"| {name} | {row['ms'][0]:.0f} | {row['ms'][1]:.0f} | {row['over_floor'][0]:.2f} | {gain} |"
        )
    return measured


def pipeline(overrides: tuple[str, ...], rounds: int) -> dict:
    """An epoch from the input pipeline, against one cached batch, in turns."""
    config = validate(compose_config(list(overrides)))
    in_memory = samples_of(config, AUDIO, 736)  # whole batches
    rows = Rows(Path(tempfile.gettempdir()))
    for faces in in_memory.faces:
        rows.append(faces)
    samples = replace(in_memory, faces=rows)  # on disk, as a run has them
    model = trained_part(untrained_model(build(config), samples))
    settings = {"batch_size": config.training.batch_size, "shuffle": True}
    augment = config.augment.build()
    batches = Batches(samples, augment=augment, **settings)
    from_memory = Batches(in_memory, augment=augment, **settings)
    plain_ones = Batches(samples, **settings)
    compile_model(model, settings=config.training, train=batches)
    inputs, labels = next(iter(plain_ones))
    options = tf.data.Options()
    options.autotune.enabled = False  # as the pipeline has it
    cached = tf.data.Dataset.from_tensors((tuple(inputs), labels)).repeat(len(batches))
    sources = {
        "one cached batch": cached.prefetch(2).with_options(options),
        "pipeline": batches.dataset(),
        "pipeline, from memory": from_memory.dataset(),
        "pipeline, not augmented": plain_ones.dataset(),
    }
    ways = {
        name: lambda _, data=data: model.fit(data, shuffle=False, verbose=0)
        for name, data in sources.items()
    }
    ways["only read"] = lambda _: sum(1 for _ in batches)
    took = in_turns(ways, range(rounds + 1))
    print(f"\nan epoch of {len(batches)} steps of {batches.batch_size} clips, {overrides}\n")
    print("| source | wall ms a step | / one cached batch, wall | processor |\n|---|---|---|---|")
    measured = {}
    for name, values in took.items():
        over = ratio(values, took["one cached batch"])
        measured[name] = {"ms": milliseconds(values)[0] / len(batches), "over_cached": over}
        print(f"| {name} | {measured[name]['ms']:.1f} | {over[0]:.3f} | {over[1]:.3f} |")
    return measured


def main() -> None:
    """Print a table for each case and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=32, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=10, help="default: %(default)s")
    parser.add_argument(
        "--pipeline", type=int, default=8, help="rounds of epochs; default: %(default)s; 0: none"
    )
    parser.add_argument("--cases", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--bfloat16", action="store_true", help="also where it is slow")
    arguments = parser.parse_args()
    fast = any(name in machine()["instructions"] for name in ("avx512_bf16", "amx_bf16"))
    measured = {"batch": arguments.batch}
    for case in arguments.cases:
        print(f"\n{case}, batch {arguments.batch}\n")
        print("| way | wall ms | processor ms | wall / floor | plain / it, wall | processor |")
        print("|---|---|---|---|---|---|")
        measured[case] = measure(
            CASES[case],
            batch=arguments.batch,
            rounds=arguments.rounds,
            bfloat16=fast or arguments.bfloat16,
        )
        keras.backend.clear_session()
        gc.collect()
    if arguments.pipeline:
        big = (*CASES["vgg 32-64-128"], f"training.batch_size={arguments.batch}")
        cases = {"default recipe": (), "vgg 32-64-128": big}
        measured["pipeline"] = {
            case: pipeline(overrides, arguments.pipeline) for case, overrides in cases.items()
        }
    write("train", measured)


if __name__ == "__main__":
    main()
