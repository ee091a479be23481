"""A clip that its process does not survive, to order."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from ravdess_exp.media.faces import Box, Centre
from tests.helpers.media_files import tone, write_media


@dataclass(frozen=True)
class Saboteur:
    """A face detector that does what the file `trap` says, if it is there, over a white clip.

    Elsewhere it takes the middle. It stands for a decoder or a network that fails for good.
    """

    trap: str
    margin: float = 0.0
    align: bool = False
    computed_by: ClassVar[tuple[str, ...]] = ()

    def __call__(self, frames: np.ndarray) -> list[Box]:
        """See `Detector`."""
        trap = Path(self.trap)
        if frames.mean() > 200 and trap.exists():
            match trap.read_text():
                case "hang":
                    time.sleep(600)
                case "exit":
                    os._exit(3)
                case "memory":
                    raise MemoryError("no more")
                case name:
                    os.kill(os.getpid(), signal.Signals[name])
        return Centre(margin=0.0, share=0.5)(frames)


def white(path: Path) -> Path:
    """A clip over which the `Saboteur` acts."""
    return write_media(path, sound=tone(), frames=np.full((40, 48, 64, 3), 255, np.uint8))
