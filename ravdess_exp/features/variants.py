"""A recording as it might have sounded: another tempo, voice, room, distance and noise.

Pure: a waveform and a generator in, a waveform out. Written on librosa, SciPy and soxr, which are here
already: audiomentations draws from Python's and NumPy's global generators, so that one clip's variant
would depend on what else was drawn in its process, and it wants soxr below 1.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

_WINDOW = (
    0.064  # seconds of the phase vocoder's: a few periods of a voice, and short beside a syllable
)
_DIRECT_DB = (0.0, 15.0)  # how far the direct sound is above its reverberation
_DECAY = 6.9078  # ln(1000): after the reverberation time the sound is 60 dB lower
_STEEPEST = 2.0  # exponent of the noise's spectrum: from white, 0, to brown


@dataclass(frozen=True, kw_only=True)
class SoundVariants:
    """How many variants of a training clip there are, and how far each may be from the clip.

    speed: largest relative change of tempo, up or down; pitch: semitones; gain: decibels;
    snr: lowest and highest signal-to-noise ratio in decibels, None for no noise; reverberation:
    longest reverberation time in seconds. 0 changes nothing.
    """

    count: int
    speed: float
    pitch: float
    gain: float
    snr: tuple[float, float] | None
    reverberation: float
    computed_by: ClassVar[tuple[str, ...]] = ("librosa", "soxr")

    def ranges(self) -> dict[str, Any]:
        """All that a single variant depends on: more of them are the same ones and some new."""
        return {name: value for name, value in asdict(self).items() if name != "count"}


def varied(
    waveform: np.ndarray, rng: np.random.Generator, settings: SoundVariants, *, sample_rate: int
) -> np.ndarray:
    """(samples,) float32 -> another number of them, float32: as it might have sounded.

    In the order of nature: the voice, the room, the distance, the microphone. Everything is drawn
    whatever its range is, so that a range of 0 leaves the other draws as they are.
    """
    tempo = np.log1p(settings.speed) * rng.uniform(-1, 1)
    semitones = settings.pitch * rng.uniform(-1, 1)
    seconds = settings.reverberation * rng.uniform()
    decibels = settings.gain * rng.uniform(-1, 1)
    voice = faster_and_higher(waveform, np.exp(tempo), 2 ** (semitones / 12), sample_rate)
    heard = reverberated(voice, seconds, rng, sample_rate)
    heard = heard * 10 ** (decibels / 20)
    if settings.snr is not None:
        heard = heard + _noise(heard, rng.uniform(*settings.snr), rng)
    peak = float(np.abs(heard).max(initial=0.0))
    return (heard / max(1.0, peak)).astype(np.float32)  # a louder one would have been cut off


def faster_and_higher(
    waveform: np.ndarray, speed: float, pitch: float, sample_rate: int
) -> np.ndarray:
    """(samples,) -> (samples / speed,): `speed` times as fast, all frequencies `pitch` times as high.

    One phase vocoder changes the length, and reading its result faster the pitch with the formants,
    as if another throat spoke.
    """
    import librosa  # lazy: the first call compiles for seconds
    import soxr

    changed = waveform
    if speed != pitch:
        n_fft = 2 ** round(np.log2(_WINDOW * sample_rate))
        changed = librosa.effects.time_stretch(changed, rate=speed / pitch, n_fft=n_fft)
    return changed if pitch == 1 else soxr.resample(changed, pitch * sample_rate, sample_rate)


def reverberated(
    waveform: np.ndarray, seconds: float, rng: np.random.Generator, sample_rate: int
) -> np.ndarray:
    """(samples,) -> (samples,): the sound in a room of this reverberation time, as loud as before.

    The room answers with noise that decays exponentially (Polack 1988, "La transmission de l'énergie
    sonore dans les salles"); what comes after the clip's end is cut, as the clip itself was.
    """
    from scipy.signal import fftconvolve

    direct = rng.uniform(*_DIRECT_DB)
    length = round(seconds * sample_rate)
    if length < 2:
        return waveform
    response = rng.normal(size=length) * np.exp(-_DECAY * np.arange(length) / length)
    response[0] = 0.0
    response *= np.sqrt(10 ** (-direct / 10) / np.square(response).sum())
    response[0] = 1.0
    wet = fftconvolve(waveform, response)[: len(waveform)]
    return wet * (_level(waveform) / max(_level(wet), np.finfo(float).tiny))


def _noise(waveform: np.ndarray, decibels: float, rng: np.random.Generator) -> np.ndarray:
    """Noise (samples,) that the waveform is `decibels` above, from white to brown."""
    steepness = rng.uniform(0, _STEEPEST)
    spectrum = np.fft.rfft(rng.normal(size=len(waveform)))
    spectrum[1:] *= np.arange(1, len(spectrum)) ** (-steepness / 2)
    spectrum[0] = 0.0
    noise = np.fft.irfft(spectrum, len(waveform))
    return noise * (_level(waveform) / _level(noise) / 10 ** (decibels / 20))


def _level(waveform: np.ndarray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))
