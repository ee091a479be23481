"""Does a written network say what the model says? Tried before anybody is told that it does."""

from collections.abc import Callable, Iterator, Mapping

import keras
import numpy as np

AGREEMENT = 1e-4  # the largest difference of a probability that counts as the same
_SCALES = (0.1, 0.3, 1.0, 3.0)  # of made-up values: with large ones a softmax hides differences
_COARSE = 8  # pixels that have one brightness, in every other made-up picture


def made_up_inputs(model: keras.Model, seed: int = 0) -> dict[str, np.ndarray]:
    """By name of the input, a few clips (B, ...) float32 of what a model may be given.

    Standardised values of several sizes, pictures of noise and of blocks; some with zeros in front, as
    short clips have them, and where there are two inputs, one without the first and one without the
    second.
    """
    generator = np.random.default_rng(seed)
    names = [tensor.name for tensor in model.inputs]
    clips = list(_clips(model, generator))
    if len(names) > 1:
        clips += [clips[1] | {name: np.zeros_like(clips[1][name])} for name in names]
    return {name: np.stack([clip[name] for clip in clips]) for name in names}


def _clips(model: keras.Model, generator: np.random.Generator) -> Iterator[dict[str, np.ndarray]]:
    for number, scale in enumerate(_SCALES):
        clip = {}
        for tensor in model.inputs:
            shape = tensor.shape[1:]
            if len(shape) == 4:  # crops (F, H, W, C)
                clip[tensor.name] = _pictures(shape, generator, coarse=number % 2 == 1)
                continue
            values = scale * generator.standard_normal(shape)
            if len(shape) == 3 and number % 2:  # (N, M, 1): zeros in front
                values[:, : shape[1] // 3] = 0
            clip[tensor.name] = values.astype(np.float32)
        yield clip


def _pictures(shape: tuple[int, ...], generator: np.random.Generator, *, coarse: bool):
    frames, height, width, channels = shape
    if not coarse:
        return generator.random(shape, dtype=np.float32)
    small = generator.random(
        (frames, -(-height // _COARSE), -(-width // _COARSE), channels), dtype=np.float32
    )
    return small.repeat(_COARSE, axis=1).repeat(_COARSE, axis=2)[:, :height, :width]


def largest_difference(
    model: keras.Model, network: Callable[[Mapping[str, np.ndarray]], np.ndarray]
) -> float:
    """Of a probability, over the made-up clips; infinite where the network gives no numbers."""
    inputs = made_up_inputs(model)
    said = network(inputs)
    expected = model.predict_on_batch([inputs[tensor.name] for tensor in model.inputs])
    if said.shape != expected.shape or not np.isfinite(said).all():
        return float("inf")
    return float(np.abs(said - expected).max())
