"""Where the time of preparing a clip goes: processor milliseconds a clip by stage, stages in turns."""

import argparse
import json
import os
import time
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import cv2
import numpy as np

from ravdess_exp.commandline import compose_config
from ravdess_exp.config import validate
from ravdess_exp.corpus.demo import generate_demo
from ravdess_exp.corpus.manifest import scan
from ravdess_exp.features.visual import crop_faces, fill_gaps, frame_times
from ravdess_exp.media.decode import Recording
from ravdess_exp.media.silence import speech_interval


def stages(path: Path, settings: dict) -> dict[str, float]:
    """Processor seconds of each stage for one clip."""
    took, rate, clock = {}, settings["feature"].sample_rate, time.process_time
    start = clock()
    with Recording(path) as recording:
        sound = recording.sound(rate)
        took["decode sound"] = clock() - start
        start = clock()
        interval = np.array(speech_interval(sound, sample_rate=rate, top_db=30))
        took["trim"] = clock() - start
        start = clock()
        frames = recording.frames(frame_times(tuple(interval / rate), 6))
        took["decode frames"] = clock() - start
    for name, detector in settings["detectors"].items():
        start = clock()
        boxes = fill_gaps(detector(frames))
        took[f"faces: {name}"] = clock() - start
    start = clock()
    crop_faces(frames, boxes, margin=0.1, size=64, align=False)
    took["crop"] = clock() - start
    start = clock()
    settings["feature"](sound[slice(*interval)])
    took["mfcc"] = clock() - start
    return took


def main() -> None:
    """Print the median of each stage and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, help="clips; default: the demo corpus")
    parser.add_argument("--clips", type=int, default=40, help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=Path("outputs/bench/prepare.json"))
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    root = arguments.root or generate_demo(Path("outputs/demo"))
    faces = {
        n: validate(compose_config([f"face={n}"])).face.build() for n in ("mtcnn", "yunet", "haar")
    }
    settings = {"feature": validate(compose_config([])).audio.build(), "detectors": faces}
    clips = scan(root).clips
    chosen = [clips[i].path for i in np.linspace(0, len(clips) - 1, arguments.clips).astype(int)]
    stages(chosen[0], settings)  # imports and compilation
    times = defaultdict(list)
    for path in chosen:
        for name, seconds in stages(path, settings).items():
            times[name].append(1000 * seconds)
    medians = {name: float(np.median(values)) for name, values in times.items()}
    for name, value in medians.items():
        print(f"{name:14} {value:8.1f} ms a clip")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(medians, indent=1))


if __name__ == "__main__":
    main()
