"""The whole feature: layout, windows, contours, and that no sound breaks it."""

import subprocess
import sys

import librosa
import numpy as np
import pytest
from hypothesis import given, settings

from ravdess_exp.features.audio import AudioInput, Contours
from ravdess_exp.features.functionals import BLOCKS, Functionals
from ravdess_exp.features.functionals.contours import contours_of
from ravdess_exp.features.functionals.mel import rasta
from ravdess_exp.features.functionals.spectrum import SPECTRUM, spectral_shape
from ravdess_exp.features.functionals.windows import windows_of
from tests.features.test_properties import waveforms

RATE = 16_000
ALL = Functionals(sample_rate=RATE, n_mels=64, n_mfcc=40, blocks=BLOCKS, standardise="blocks")
OVER_TIME = Contours(
    sample_rate=RATE, n_mels=64, n_mfcc=40, deltas=False, standardise="train", frames="max"
)


@pytest.fixture
def waveform(rng) -> np.ndarray:
    return (0.1 * rng.normal(size=20_000)).astype(np.float32)


@settings(max_examples=30)
@given(waveforms())
def test_any_sound_has_finite_functionals(waveform):
    values = ALL(waveform)
    assert values.shape == (11290,) and values.dtype == np.float32 and np.isfinite(values).all()
    contours = OVER_TIME(waveform)
    assert len(contours) == 183 and np.isfinite(contours).all()


def test_each_block_is_where_its_slice_says(waveform):
    values = ALL(waveform)
    assert list(ALL.slices) == list(BLOCKS) and sum(ALL.sizes.values()) == len(values)
    for name in ("pitch", "rhythm"):
        one = Functionals(
            sample_rate=RATE, n_mels=64, n_mfcc=40, blocks=(name,), standardise="blocks"
        )
        np.testing.assert_array_equal(values[ALL.slices[name]], one(waveform))


def test_a_fresh_process_finds_the_same(waveform, tmp_path):
    np.save(tmp_path / "in.npy", waveform)
    code = (
        "import numpy as np; from ravdess_exp.features.functionals import *; np.save('out.npy', "
        "Functionals(sample_rate=16000, n_mels=64, n_mfcc=40, blocks=BLOCKS, standardise='train')"
        "(np.load('in.npy')))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), ALL(waveform))


def test_windows_lie_within_the_sound():
    windows = windows_of(np.arange(1000.0), RATE)
    assert windows.samples.shape == (1 + (1000 - 400) // 160, 400)
    np.testing.assert_array_equal(windows.samples[1], np.arange(160, 560))
    assert windows_of(np.ones(10), RATE).samples.shape == (1, 400)


def test_mel_bands_and_cepstrum_are_librosas(waveform):
    of = contours_of(waveform, sample_rate=RATE, n_mels=64, n_mfcc=40)
    power = librosa.feature.melspectrogram(S=of.windows.power, sr=RATE, n_mels=64)
    np.testing.assert_allclose(of.mel, librosa.power_to_db(power), atol=1e-4)
    np.testing.assert_allclose(of.mfcc, librosa.feature.mfcc(S=of.mel, n_mfcc=40), atol=1e-4)


def test_rasta_does_not_hear_the_microphone(waveform):
    """A constant gain is a constant in the logarithm, which the filter stops."""
    plain, louder = (rasta(windows_of(gain * waveform, RATE)) for gain in (1, 5))
    np.testing.assert_allclose(plain, louder, atol=1e-6)
    assert not plain[:, 0].any()


def test_the_centroid_and_the_roll_off_of_a_tone():
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    shape = dict(zip(SPECTRUM, spectral_shape(windows_of(tone, RATE)), strict=True))
    np.testing.assert_allclose(shape["centroid"], 1, atol=0.02)
    np.testing.assert_allclose(shape["roll-off 0.9"], 1, atol=0.05)
    assert shape["width"].max() < 0.1 and shape["flux"].max() < 0.05


def test_blocks_count_by_the_square_root_of_their_size(rng):
    """The power of a block over the clips is as the root of its size; all together have power 1."""
    feature = Functionals(
        sample_rate=RATE, n_mels=26, n_mfcc=4, blocks=("mel", "rhythm"), standardise="blocks"
    )
    train = list(rng.normal(3, 2, (40, sum(feature.sizes.values()))))
    fitted = AudioInput.fit(feature, train=train)
    given_to_model = np.stack([fitted(sample)[:, 0] for sample in train])
    power = {
        name: (given_to_model[:, of] ** 2).sum(axis=1).mean() for name, of in feature.slices.items()
    }
    sizes = feature.sizes
    expected = np.sqrt(sizes["mel"] / sizes["rhythm"])
    assert power["mel"] / power["rhythm"] == pytest.approx(expected, rel=1e-3)
    assert (given_to_model**2).mean() == pytest.approx(1, rel=1e-3)


def test_differences_of_contours_stand_below(waveform):
    more = Contours(
        sample_rate=RATE, n_mels=64, n_mfcc=40, deltas=True, standardise="train", frames=50
    )(waveform)
    plain = OVER_TIME(waveform)
    np.testing.assert_array_equal(more[:183], plain)
    np.testing.assert_allclose(more[183:, 1:], np.diff(plain, axis=1), atol=1e-3)
