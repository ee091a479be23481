"""What is kept of an encoder's layers: of each how its channels lie over time, or one over time."""

from collections.abc import Sequence

import numpy as np

from ravdess_exp.errors import ConfigError, FeatureError

CHOSEN = "chosen"
QUANTILES = "quantiles"
_QUANTILES = (0.1, 0.5, 0.9)


Layer = str | int | list[int]  # middle, chosen, a number from 1, or several side by side


def check_layer(layer: Layer, count: int, *, over_time: bool) -> None:
    """Raises `ConfigError` for a layer that an encoder of `count` layers does not have."""
    if isinstance(layer, list) and over_time:
        raise ConfigError(
            f"audio.layer={layer}: expected one layer with audio.frames; audio.frames=null takes "
            "several side by side"
        )
    if layer != CHOSEN:
        layer_numbers(layer, count)
    elif over_time:
        raise ConfigError(
            "audio.layer=chosen: expected middle or a number with audio.frames, since every layer "
            "over time would be kept to choose from; audio.frames=null keeps their means"
        )


def kept_of(layer: Layer, pool: str, *, over_time: bool) -> dict[str, Layer]:
    """What of the layers is kept in the store: all, pooled, or one over time."""
    if over_time:
        return {"kept": "over time", "layer": layer}
    return {"kept": QUANTILES if pool == QUANTILES else "pooled"}


def layer_numbers(layer: Layer, count: int) -> int | list[int]:
    """The same for one layer, and for each of several."""
    if not isinstance(layer, list):
        return layer_number(layer, count)
    if len(set(layer)) < len(layer):
        raise ConfigError(f"audio.layer={layer}: expected each layer once")
    return [layer_number(one, count) for one in layer]


def taken(stored: np.ndarray, layer: int | Sequence[int] | None) -> np.ndarray:
    """Of (L, D): one layer (D,), or several side by side (k*D,); None: all, as it is."""
    return stored if layer is None else stored[layer].reshape(-1)


def layer_number(layer: str | int, count: int) -> int:
    """Which of `count` layers, from 0. `middle`: of two, the earlier; or its number from 1.

    Raises `ConfigError` for a layer that the encoder does not have.
    """
    if layer == "middle":
        return (count - 1) // 2
    if not isinstance(layer, int) or not 1 <= layer <= count:
        raise ConfigError(f"audio.layer={layer}: expected middle, chosen or 1 to {count}")
    return layer - 1


def pooled(layers: Sequence[np.ndarray], pool: str) -> np.ndarray:
    """L arrays (T, D) over time -> (L, K*D) float32, of each layer.

    pool: `moments`, mean then deviation (K = 2), or `quantiles`, those of 0.1, 0.5 and 0.9 (K = 3).
    """
    finite(layers)
    if pool == QUANTILES:
        return np.stack([np.quantile(x, _QUANTILES, axis=0).ravel() for x in layers]).astype("f4")
    return np.stack([np.concatenate([x.mean(axis=0), x.std(axis=0)]) for x in layers])


def over_time(layer: np.ndarray) -> np.ndarray:
    """(T, D) -> (D, T) float32, as every feature over time is laid out."""
    finite([layer])
    return np.ascontiguousarray(layer.T, np.float32)


def finite(layers: Sequence[np.ndarray]) -> None:
    """Raises `FeatureError` where the encoder returns values that are not numbers."""
    for number, layer in enumerate(layers, 1):
        if not np.isfinite(layer).all():
            raise FeatureError(
                f"the encoder returns values that are not numbers in layer {number} of {len(layers)}"
            )
