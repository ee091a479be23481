"""The middle of the frame, for clips whose faces are known to be there."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ravdess_exp.media.faces.detector import Box


@dataclass(frozen=True, kw_only=True)
class Centre:
    """A square in the middle of the frame, `share` of its shorter side; it looks for nobody."""

    margin: float
    share: float
    align: ClassVar[bool] = False
    computed_by: ClassVar[tuple[str, ...]] = ()

    def __call__(self, frames: np.ndarray) -> list[Box | None]:
        """See `Detector`."""
        height, width = frames.shape[1:3]
        side = self.share * min(height, width)
        return [Box((width - side) / 2, (height - side) / 2, side, side)] * len(frames)
