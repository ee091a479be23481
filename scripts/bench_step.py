"""One training step of the default model: ours against the obvious TimeDistributed one, in turns."""

import argparse
import json
import time
from pathlib import Path

import keras
import numpy as np
from keras import layers

from ravdess_exp.commandline import compose_config
from ravdess_exp.config import validate
from ravdess_exp.models.audio_encoders import blstm
from ravdess_exp.models.backbones import relative_faces
from ravdess_exp.models.fusion import build_model

AUDIO, VIDEO, CLASSES = (24, 120, 1), (6, 64, 64, 3), 7


def obvious_vgg(faces, *, reference, filters, dense, dropout, l2):
    """The same function as a notebook writes it: a layer at a time, each frame by itself."""
    del l2
    x = relative_faces(faces, reference=reference)
    for width in filters:
        convolution = layers.Conv2D(width, 3, padding="same", activation="relu")
        x = layers.TimeDistributed(convolution)(x)
        x = layers.TimeDistributed(layers.MaxPooling2D())(x)
    x = layers.TimeDistributed(layers.Flatten())(x)
    x = layers.TimeDistributed(layers.Dropout(dropout))(x)
    return layers.TimeDistributed(layers.Dense(dense, activation="relu"))(x)


def model(backbone) -> keras.Model:
    """The default model with this backbone, compiled."""
    config = validate(compose_config([]))
    made = build_model(
        audio_shape=AUDIO,
        video_shape=VIDEO,
        classes=CLASSES,
        audio_encoder=lambda x: blstm(x, units=64, dense=128, dropout=0.5, l2=0.0),
        backbone=backbone,
        pooling=config.pooling.partial(),
        fusion=config.fusion.partial(),
    )
    made.compile("adam", "sparse_categorical_crossentropy")
    return made


def main() -> None:
    """Print milliseconds a step of both, wall and processor, and the ratio pair by pair."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=32, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=12, help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=Path("outputs/bench/step.json"))
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    shapes = ((arguments.batch, *AUDIO), (arguments.batch, *VIDEO))
    inputs = [rng.random(shape, dtype=np.float32) for shape in shapes]
    labels = rng.integers(0, CLASSES, arguments.batch)
    visual = validate(compose_config([])).visual
    keys = visual.model_dump(exclude={"target"})
    ways = {
        "ours": model(visual.partial()),
        "obvious": model(lambda faces: obvious_vgg(faces, **keys)),
    }
    times = {name: [] for name in ways}
    for turn in range(arguments.rounds + 2):
        for name, way in ways.items():
            wall, processor = time.perf_counter(), time.process_time()
            way.train_on_batch(inputs, labels)
            pair = (time.perf_counter() - wall, time.process_time() - processor)
            if turn >= 2:  # the first two build the function and warm it up
                times[name].append(pair)
    medians = {name: 1000 * np.median(values, axis=0) for name, values in times.items()}
    for name, (wall, processor) in medians.items():
        print(f"{name:8} {wall:7.0f} ms wall {processor:7.0f} ms of processor time")
    ratio = np.median(np.array(times["obvious"]) / np.array(times["ours"]), axis=0)
    print(f"obvious / ours, pair by pair: {ratio[0]:.2f} wall, {ratio[1]:.2f} processor time")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    found = {name: value.tolist() for name, value in medians.items()}
    arguments.out.write_text(json.dumps(found | {"ratio": ratio.tolist()}, indent=1))


if __name__ == "__main__":
    main()
