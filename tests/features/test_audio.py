"""Audio features against their libraries called by hand, and what makes them inputs."""

import subprocess
import sys
from pathlib import Path

import librosa
import numpy as np
import pytest

from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.errors import ConfigError, FeatureError
from ravdess_exp.features import opensmile
from ravdess_exp.features.audio import (
    AudioInput,
    frame_count,
    pre_pad,
    standardise,
)

OPTIONS = sorted(path.stem for path in Path(conf_dir(), "audio").glob("*.yaml"))


def built(option: str, *overrides: str):
    changes = [f"audio.{override}" for override in overrides]
    return validate(compose_config([f"audio={option}", *changes])).audio.build()


MFCC = built("mfcc")
BY_HAND = {"sr": 16_000, "n_fft": 512, "hop_length": 256}


@pytest.fixture
def waveform(rng) -> np.ndarray:
    return (0.1 * rng.normal(size=20_000)).astype(np.float32)


def test_mfcc_is_librosas(waveform):
    by_hand = librosa.feature.mfcc(y=waveform, n_mfcc=24, **BY_HAND)
    np.testing.assert_array_equal(MFCC(waveform), by_hand)
    assert MFCC(waveform).shape == (24, 1 + 20_000 // 256)


def test_mean_mfcc_is_the_mean_over_the_frames(waveform):
    by_hand = librosa.feature.mfcc(y=waveform, n_mfcc=24, **BY_HAND).mean(axis=1)
    np.testing.assert_allclose(built("mfcc_mean")(waveform), by_hand, rtol=1e-5)


def test_log_mel_is_librosas(waveform):
    """Power, then mel, then decibels, with librosa's own defaults where the YAML says so."""
    power = librosa.feature.melspectrogram(y=waveform, n_mels=64, **BY_HAND)
    by_hand = librosa.power_to_db(power)
    np.testing.assert_allclose(built("logmel")(waveform), by_hand, atol=1e-4)
    assert built("logmel")(waveform).shape == (64, 1 + 20_000 // 256)


def test_log_mel_of_a_tone_is_in_its_band():
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    band = built("logmel")(tone).mean(axis=1).argmax()
    centres = librosa.mel_frequencies(66, fmin=0, fmax=8000)[1:-1]
    assert abs(centres[band] - 1000) < 60


def test_egemaps_are_opensmiles(waveform, tmp_path):
    np.save(tmp_path / "in.npy", waveform)
    code = (  # in a process without TensorFlow, beside which openSMILE crashes
        "import numpy as np, opensmile as o; s = o.Smile(o.FeatureSet.eGeMAPSv02, "
        "o.FeatureLevel.Functionals); y = s.process_signal(np.load('in.npy'), 16000); "
        "assert list(y.columns)[0].startswith('F0semitone'); np.save('out.npy', y.to_numpy())"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    by_hand = np.load(tmp_path / "out.npy")[0]
    assert by_hand.shape == (88,)
    np.testing.assert_array_equal(built("egemaps")(waveform), by_hand)


def test_egemaps_of_a_clip_that_is_too_short(waveform):
    with pytest.raises(FeatureError, match=r"0\.05 s of speech are too short for openSMILE"):
        built("egemaps")(waveform[:800])


def test_egemaps_beside_tensorflow(waveform):
    """In one process, opensmile 2.6.0 after TensorFlow corrupts the memory: ours is in its own."""
    code = (
        "import sys, numpy, tensorflow; from ravdess_exp.features.opensmile import functionals; "
        "print(functionals(numpy.sin(numpy.arange(16000, dtype='f4') / 9), 16000).shape); "
        "assert 'opensmile' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout == "(88,)\n", done.stderr


def test_opensmile_that_dies_costs_one_clip(waveform):
    expected = built("egemaps")(waveform)
    opensmile._child("eGeMAPSv02").kill()
    with pytest.raises(ChildProcessError, match="openSMILE ended with exit code -9"):
        built("egemaps")(waveform)
    np.testing.assert_array_equal(built("egemaps")(waveform), expected)


def test_egemaps_without_its_package(waveform, monkeypatch):
    monkeypatch.setattr(opensmile, "find_spec", lambda name: None)
    opensmile._child.cache_clear()
    with pytest.raises(ConfigError, match=r"pip install 'ravdess_exp\[egemaps\]'"):
        built("egemaps")(waveform)


@pytest.mark.parametrize("option", ["mfcc", "logmel"])
def test_deltas_are_librosas_and_stand_below(waveform, option):
    plain, more = built(option)(waveform), built(option, "deltas=true")(waveform)
    rows = len(plain)
    assert more.shape == (3 * rows, plain.shape[1])
    np.testing.assert_array_equal(more[:rows], plain)
    first = librosa.feature.delta(plain, mode="nearest")
    np.testing.assert_allclose(more[rows : 2 * rows], first, atol=1e-5)
    second = librosa.feature.delta(plain, order=2, mode="nearest")
    np.testing.assert_allclose(more[2 * rows :], second, atol=1e-5)


@pytest.mark.parametrize("option", ["mfcc", "logmel"])
def test_deltas_of_the_shortest_speech(waveform, option):
    assert built(option, "deltas=true")(waveform[:1600]).shape[1] == 7


@pytest.mark.parametrize("option", OPTIONS)
def test_every_feature_is_finite_float32_and_becomes_an_input(waveform, option):
    feature = built(option)
    samples = [feature(waveform), feature(waveform[3000:]), feature(0.01 * waveform)]
    assert all(s.dtype == np.float32 and np.isfinite(s).all() for s in samples)
    layer = 0 if samples[0].ndim == 2 and feature.frames is None else None  # of an encoder
    to_input = AudioInput.fit(feature, train=samples, layer=layer)
    shapes = {to_input(s).shape for s in samples}
    (shape,) = shapes
    assert shape[0] == (samples[0].shape[1] if layer is not None else len(samples[0]))
    assert shape[-1] == 1
    assert len(shape) == (2 if feature.frames is None else 3)
    assert all(to_input(s).dtype == np.float32 for s in samples)


def test_mfcc_of_a_real_clip_as_the_model_gets_it(waveform):
    """The whole way by hand: librosa, mean 0 and deviation 1 of the sample, zeros in front."""
    mfcc = librosa.feature.mfcc(y=waveform, n_mfcc=24, **BY_HAND)
    expected = np.zeros((24, 100))
    expected[:, 100 - mfcc.shape[1] :] = (mfcc - mfcc.mean()) / mfcc.std()
    given = AudioInput.fit(built("mfcc", "frames=100"), train=[])(MFCC(waveform))
    assert given.shape == (24, 100, 1) and given.dtype == np.float32
    np.testing.assert_allclose(given[..., 0], expected, atol=1e-5)


def test_each_row_standardised_by_itself(rng):
    feature = rng.normal([[5], [-3]], [[1], [20]], (2, 50))
    fitted = AudioInput.fit(built("mfcc", "standardise=coefficient", "frames=50"), train=[])
    given = fitted(feature)[..., 0]
    np.testing.assert_allclose(given.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(given.std(axis=1), 1, atol=1e-5)


def test_rows_standardised_by_the_training_clips_alone(rng):
    """Statistics are of the training clips: what else there is in the corpus changes nothing."""
    feature = built("mfcc", "standardise=train", "n_mfcc=2")
    train = [rng.normal([[5], [-3]], [[1], [20]], (2, n)) for n in (40, 60)]
    other = [rng.normal(100, 1, (2, 50))]
    fitted = AudioInput.fit(feature, train=train, corpus=[*train, *other])
    assert fitted.frames == 50
    both = np.concatenate(train, axis=1)
    expected = (train[0] - both.mean(axis=1, keepdims=True)) / both.std(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted(train[0])[:, 10:, 0], expected, atol=1e-5)
    assert not fitted(train[0])[:, :10].any()


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
