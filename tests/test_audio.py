"""Audio features against librosa called by hand, and what makes them inputs."""

import librosa
import numpy as np
import pytest

from ravdess_exp.errors import ConfigError
from ravdess_exp.features.audio import Mfcc, frame_count, pre_pad, standardise, to_input

MFCC = Mfcc(sample_rate=16_000, n_mfcc=24, n_fft=512, hop_length=256, frames="train_mean")


@pytest.fixture
def waveform(rng) -> np.ndarray:
    return (0.1 * rng.normal(size=20_000)).astype(np.float32)


def test_mfcc_is_librosas(waveform):
    by_hand = librosa.feature.mfcc(y=waveform, sr=16_000, n_mfcc=24, n_fft=512, hop_length=256)
    np.testing.assert_array_equal(MFCC(waveform), by_hand)
    assert MFCC(waveform).shape == (24, 1 + 20_000 // 256)


def test_mfcc_of_a_real_clip_as_the_model_gets_it(waveform):
    """The whole way by hand: librosa, mean 0 and deviation 1 of the sample, zeros in front."""
    mfcc = librosa.feature.mfcc(y=waveform, sr=16_000, n_mfcc=24, n_fft=512, hop_length=256)
    expected = np.zeros((24, 100))
    expected[:, 100 - mfcc.shape[1] :] = (mfcc - mfcc.mean()) / mfcc.std()
    given = to_input(MFCC(waveform), 100)
    assert given.shape == (24, 100, 1) and given.dtype == np.float32
    np.testing.assert_allclose(given[..., 0], expected, atol=1e-5)


def test_each_sample_is_standardised_by_itself(rng):
    feature = rng.normal(5, 3, (24, 50))
    standard = standardise(feature)
    assert standard.mean() == pytest.approx(0, abs=1e-9)
    assert standard.std() == pytest.approx(1)
    np.testing.assert_allclose(standardise(10 * feature + 3), standard)
    assert not standardise(np.full((24, 5), 3.0)).any(), "a constant is no division by zero"


def test_padding_is_in_front_and_cutting_at_the_end():
    feature = np.arange(6.0).reshape(2, 3) + 1
    np.testing.assert_array_equal(pre_pad(feature, 5), [[0, 0, 1, 2, 3], [0, 0, 4, 5, 6]])
    np.testing.assert_array_equal(pre_pad(feature, 2), [[1, 2], [4, 5]])
    np.testing.assert_array_equal(pre_pad(feature, 3), feature)


def test_m_is_of_the_training_clips_alone():
    train = [np.zeros((24, n)) for n in (10, 20)]
    corpus = [*train, np.zeros((24, 300))]
    assert frame_count("train_mean", train=train, corpus=corpus) == 15
    assert frame_count("corpus_mean", train=train, corpus=corpus) == 110
    assert frame_count(42, train=train, corpus=corpus) == 42
    with pytest.raises(ConfigError, match="audio.frames=0"):
        frame_count(0, train=train, corpus=corpus)
