"""The speech interval."""

import numpy as np
import pytest

from ravdess_exp.errors import SilentError
from ravdess_exp.media.silence import speech_interval

RATE = 16_000


def speech(before: float, seconds: float, after: float, rng, level: float = 0.5) -> np.ndarray:
    loud = level * rng.normal(0, 0.3, int(seconds * RATE))
    return np.pad(loud, (int(before * RATE), int(after * RATE))).astype(np.float32)


@pytest.mark.parametrize("level", [0.01, 0.5])
def test_silence_is_cut_at_both_ends(rng, level):
    start, end = speech_interval(speech(0.8, 1.5, 0.4, rng, level), sample_rate=RATE, top_db=30)
    assert start / RATE == pytest.approx(0.8, abs=0.1)
    assert end / RATE == pytest.approx(2.3, abs=0.1)


def test_silence_in_the_middle_stays(rng):
    sound = np.concatenate([speech(0.3, 0.5, 0.5, rng), speech(0.0, 0.5, 0.3, rng)])
    start, end = speech_interval(sound, sample_rate=RATE, top_db=30)
    assert (end - start) / RATE == pytest.approx(1.5, abs=0.2)


def test_quiet_noise_is_silence(rng):
    sound = speech(0.5, 1.0, 0.5, rng) + rng.normal(0, 5e-4, 2 * RATE).astype(np.float32)
    start, end = speech_interval(sound, sample_rate=RATE, top_db=30)
    assert start > 0.35 * RATE and end < 1.65 * RATE


@pytest.mark.parametrize("sound", [np.zeros(RATE, np.float32), np.zeros(0, np.float32)])
def test_a_silent_clip_is_refused(sound):
    with pytest.raises(SilentError, match="silent"):
        speech_interval(sound, sample_rate=RATE, top_db=30)


def test_a_click_is_no_speech():
    sound = np.zeros(600, np.float32)
    sound[300] = 1.0
    with pytest.raises(SilentError, match=r"only 0\.0\d s of it is not silence"):
        speech_interval(sound, sample_rate=RATE, top_db=30)
