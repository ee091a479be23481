"""Face detectors side by side: time a frame, faces found, and agreement with MTCNN at full size.

Each file given is a picture, or a clip of which six frames are taken; every one is expected to show
a face. The detectors take the same frames in turns, in one process and one thread; `full size` is the
package mtcnn as its README shows it, frame by frame, the largest face counts.
"""

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import cv2
import numpy as np
from turns import package_mtcnn, write

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.manifest import VIDEO_SUFFIXES
from ravdess_exp.errors import ConfigError
from ravdess_exp.media.decode import Recording
from ravdess_exp.media.faces import Box

OPTIONS = ("mtcnn", "yunet", "haar", "dlib")
FRAMES = 6
REFERENCE = "full size"
AGREE = 0.7  # intersection over union


def frames_of(path: Path) -> np.ndarray:
    """(F, H, W, 3) uint8: six frames of a clip, or a picture as one."""
    if path.suffix.lower() in VIDEO_SUFFIXES:
        with Recording(path) as recording:
            return recording.frames(np.linspace(*recording.seconds, FRAMES).tolist())
    image = cv2.imread(str(path))
    if image is None:
        raise SystemExit(f"{path}: not a picture that OpenCV reads")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)[None]


def full_size(frames: np.ndarray) -> list[Box | None]:
    """The largest face of each frame by the package mtcnn, one frame after the other."""
    boxes = []
    for frame in frames:
        faces = [Box(*map(float, face["box"])) for face in package_mtcnn().detect_faces(frame)]
        boxes.append(max(faces, key=lambda box: box.width * box.height, default=None))
    return boxes


def files(roots: list[Path], limit: int) -> Iterator[Path]:
    """Pictures and clips below each root, at most `limit` of one root, evenly chosen."""
    kinds = (*VIDEO_SUFFIXES, ".png", ".jpg", ".jpeg")
    for root in roots:
        paths = sorted(p for p in root.rglob("*") if p.suffix.lower() in kinds)
        if not paths:
            raise SystemExit(f"{root}: no picture and no clip in it")
        chosen = np.linspace(0, len(paths) - 1, min(limit, len(paths))).astype(int)
        yield from (paths[i] for i in chosen)


def main() -> None:
    """Print the table and write it as JSON; overlap is with the full-size box, 0 where none is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("roots", nargs="+", type=Path, help="folders of pictures and clips")
    parser.add_argument("--limit", type=int, default=60, help="files a folder, default %(default)s")
    parser.add_argument("--name", help="of these files, in the name of the JSON file")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    detectors: dict = {REFERENCE: full_size}
    for name in OPTIONS:
        try:
            detectors[name] = validate(compose_config([f"face={name}"])).face.build()
        except ConfigError as error:
            print(f"left out: {error}")
    times, detected, ious = defaultdict(list), defaultdict(list), defaultdict(list)
    for number, path in enumerate(files(arguments.roots, arguments.limit)):
        frames = frames_of(path)
        boxes = {}
        for name, detector in detectors.items():
            if not number:
                detector(frames)  # loading
            start = time.process_time()
            boxes[name] = detector(frames)
            times[name].append(1000 * (time.process_time() - start) / len(frames))
            detected[name] += [box is not None for box in boxes[name]]
        for name in detectors:
            pairs = zip(boxes[name], boxes[REFERENCE], strict=True)
            ious[name] += [a.overlap(b) if a else 0.0 for a, b in pairs if b]
    table = {
        name: {
            "ms a frame": float(np.median(times[name])),
            "found": float(np.mean(detected[name])),
            "frames": len(detected[name]),
            "overlap": float(np.median(ious[name])),
            "agree": float(np.mean(np.array(ious[name]) >= AGREE)),
        }
        for name in detectors
    }
    print(f"| detector | ms a frame | faces found | of frames | overlap | at least {AGREE} |")
    print("|---|---|---|---|---|---|")
    for name, row in table.items():
        print(
            f"| `{name}` | {row['ms a frame']:.1f} | {row['found']:.1%} | {row['frames']} | "
            f"{row['overlap']:.2f} | {row['agree']:.1%} |"
        )
    write(f"faces_{arguments.name}" if arguments.name else "faces", table)


if __name__ == "__main__":
    main()
