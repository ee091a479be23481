"""A look at a file as plain JSON types: numbers, text, and pictures as data."""

import base64
from typing import Any

import cv2
import numpy as np

from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.predict.inputs import Inputs
from ravdess_exp.predict.look import Look

_POINTS = 400  # of a drawn waveform
_REFERENCE = "at the start, what the others are held against"


def shown(look: Look, bundle: Bundle) -> dict[str, Any]:
    """See `page.js` for who reads it. A file that failed has its `reason`, and what was found of it."""
    made = look.prediction
    answer = {
        "file": made.file,
        "reason": made.reason,
        "remarks": list(made.remarks),
        "seconds": round(made.seconds, 3),
        "prediction": made.prediction,
        "sure": made.sure,
        "interval": made.interval,
        "faces": made.faces,
        "probabilities": made.probabilities,
        "branches": dict(look.branches),
    }
    if look.inputs is not None:
        answer["crops"] = _crops(look.inputs, bundle)
        answer["sound"] = _waveform(look.inputs, bundle.recipe.feature.sample_rate)
    return answer


def _crops(inputs: Inputs, bundle: Bundle) -> list[dict[str, Any]]:
    """Each crop as a PNG, and whether a face was found in its frame or taken from beside it."""
    if inputs.crops is None:
        return []
    first = int(bundle.recipe.starts_apart)
    return [
        {
            "picture": _as_data(crop),
            "found": bool(found),
            "what": _REFERENCE if number < first else f"frame {number - first + 1}",
        }
        for number, (crop, found) in enumerate(zip(inputs.crops, inputs.found, strict=True))
    ]


def _as_data(crop: np.ndarray) -> str:
    """The address of an <img>; crop: (S, S, 3) uint8 RGB."""
    written, png = cv2.imencode(".png", np.ascontiguousarray(crop[..., ::-1]))
    if not written:
        raise ValueError(f"a crop of shape {crop.shape} cannot be written as PNG")
    return "data:image/png;base64," + base64.b64encode(png.tobytes()).decode()


def _waveform(inputs: Inputs, rate: int) -> dict[str, Any] | None:
    """Lowest and highest sample of each of some hundred stretches, as shares of the loudest."""
    if inputs.sound is None or not len(inputs.sound):
        return None
    edges = np.linspace(0, len(inputs.sound), min(_POINTS, len(inputs.sound)) + 1).astype(int)
    low = np.minimum.reduceat(inputs.sound, edges[:-1])
    high = np.maximum.reduceat(inputs.sound, edges[:-1])
    loudest = max(float(np.abs([low, high]).max()), 1e-9)
    return {
        "start": inputs.sound_start,
        "end": inputs.sound_start + len(inputs.sound) / rate,
        "low": (low.astype(float) / loudest).round(3).tolist(),
        "high": (high.astype(float) / loudest).round(3).tolist(),
    }
