"""Random changes of training samples. Pure: arrays and a generator in, arrays out."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True, kw_only=True)
class Augment:
    """What may change in a training clip, and by how much at most; see conf/augment/default.yaml.

    One draw serves all frames of a clip, since a difference between frames would look like motion.
    """

    flip: bool
    brightness: float
    contrast: float
    colour: float
    shift: float
    zoom: float
    time_masks: int
    time_mask_share: float
    frequency_masks: int
    frequency_mask_share: float
    modality_dropout: float

    def faces(
        self, frames: np.ndarray, rng: np.random.Generator, into: np.ndarray | None = None
    ) -> np.ndarray:
        """(F, H, W, 3) uint8 -> the same shape, changed and scaled: float32 in [0, 1]; or of one gray.

        into: where that is written, a new array if None.
        """
        moved = self._move(frames, rng)
        gain = 1 + rng.uniform(-self.contrast, self.contrast)
        tint = 1 + rng.uniform(-self.colour, self.colour, size=moved.shape[-1])
        offset = rng.uniform(-self.brightness, self.brightness)
        brighter = np.float32(moved.mean() / 255 * (1 - gain) + offset)
        changed = np.empty(frames.shape, np.float32) if into is None else into
        # whole rows of pixels, in float32: over three colours NumPy takes times as long
        width = moved.shape[2]
        rows = changed.reshape(-1, width * len(tint))
        factors = np.tile(gain * tint / 255, width).astype(np.float32)
        np.multiply(moved.reshape(rows.shape), factors, out=rows)
        rows += brighter
        np.clip(rows, 0.0, 1.0, out=rows)
        return changed

    def sound(self, feature: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(N, M, 1) standardised -> the same with bands set to 0, its mean (Park et al., 2019)."""
        masked = feature.copy()
        for _ in range(self.frequency_masks):
            masked[_band(feature.shape[0], self.frequency_mask_share, rng)] = 0.0
        for _ in range(self.time_masks if feature.ndim == 3 else 0):
            masked[:, _band(feature.shape[1], self.time_mask_share, rng)] = 0.0
        return masked

    def lost_input(self, inputs: int, rng: np.random.Generator) -> int | None:
        """Which of a clip's inputs is set to 0, so that no branch alone carries the decision.

        With probability `modality_dropout` one of them, never the only one. Source: Neverova et al.
        (2016), "ModDrop", IEEE TPAMI 38(8).
        """
        if inputs > 1 and self.modality_dropout and rng.random() < self.modality_dropout:
            return int(rng.integers(inputs))
        return None

    def _move(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Flipped, moved, zoomed; `frames` themselves where nothing of it is asked for.

        In whole levels of 255, which takes two thirds of the time of float32.
        """
        mirrored = self.flip and rng.random() < 0.5
        scale = 1 + rng.uniform(-self.zoom, self.zoom)
        shift = rng.uniform(-self.shift, self.shift, size=2)
        if not (self.zoom or self.shift):
            return np.ascontiguousarray(frames[:, :, ::-1]) if mirrored else frames
        height, width = frames.shape[1:3]
        across = -scale if mirrored else scale
        centre = np.array([(width - 1) / 2, (height - 1) / 2])
        matrix = np.array([[across, 0.0, 0.0], [0.0, scale, 0.0]])
        matrix[:, 2] = centre - matrix[:, :2] @ centre + shift * (width, height)
        moved = np.empty_like(frames)
        for frame, out in zip(frames, moved, strict=True):
            cv2.warpAffine(frame, matrix, (width, height), dst=out, borderMode=cv2.BORDER_REPLICATE)
        return moved


def _band(length: int, share: float, rng: np.random.Generator) -> slice:
    width = rng.integers(0, round(share * length) + 1)
    start = rng.integers(0, length - width + 1)
    return slice(start, start + width)
