"""The speech interval."""

import numpy as np
import pytest

from ravdess_exp.errors import SilentError
from ravdess_exp.media.silence import find_speech, speech_interval

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


def voice(seconds: float, rng) -> np.ndarray:
    """Syllables of a harmonic sound, four a second, (samples,) float32."""
    time = np.arange(int(seconds * RATE)) / RATE
    tones = sum(np.sin(2 * np.pi * 140 * k * time + k) / k for k in range(1, 20))
    syllables = 0.15 + 0.85 * np.abs(np.sin(4 * np.pi * time))
    return (0.2 * syllables * tones * (1 + 0.1 * rng.normal(size=len(time)))).astype(np.float32)


@pytest.fixture(scope="module")
def clip() -> np.ndarray:
    """A second of near silence, speech from 1.0 to 2.5 s, another second."""
    rng = np.random.default_rng(3)
    quiet = rng.normal(0, 1e-4, int(3.5 * RATE)).astype(np.float32)
    quiet[RATE : int(2.5 * RATE)] += voice(1.5, rng)
    return quiet


def noises(rng) -> dict[str, np.ndarray]:
    """Backgrounds that stay as they are, of one power, (3.5 s,)."""
    time = np.arange(int(3.5 * RATE)) / RATE
    white = rng.normal(size=len(time))
    spectrum = np.fft.rfft(white)
    frequency = np.maximum(np.fft.rfftfreq(len(time), 1 / RATE), 20)
    made = {
        "hiss": white,
        "pink": np.fft.irfft(spectrum / np.sqrt(frequency), len(time)),
        "rumble": np.fft.irfft(spectrum / frequency**2, len(time)),
        "fan": np.fft.irfft(spectrum * ((frequency > 100) & (frequency < 900)), len(time)),
        "hum": sum(np.sin(2 * np.pi * 50 * k * time) / k for k in range(1, 7)),
        "whistle": np.sin(2 * np.pi * 3000 * time),
        "drift": np.sin(2 * np.pi * 0.8 * time),
    }
    return {name: noise / noise.std() for name, noise in made.items()}


@pytest.mark.parametrize("below", [25, 20, 12])
@pytest.mark.parametrize("kind", noises(np.random.default_rng(0)))
def test_steady_noise_changes_nothing(clip, rng, kind, below):
    """below: decibels that it lies under the speech."""
    level = clip[RATE : int(2.5 * RATE)].std() * 10 ** (-below / 20)
    noisy = (clip + level * noises(rng)[kind]).astype(np.float32)
    speech = find_speech(noisy, sample_rate=RATE, top_db=30)
    assert speech.start / RATE == pytest.approx(1.0, abs=0.15)
    assert speech.end / RATE == pytest.approx(2.5, abs=0.15)
    assert not speech.remark


@pytest.mark.parametrize("offset", [0.4, -0.4, 0.02, 3.0])
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_a_constant_offset_changes_nothing(clip, rng, offset, noise):
    plain = (clip + noise * rng.normal(size=len(clip))).astype(np.float32)
    expected = find_speech(plain, sample_rate=RATE, top_db=30)
    speech = find_speech(plain + np.float32(offset), sample_rate=RATE, top_db=30)
    assert abs(speech.start - expected.start) <= 512 and abs(speech.end - expected.end) <= 512
    assert speech.offset == pytest.approx(offset, abs=1e-3)


def test_an_offset_that_sets_in_changes_nothing(clip):
    late = clip + 0.2 * (np.arange(len(clip)) > 0.3 * RATE).astype(np.float32)
    start, end = speech_interval(late, sample_rate=RATE, top_db=30)
    assert end / RATE == pytest.approx(2.5, abs=0.15)
    assert start / RATE == pytest.approx(1.0, abs=0.15) or start / RATE < 0.4  # its click


def test_an_offset_alone_is_silence():
    with pytest.raises(SilentError, match=r"silent: .* of full scale, less an offset of 0\.40"):
        speech_interval(np.full(RATE, 0.4, np.float32), sample_rate=RATE, top_db=30)


def test_noise_between_stretches_of_nothing(clip, rng):
    """A film that was filled up with zeros: they are not the background."""
    level = clip[RATE : int(2.5 * RATE)].std() / 10
    noisy = np.pad(clip + level * rng.normal(size=len(clip)), RATE // 2).astype(np.float32)
    start, end = speech_interval(noisy, sample_rate=RATE, top_db=30)
    assert start / RATE == pytest.approx(1.5, abs=0.15)
    assert end / RATE == pytest.approx(3.0, abs=0.15)


def test_what_cannot_be_told_apart_is_kept_and_said(clip, rng):
    """Other people's talk, at the level of the speech; and a clip with nothing but noise."""
    others = sum(np.roll(voice(3.5, rng), shift) for shift in (1000, 9000, 23_000))
    for sound in (others, others + clip, rng.normal(0, 0.1, 2 * RATE)):
        speech = find_speech(sound.astype(np.float32), sample_rate=RATE, top_db=30)
        assert speech.end - speech.start > 0.9 * len(sound)
        assert "cannot be told apart" in speech.remark


def test_a_clean_clip_is_cut_as_librosa_cuts_it(clip):
    import librosa

    speech = find_speech(clip, sample_rate=RATE, top_db=30)
    expected = librosa.effects.trim(clip, top_db=30)[1]
    assert [speech.start, speech.end] == list(expected)
    assert speech.offset == 0 and not speech.remark


def test_a_clip_filled_up_with_zeros_is_cut_as_librosa_cuts_it():
    """There is no other background; what is left of the clip may well be steady."""
    import librosa

    sound = np.pad(0.5 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE), RATE // 3)
    expected = librosa.effects.trim(sound, top_db=30)[1]
    assert speech_interval(sound.astype(np.float32), sample_rate=RATE, top_db=30) == tuple(expected)
