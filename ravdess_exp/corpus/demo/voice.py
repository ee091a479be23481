"""Synthesised voices: harmonics shaped by formants, in syllables, coloured by speaker and emotion.

The classical source-filter model (Fant, 1960), with the cues that Juslin & Laukka (2003,
Psychological Bulletin 129(5), table 7) list for vocal emotion: pitch and its range, rate, energy,
high-frequency energy, and the precision or breathiness of the voice.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from ravdess_exp.corpus.ravdess.labels import sex_of

RATE = 16_000  # Hz, of the synthesis
_FRAME = 80  # samples: controls change every 5 ms
_BANDWIDTHS = np.array([90.0, 120.0, 180.0, 260.0])  # Hz, of the formants
_VOWELS = {  # Hz, men's averages after Peterson & Barney (1952), and a common fourth formant
    "a": (730, 1090, 2440, 3400),
    "e": (530, 1840, 2480, 3400),
    "i": (270, 2290, 3010, 3500),
    "o": (570, 840, 2410, 3300),
    "u": (300, 870, 2240, 3300),
}
_STATEMENTS = {1: "iaoeai", 2: "oaeiao"}  # one vowel a syllable

# How far a full expression moves each cue, in the order of `CUES`; 0 is the neutral voice.
CUES = ("pitch", "range", "rate", "tilt", "breath", "tremor", "attack", "formants")
EXPRESSIONS = {
    "neutral": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "calm": (-0.1, -0.2, -0.3, -0.2, 0.1, 0.0, -0.2, 0.0),
    "happy": (0.6, 0.9, 0.4, 0.7, 0.0, 0.0, 0.3, 0.8),
    "sad": (-0.4, -0.5, -0.9, -1.0, 0.6, 0.1, -0.6, -0.2),
    "angry": (0.3, 0.4, 0.4, 1.2, -0.3, 0.0, 1.0, -0.1),
    "fearful": (0.7, -0.1, 0.6, -0.5, 1.0, 1.0, -0.2, 0.2),
    "disgust": (-0.4, 0.0, -0.5, 0.2, 0.2, 0.0, 0.2, -1.0),
    "surprised": (1.0, 1.2, -0.2, 0.3, 0.5, 0.0, 0.5, 0.6),
    "bored": (-0.5, -1.0, -0.6, -0.6, 0.2, 0.0, -0.8, 0.0),  # of the second demo corpus
    "amused": (0.3, 0.6, 0.8, 0.3, 0.3, 0.8, 0.4, 0.5),
}


@dataclass(frozen=True)
class Voice:
    """One speaker: pitch in Hz, length of the vocal tract as a factor on formants, timbre."""

    pitch: float
    formants: float
    tilt: float
    breath: float


def voice_of(actor: int, seed: int) -> Voice:
    """The voice of an actor, a man's or a woman's as the number says."""
    rng = np.random.default_rng((seed, actor, 2))
    woman = sex_of(actor) == "female"
    return Voice(
        pitch=rng.uniform(185, 230) if woman else rng.uniform(100, 135),
        formants=rng.uniform(1.10, 1.20) if woman else rng.uniform(0.94, 1.04),
        tilt=rng.normal(0, 0.15),
        breath=rng.uniform(0.0, 0.25),
    )


def speak(
    voice: Voice, cues: np.ndarray, *, statement: int, rng: np.random.Generator
) -> np.ndarray:
    """Speech of about 0.8 to 1.6 s at `RATE`, (samples,) float32 with a peak below 1.

    cues: (8,) as `CUES`.
    """
    cue = dict(zip(CUES, cues, strict=True))
    vowels = _STATEMENTS[statement]
    length = 0.19 * 2.0 ** (-0.45 * cue["rate"]) * rng.uniform(0.92, 1.08)  # seconds a syllable
    count = round(length * len(vowels) * RATE / _FRAME)  # control frames
    place = np.linspace(0, len(vowels), count, endpoint=False)  # in syllables
    pitch = _pitch(voice, cue, place / len(vowels), rng)
    energy = _energy(cue, place, rng)
    formants = _formants(vowels, place) * voice.formants * (1 + 0.13 * cue["formants"])
    samples = count * _FRAME
    tone = _harmonics(pitch, formants, voice.tilt + cue["tilt"], samples)
    noise = lfilter([1, -0.85], [1], rng.normal(0, 1, samples))
    breath = np.clip(voice.breath + 0.5 + 0.8 * cue["breath"], 0.1, None) * 0.05
    envelope = _smooth(energy, samples)
    sound = envelope * (tone + breath * noise * np.abs(tone).mean() * 6)
    level = 0.5 * 2.0 ** (0.5 * cue["tilt"] + 0.2 * cue["pitch"]) * rng.uniform(0.8, 1.2)
    return (sound / np.abs(sound).max() * min(level, 0.95)).astype(np.float32)


def loudness(sound: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Relative loudness, 0..1, at `times` (seconds): what opens the mouth."""
    window = RATE // 25
    power = np.convolve(np.abs(sound), np.ones(window) / window, mode="same")
    return np.interp(times * RATE, np.arange(len(sound)), power / power.max(), left=0, right=0)


def _pitch(voice: Voice, cue: dict, progress: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Hz by control frame: declination, a melody as wide as the range, tremor and jitter."""
    width = 0.10 * 2.0 ** (1.3 * cue["range"])
    melody = width * np.sin(2 * np.pi * (1.5 * progress + rng.uniform(-0.1, 0.1)))
    rise = 0.22 * max(0.0, cue["range"] - 0.9) * progress
    tremor = 0.05 * cue["tremor"] * np.sin(2 * np.pi * 9.0 * progress * 1.2)
    jitter = rng.normal(0, 0.006, len(progress))
    drift = melody + rise + tremor + jitter - 0.12 * (progress - 0.5)
    return voice.pitch * 2.0 ** (0.6 * cue["pitch"] + drift)


def _energy(cue: dict, place: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """0..1 by control frame: a hump a syllable, steep where the attack is hard, with tremor."""
    within = place % 1.0
    peak = np.clip(0.42 - 0.25 * cue["attack"], 0.1, 0.8)  # where in the syllable it is loudest
    hump = np.where(within < peak, within / peak, (1 - within) / (1 - peak))
    stress = rng.uniform(0.6, 1.0, int(place.max()) + 1)[place.astype(int)]
    tremor = 1 + 0.35 * cue["tremor"] * np.sin(2 * np.pi * 2.4 * place)
    return (0.12 + 0.88 * np.clip(hump, 0, 1) ** 0.8) * stress * tremor


def _formants(vowels: str, place: np.ndarray) -> np.ndarray:
    """(frames, 4) Hz: the vowels' formants with glides between them."""
    centres = np.arange(len(vowels)) + 0.5
    table = np.array([_VOWELS[vowel] for vowel in vowels], float)
    return np.stack([np.interp(place, centres, column) for column in table.T], axis=1)


def _harmonics(pitch: np.ndarray, formants: np.ndarray, tilt: float, samples: int) -> np.ndarray:
    """Sum of harmonics up to 7 kHz, (samples,), each as loud as tilt and formants make it."""
    phase = 2 * np.pi * np.cumsum(_smooth(pitch, samples)) / RATE
    count = int(7000 / pitch.mean())
    slope = -1.15 + 0.45 * tilt  # exponent of the source's spectrum over frequency
    total = np.zeros(samples)
    for number in range(1, count + 1):
        hertz = number * pitch
        resonance = 1 / (1 + ((hertz[:, None] - formants) / _BANDWIDTHS) ** 2)
        gain = (resonance * (1.0, 0.7, 0.45, 0.3)).sum(axis=1) + 0.02
        gain = np.where(hertz < 7500, gain * (hertz / 200) ** slope, 0)
        total += _smooth(gain, samples) * np.sin(number * phase)
    return total


def _smooth(control: np.ndarray, samples: int) -> np.ndarray:
    """Control frames to samples, by straight lines."""
    return np.interp(np.arange(samples) / _FRAME, np.arange(len(control)), control)
