"""The test clips as they might be: one input missing, or noisy. Nothing is learned or chosen here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ravdess_exp.training.dataset import Samples

Condition = tuple[str, Samples]


def conditions(
    samples: Samples,
    *,
    missing: bool,
    sound_snr_db: Sequence[float],
    picture_noise: Sequence[float],
    hear: Callable[[float], np.ndarray],
    seed: int,
) -> Iterator[Condition]:
    """Name and samples of each condition that these samples have the inputs for.

    hear: gives the audio inputs (n, ...) of the same clips with noise at a signal-to-noise ratio in
    decibels; see `noisy`.
    """
    sound, picture = samples.audio is not None, samples.faces is not None
    if missing and sound and picture:
        yield "without_sound", replace(samples, audio=np.zeros_like(samples.audio))
        yield "without_picture", replace(samples, faces=np.zeros(samples.faces.shape, np.uint8))
    for decibels in sound_snr_db if sound else ():
        yield f"sound_{decibels:g}dB", replace(samples, audio=hear(decibels))
    for deviation in picture_noise if picture else ():
        rng = np.random.default_rng(seed)
        noise = rng.normal(0, 255 * deviation, samples.faces.shape)
        seen = np.clip(np.asarray(samples.faces) + noise, 0, 255).round().astype(np.uint8)
        yield f"picture_noise_{deviation:g}", replace(samples, faces=seen)


def noisy(waveform: np.ndarray, decibels: float, rng: np.random.Generator) -> np.ndarray:
    """White noise added so that the speech is `decibels` above it: (samples,) float32."""
    power = float(np.mean(np.square(waveform, dtype=np.float64)))
    noise = rng.normal(0, np.sqrt(power / 10 ** (decibels / 10)), len(waveform))
    return (waveform + noise).astype(np.float32)
