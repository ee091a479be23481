"""Parameters and time of one epoch for each backbone and each encoder alone, as a Markdown table.

An epoch is timed on random samples of the shapes that 720 clips of RAVDESS have (12 actors), after
one epoch that builds everything; the best of `--rounds`, which other work on the machine disturbs
least. The options are taken in turns.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from turns import write

from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.manifest import Clip, expected_names
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.run.build import build
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.run.inputs import untrained_model
from ravdess_exp.training.apart import trained_part
from ravdess_exp.training.dataset import Batches, Samples
from ravdess_exp.training.fit import compile_model
from ravdess_exp.training.seeding import seed_everything

SPECTRAL_FRAMES = 119  # mean of RAVDESS's trimmed speech at 16 ms
BESIDE = {  # what each option stands beside, and batches of one size for all
    "audio_encoder": "blstm",
    "visual": "vgg",
    "pooling": "max",
    "fusion": "concat",
    "training": "early_stopping",
}
FEATURES = {"dense": ("egemaps", (88, 1))}  # what it is meant for; the others get MFCCs


def samples_of(config, audio_shape: tuple, count: int) -> Samples:
    """Random samples of the shapes that this configuration makes."""
    rng = np.random.default_rng(0)
    recipe = build_recipe(config)
    sides = (recipe.crops, recipe.size, recipe.size, 3)
    sound, picture = config.modality != "video", config.modality != "audio"
    names = Classes(config.data.classes).names
    clips = [Clip.from_path(Path(f"{name}.mp4")) for name in expected_names()][:count]
    return Samples(
        clips=tuple(clips),
        audio=rng.normal(size=(count, *audio_shape)).astype(np.float32) if sound else None,
        faces=rng.integers(0, 256, (count, *sides), dtype=np.uint8) if picture else None,
        labels=np.arange(count) % len(names),
        names=names,
        one_hot=False,
    )


def ready(group: str, option: str, count: int):
    """Model and batches of one option, after a first epoch."""
    modality = "audio" if group == "audio_encoder" else "video"
    feature, shape = FEATURES.get(option, ("mfcc", (24, SPECTRAL_FRAMES, 1)))
    overrides = [f"{group}={option}", f"modality={modality}", f"audio={feature}"]
    overrides += [f"{g}={o}" for g, o in BESIDE.items() if g != group]
    config = validate(compose_config(overrides))
    samples = samples_of(config, shape, count)
    model = trained_part(untrained_model(build(config), samples))
    batches = Batches(samples, batch_size=config.training.batch_size, shuffle=True)
    compile_model(model, settings=config.training, train=batches)
    model.fit(batches.dataset(), shuffle=False, verbose=0)
    return model, batches


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=720, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=2, help="default: %(default)s")
    arguments = parser.parse_args()
    seed_everything(0)
    options = [
        (group, path.stem)
        for group in ("audio_encoder", "visual")
        for path in sorted(Path(conf_dir(), group).glob("*.yaml"))
        if "ravdess_exp.models" in path.read_text()  # a picture feature leaves nothing to train
    ]
    made = {option: ready(*option, arguments.clips) for option in options}
    times = {option: [] for option in options}
    for _ in range(arguments.rounds):
        for option, (model, batches) in made.items():
            start = time.perf_counter()
            model.fit(batches.dataset(), shuffle=False, verbose=0)
            times[option].append(time.perf_counter() - start)
    print("| group | option | parameters | seconds an epoch |\n|---|---|---|---|")
    rows = []
    for (group, option), (model, _) in made.items():
        rows.append([group, option, model.count_params(), min(times[group, option])])
        print(f"| `{group}` | `{option}` | {rows[-1][2]:,} | {rows[-1][3]:.1f} |")
    write("models", {"clips": arguments.clips, "epochs": rows})


if __name__ == "__main__":
    main()
