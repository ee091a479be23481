"""Pitch and formants of sounds that were made with known ones."""

import numpy as np
import pytest
from scipy.signal import lfilter

from ravdess_exp.features.functionals.formants import formants, resonances
from ravdess_exp.features.functionals.pitch import PITCH, REFERENCE, pitch_contours
from ravdess_exp.features.functionals.windows import windows_of

RATE = 16_000


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)


def contour(waveform: np.ndarray, name: str) -> np.ndarray:
    return pitch_contours(waveform, RATE)[0][PITCH.index(name)]


@pytest.mark.parametrize("hertz", [80, 150, 220, 440, 600])
def test_the_pitch_of_a_tone(hertz):
    contours, voiced = pitch_contours(tone(hertz), RATE)
    assert voiced[5:-5].all()
    np.testing.assert_allclose(contours[0, 5:-5], np.log2(hertz / REFERENCE), atol=0.02)


def test_a_tone_that_rises_by_an_octave():
    hertz = np.geomspace(150, 300, 2 * RATE)
    octaves = contour(np.sin(2 * np.pi * np.cumsum(hertz) / RATE), "octaves")
    np.testing.assert_allclose(octaves[10:-10], np.linspace(0, 1, len(octaves))[10:-10], atol=0.05)


def test_noise_and_silence_have_no_pitch(rng):
    for waveform in (rng.normal(size=RATE), np.zeros(RATE)):
        contours, voiced = pitch_contours(waveform, RATE)
        assert voiced.mean() < 0.05 and np.isfinite(contours).all()


def test_harmonics_to_noise_is_the_ratio_that_was_mixed(rng):
    """In decibels, of a tone with noise of a known level."""
    for decibels in (5, 15):
        noise = rng.normal(size=RATE) * 10 ** (-decibels / 20) * np.sqrt(0.5)
        found = np.median(contour(tone(200) + noise, "harmonics to noise"))
        assert found == pytest.approx(decibels, abs=2)


def test_jitter_and_shimmer_of_a_voice_that_is_not_steady(rng):
    loud = np.repeat(rng.uniform(0.3, 1, 100), RATE // 100)
    steady, unsteady = tone(200), tone(200) * loud
    assert contour(steady, "shimmer")[10:-10].mean() < 0.1 < contour(unsteady, "shimmer").mean()
    hertz = np.repeat(rng.uniform(180, 220, 20), RATE // 20)
    trembling = np.sin(2 * np.pi * np.cumsum(hertz) / RATE)
    assert contour(steady, "jitter")[10:-10].mean() < 0.002 < contour(trembling, "jitter").mean()


def resonator(centres, bandwidths, waveform):
    """All-pole filters in a row, one for each resonance in Hz."""
    for centre, width in zip(centres, bandwidths, strict=True):
        radius, angle = np.exp(-np.pi * width / RATE), 2 * np.pi * centre / RATE
        waveform = lfilter([1.0], [1, -2 * radius * np.cos(angle), radius**2], waveform)
    return waveform


def test_the_formants_of_a_vowel():
    """Pulses at 110 Hz through three resonances."""
    pulses = np.zeros(RATE)
    pulses[:: RATE // 110] = 1
    centres = (700, 1200, 2600)
    windows = windows_of(resonator(centres, (80, 90, 120), pulses), RATE)
    found, widths = resonances(windows.power, windows.frequencies)
    np.testing.assert_allclose(np.nanmedian(found, axis=1), centres, rtol=0.08)
    assert (np.nanmedian(widths, axis=1) < 400).all()
    values = formants(windows, np.ones(windows.power.shape[1], bool))
    np.testing.assert_allclose(values[:9:3], np.array(centres) / 1000, rtol=0.08)


def test_formants_without_a_voiced_window_are_a_neutral_tubes():
    windows = windows_of(np.zeros(RATE), RATE)
    np.testing.assert_allclose(formants(windows, np.zeros(98, bool))[:9:3], [0.5, 1.5, 2.5])
