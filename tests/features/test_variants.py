"""Sound varied as sound: each range does what it says, and nothing but the generator decides."""

import numpy as np
import pytest

from ravdess_exp.features.variants import (
    SoundVariants,
    faster_and_higher,
    reverberated,
    varied,
)
from tests.helpers.media_files import tone

RATE = 16_000
NONE = {"count": 1, "speed": 0.0, "pitch": 0.0, "gain": 0.0, "snr": None, "reverberation": 0.0}
ALL = SoundVariants(count=4, speed=0.15, pitch=2.0, gain=6.0, snr=(10.0, 40.0), reverberation=0.4)


def settings(**ranges) -> SoundVariants:
    return SoundVariants(**NONE | ranges)


@pytest.fixture
def hum() -> np.ndarray:
    """Two seconds of 200 Hz with a little of everything above."""
    time = np.arange(2 * RATE) / RATE
    tones = [np.sin(2 * np.pi * 200 * n * time) / n**2 for n in range(1, 10)]
    return (0.2 * np.sum(tones, axis=0)).astype(np.float32)


def level(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def main_frequency(sound: np.ndarray) -> float:
    return np.abs(np.fft.rfft(sound)).argmax() * RATE / len(sound)


def test_without_ranges_it_is_the_clip(hum, rng):
    np.testing.assert_array_equal(varied(hum, rng, settings(), sample_rate=RATE), hum)


@pytest.mark.parametrize(("speed", "pitch"), [(1.25, 1.0), (0.8, 1.0), (1.0, 1.2), (1.1, 0.9)])
def test_tempo_and_pitch_are_apart(hum, speed, pitch):
    changed = faster_and_higher(hum, speed, pitch, RATE)
    assert len(changed) == pytest.approx(len(hum) / speed, rel=0.002)
    assert main_frequency(changed) == pytest.approx(200 * pitch, rel=0.01)
    assert level(changed[2000:-2000]) == pytest.approx(level(hum), rel=0.1)


def test_equal_tempo_and_pitch_are_the_tape_played_faster(hum):
    """Nothing but resampling, without the vocoder's traces."""
    changed = faster_and_higher(hum, 1.25, 1.25, RATE)
    time = np.arange(len(changed)) / RATE * 1.25
    expected = 0.2 * np.sum([np.sin(2 * np.pi * 200 * n * time) / n**2 for n in range(1, 10)], 0)
    np.testing.assert_allclose(changed[1000:-1000], expected[1000:-1000], atol=1e-3)


def test_the_noise_is_as_far_below_as_asked(hum, rng):
    noisy = varied(hum, rng, settings(snr=(20.0, 20.0)), sample_rate=RATE)
    assert 20 * np.log10(level(hum) / level(noisy - hum)) == pytest.approx(20, abs=0.01)


def test_the_gain_stays_in_its_range(hum):
    gains = []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        louder = varied(hum, rng, settings(gain=6.0), sample_rate=RATE)
        gains.append(20 * np.log10(level(louder) / level(hum)))
        np.testing.assert_allclose(louder, hum * level(louder) / level(hum), atol=1e-6)
    assert -6 <= min(gains) < -4 and 4 < max(gains) <= 6


def test_nothing_is_cut_off(hum):
    """A louder clip stays below full scale as a whole: clipped tops would be another sound."""
    loud = hum / np.abs(hum).max()
    for seed in range(20):
        changed = varied(loud, np.random.default_rng(seed), settings(gain=12.0), sample_rate=RATE)
        assert np.abs(changed).max() <= 1
        np.testing.assert_allclose(changed / level(changed), loud / level(loud), atol=1e-5)


def test_a_room_answers_after_a_sound_and_dies_away(rng):
    click = np.zeros(RATE, np.float32)
    click[4000] = 0.5
    wet = reverberated(click, 0.5, rng, RATE)
    assert len(wet) == len(click) and level(wet) == pytest.approx(level(click), rel=1e-6)
    assert np.abs(wet[:4000]).max() < 1e-6, "not before it"
    assert wet[4000] == np.abs(wet).max(), "the sound itself is the strongest"
    early, late = level(wet[4001:6000]), level(wet[10_000:12_000])
    # 6000 samples later, of the 8000 in which it falls by 60 dB
    assert 20 * np.log10(early / late) == pytest.approx(45, abs=4)


def test_the_generator_alone_decides(hum):
    one, two, other = (
        varied(hum, np.random.default_rng(seed), ALL, sample_rate=RATE) for seed in (1, 1, 2)
    )
    assert one.dtype == np.float32
    np.testing.assert_array_equal(one, two)
    assert len(one) != len(other)


def test_a_range_of_zero_leaves_the_other_draws(hum):
    """So that a study of one change at a time compares the same variants."""
    with_room, without = (
        varied(
            hum, np.random.default_rng(3), settings(speed=0.2, reverberation=r), sample_rate=RATE
        )
        for r in (0.3, 0.0)
    )
    assert len(with_room) == len(without) != len(hum)


def test_no_global_generator_is_used(hum):
    np.random.seed(0)
    one = varied(hum, np.random.default_rng(1), ALL, sample_rate=RATE)
    state = np.random.get_state()[1].copy()
    np.testing.assert_array_equal(one, varied(hum, np.random.default_rng(1), ALL, sample_rate=RATE))
    np.testing.assert_array_equal(state, np.random.get_state()[1])


@pytest.mark.parametrize("seconds", [0.1, 0.3])
def test_the_shortest_speech_there_is(seconds):
    """Trimming leaves no less than 0.1 s."""
    short = tone(before=0)[: int(seconds * RATE)].astype(np.float32)
    for seed in range(5):
        changed = varied(short, np.random.default_rng(seed), ALL, sample_rate=RATE)
        assert np.isfinite(changed).all() and len(changed) > 0.08 * RATE
