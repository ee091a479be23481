"""Statistics over time of one feature, several side by side, and how inputs are cut."""

import numpy as np
import pytest

from ravdess_exp.errors import ConfigError
from ravdess_exp.features.audio import AudioInput, Pooled, Several, frame_count, pre_pad
from tests.features.test_audio import built


@pytest.fixture
def waveform(rng) -> np.ndarray:
    return (0.1 * rng.normal(size=20_000)).astype(np.float32)


@pytest.mark.parametrize("option", ["mfcc", "logmel", "contours"])
def test_statistics_over_time_of_every_feature_that_has_one(waveform, option):
    steps = built(option)(waveform)
    pooled = built(option, "over_time=statistics")
    assert isinstance(pooled, Pooled) and pooled.frames is None
    values = pooled(waveform).reshape(7, len(steps))
    np.testing.assert_allclose(values[0], steps.mean(axis=1), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(values[1], steps.std(axis=1), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(values[4], np.median(steps, axis=1), rtol=1e-4, atol=1e-4)


def test_several_stand_side_by_side_and_each_counts_by_its_size(waveform, rng):
    mean, pooled = built("mfcc_mean"), built("mfcc", "over_time=statistics")
    both = Several(features={"mean": mean, "mfcc": pooled}, standardise="blocks")
    values = both(waveform)
    np.testing.assert_array_equal(values, np.concatenate([mean(waveform), pooled(waveform)]))
    assert both.sizes == {"mean": 24, "mfcc": 168}
    train = list(rng.normal(size=(30, 192)))
    fitted = np.stack([AudioInput.fit(both, train=train)(sample)[:, 0] for sample in train])
    ratio = (fitted[:, 24:] ** 2).sum() / (fitted[:, :24] ** 2).sum()
    assert ratio == pytest.approx(np.sqrt(7), rel=1e-3)


def test_blocks_of_functionals_stay_blocks_beside_others():
    several = built("several")
    assert list(several.sizes) == ["functionals", "mfcc"], "one block a feature"
    assert several.computed_by == ("librosa",)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "features.mfcc.over_time=null",
            "audio.features.mfcc: has a time axis; set audio.features",
        ),
        ("features.mfcc.sample_rate=8000", "expected one sample rate for all"),
        ("features.functionals.blocks=[mel,mel]", "expected each block once"),
        ("features.functionals.n_mfcc=70", "n_mfcc=70: expected at most .*n_mels=64"),
        ("features.functionals.blocks=[vowels]", "blocks.*expected"),
    ],
)
def test_what_does_not_fit_is_refused(override, message):
    with pytest.raises(ConfigError, match=message):
        built("several", override)


def test_the_longest_training_clip_decides():
    train = [np.zeros((24, n)) for n in (10, 20)]
    corpus = [*train, np.zeros((24, 300))]
    assert frame_count("max", train=train, corpus=corpus) == 20


def test_either_end_can_be_cut():
    feature = np.arange(6.0).reshape(2, 3) + 1
    np.testing.assert_array_equal(pre_pad(feature, 2, "start"), [[2, 3], [5, 6]])
    np.testing.assert_array_equal(pre_pad(feature, 2, "end"), [[1, 2], [4, 5]])
    np.testing.assert_array_equal(pre_pad(feature, 4, "start"), pre_pad(feature, 4, "end"))
    fitted = AudioInput.fit(built("mfcc", "frames=2", "cut=start"), train=[])
    whole = AudioInput.fit(built("mfcc", "frames=3"), train=[])(feature)
    np.testing.assert_array_equal(fitted(feature), whole[:, 1:])
