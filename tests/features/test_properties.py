"""What must hold of features, scores and augmentation whatever the input is; see test_properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import f1_score, recall_score

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.errors import FaceError
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.media.crops import fill_gaps, frame_times, loudest_half
from ravdess_exp.media.faces import Box
from ravdess_exp.scoring.metrics import macro_f1, uar
from ravdess_exp.training.augment import Augment

most, many, few = (settings(max_examples=count) for count in (500, 150, 40))  # by what one takes

seeds = st.integers(0, 2**32 - 1)
AUDIO = {n: validate(compose_config([f"audio={n}"])).audio.build() for n in ("mfcc", "logmel")}
RATE = 16_000


@st.composite
def waveforms(draw) -> np.ndarray:
    """One sample to ten seconds of noise at any level, constants, clicks and clipping."""
    samples = draw(st.one_of(st.integers(1, 2000), st.integers(1, 10 * RATE)))
    level = draw(st.sampled_from([0.0, 1e-42, 1e-30, 1e-8, 1e-3, 1.0, 100.0]))
    rng = np.random.default_rng(draw(seeds))
    noise = rng.normal(size=samples)
    match draw(st.sampled_from(["noise", "constant", "click", "clipped", "tone"])):
        case "constant":
            noise = np.ones(samples)
        case "click":
            noise = np.eye(1, samples, int(rng.integers(samples)))[0]
        case "clipped":
            noise = np.sign(noise)
        case "tone":
            noise = np.sin(np.arange(samples) / rng.uniform(0.4, 200))
    return (level * noise).astype(np.float32)


@pytest.mark.filterwarnings("ignore:n_fft=.* is too large")  # for a clip that is shorter
@settings(max_examples=80)
@given(
    st.sampled_from(list(AUDIO)),
    waveforms(),
    st.sampled_from(["sample", "coefficient"]),
    st.integers(1, 800),
)
def test_any_waveform_becomes_an_input_of_one_shape(option, waveform, how, frames):
    feature = AUDIO[option](waveform)
    assert feature.dtype == np.float32 and np.isfinite(feature).all()
    rows, length = feature.shape
    given_to_model = AudioInput(how, frames)(feature)
    assert given_to_model.shape == (rows, frames, 1) and given_to_model.dtype == np.float32
    assert np.isfinite(given_to_model).all()
    assert not given_to_model[:, : max(0, frames - length)].any(), "zeros stand in front"


@many
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=40),
        elements=st.floats(-1000, 1000, width=32),
    ),
    st.sampled_from(["sample", "coefficient"]),
    st.integers(0, 30),
)
def test_a_standardised_sample_has_mean_0_and_deviation_1(feature, how, padding):
    length = feature.shape[1]
    values = AudioInput(how, length + padding)(feature)[:, padding:, 0].astype(np.float64)
    groups = (feature, values) if how == "coefficient" else (feature.ravel(), values.ravel())
    for before, after in zip(*map(np.atleast_2d, groups), strict=True):
        spread = np.ptp(before.astype(np.float64))
        if spread > 1e-4 and spread > 1e-3 * np.abs(feature).max():  # less is rounding of float32
            assert abs(after.mean()) < 1e-2 and after.std() == pytest.approx(1, abs=1e-2)
        elif spread == 0:
            assert not after.any()


boxes = st.builds(Box, *[st.floats(1, 100)] * 4)


@most
@given(st.lists(st.one_of(st.none(), boxes), min_size=1, max_size=12))
def test_a_gap_takes_the_nearest_box_of_the_clip(detected):
    found = [i for i, box in enumerate(detected) if box]
    if not found:
        with pytest.raises(FaceError, match=f"none|any of its {len(detected)} frames"):
            fill_gaps(detected)
        return
    for i, box in enumerate(fill_gaps(detected)):
        nearest = min(abs(i - j) for j in found)
        assert any(box is detected[j] for j in found if abs(i - j) == nearest)


@many
@given(
    st.floats(0, 50),
    st.floats(0.1, 10),
    st.integers(1, 30),
    st.sampled_from([4000, 16_000, 48_000]),
)
def test_frame_times_and_the_loudest_half_lie_within_the_speech(start, length, count, rate):
    samples = max(2, int(length * rate))
    end = start + samples / rate
    loud = np.zeros(samples, np.float32)
    loud[samples // 4 : samples // 2] = 1.0
    low, high = loudest_half(loud, (start, end), sample_rate=rate)
    assert start - 1e-6 <= low <= start + samples / 4 / rate + 1e-6
    assert low < high <= end + 1e-6 and high - low == pytest.approx(samples // 2 / rate)
    times = frame_times((low, high), count)
    assert len(times) == count and times == sorted(times)
    assert low - 1e-9 <= times[0] and times[-1] <= high + 1e-9
    assert count == 1 or (times[0], times[-1]) == (low, high)


@many
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=60))
def test_scores_are_scikit_learns(pairs):
    labels, predicted = (np.array(values) for values in zip(*pairs, strict=True))
    common = {"labels": np.unique(labels), "average": "macro", "zero_division": 0}
    assert uar(labels, predicted) == pytest.approx(recall_score(labels, predicted, **common))
    assert macro_f1(labels, predicted) == pytest.approx(f1_score(labels, predicted, **common))


share = st.floats(0, 1)


@few
@given(
    st.booleans(),
    st.tuples(*[share] * 7),
    st.tuples(*[st.integers(0, 3)] * 2),
    st.sampled_from([(3, 16, 16, 3), (1, 8, 12, 1), (6, 64, 64, 3)]),
    seeds,
)
def test_augmentation_stays_in_range_and_keeps_shapes(flip, shares, masks, shape, seed):
    names = ("brightness", "contrast", "colour", "shift", "zoom")
    augment = Augment(
        flip=flip,
        **dict(zip(names, shares, strict=False)),
        time_masks=masks[0],
        time_mask_share=shares[5],
        frequency_masks=masks[1],
        frequency_mask_share=shares[6],
        modality_dropout=shares[0],
    )
    rng = np.random.default_rng(seed)
    frames = rng.integers(0, 256, shape, dtype=np.uint8)
    before = frames.copy()
    changed = augment.faces(frames, rng)
    assert changed.shape == shape and changed.dtype == np.float32
    assert np.isfinite(changed).all() and changed.min() >= 0 and changed.max() <= 1
    np.testing.assert_array_equal(frames, before)
    sound = rng.normal(size=(24, 50, 1)).astype(np.float32)
    masked = augment.sound(sound, rng)
    assert masked.shape == sound.shape
    np.testing.assert_array_equal(masked[masked != 0], sound[masked != 0])
    assert augment.lost_input(1, rng) is None and augment.lost_input(2, rng) in (None, 0, 1)
