"""samples.png: every kind of sample is drawn, and what is seen lies at its time and frequency."""

import cv2
import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.report import sample_figures
from ravdess_exp.report.sample_figures import sample_clips
from ravdess_exp.training.dataset import Samples
from tests.models.test_models import AUDIO_SHAPES, FEATURES, samples_for
from tests.training.test_dataset import CLIPS

# Each audio feature, and each kind of picture and modality beside one of them.
CASES = [(option, "both", 3) for option in FEATURES]
CASES += [
    ("mfcc", "both", 1),
    ("mfcc", "audio", 3),
    ("mfcc_mean", "audio", 3),
    ("mfcc", "video", 1),
]


def feature_of(*overrides: str):
    return validate(compose_config([*overrides])).audio.build()


def assert_picture(path) -> None:
    image = cv2.imread(str(path))
    assert image is not None and min(image.shape[:2]) > 200
    assert image.std() > 5, "not an empty page"


@pytest.mark.parametrize(("option", "modality", "channels"), CASES)
def test_samples(tmp_path, rng, option, modality, channels):
    feature = feature_of(f"audio={option}")
    audio = rng.normal(size=(10, *AUDIO_SHAPES[option])).astype(np.float32)
    faces = rng.integers(0, 255, (10, 6, 16, 16, channels), dtype=np.uint8)
    samples = Samples(
        clips=CLIPS,
        audio=None if modality == "video" else audio,
        faces=None if modality == "audio" else faces,
        labels=np.arange(10) % 7,
        names=Classes().names,
        one_hot=False,
    )
    sounds = rng.normal(size=(2, feature.sample_rate // 2)).astype(np.float32)
    waveforms = None if modality == "video" else sounds
    where = tmp_path / "a.png"
    sample_clips(samples, [1, 2], feature=feature, waveforms=waveforms, path=where)
    assert_picture(where)


@pytest.mark.parametrize("option", ["hog", "flow", "face_motion"])
def test_samples_of_a_picture_feature(tmp_path, rng, option):
    config = validate(compose_config([f"visual={option}", "frames.size=32", "frames.count=2"]))
    samples, feature = samples_for(config, rng), config.audio.build()
    sample_clips(samples, [1, 2], feature=feature, path=tmp_path / "a.png")
    assert_picture(tmp_path / "a.png")


def drawn(values, feature) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seconds (M,), Hz or rows (N,) and values (N, M) of the image, by the middles of its cells."""
    axes = Figure().subplots()
    sample_figures._draw_feature(axes, values, feature)
    (mesh,) = (part for part in axes.collections if isinstance(part, QuadMesh))
    corners = mesh.get_coordinates()  # (N + 1, M + 1, 2)
    middles = (corners[:-1, :-1] + corners[1:, 1:]) / 2
    shape = middles.shape[:2]
    return middles[0, :, 0], middles[:, 0, 1], np.asarray(mesh.get_array()).reshape(shape)


@pytest.mark.parametrize("band", [[], ["audio.fmin=80", "audio.fmax=6000", "audio.deltas=true"]])
@pytest.mark.parametrize("hertz", [512, 1024, 4096])
def test_a_tone_lies_at_its_frequency_and_at_its_time(hertz, band):
    feature = feature_of("audio=logmel", *band)
    seconds = np.arange(2 * feature.sample_rate) / feature.sample_rate
    tone = np.sin(2 * np.pi * hertz * seconds) * (seconds > 1)
    times, bands, shown = drawn(feature(tone.astype(np.float32)), feature)
    loudest = shown[:, -10].argmax()
    width = np.diff(bands)[min(loudest, len(bands) - 2)]
    assert abs(bands[loudest] - hertz) < width
    starts = np.flatnonzero(shown[loudest] > shown[loudest].max() - 10)[0]
    assert times[starts] == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("frames", "cut"), [(100, "end"), (20, "end"), (20, "start")])
def test_the_waveform_stands_over_its_feature(frames, cut):
    """A click 0.5 s into a second of sound: the peak is over the step that holds it."""
    feature = feature_of(f"audio.frames={frames}", f"audio.cut={cut}")
    rate, hop = feature.sample_rate, feature.hop_length
    sound = np.zeros(rate, np.float32)
    sound[rate // 2] = 1.0
    made = feature(sound).shape[1]
    axes = Figure().subplots()
    sample_figures._draw_waveform(axes, sound, feature, frames)
    (envelope,) = axes.collections
    corners = envelope.get_paths()[0].vertices
    peak = corners[corners[:, 1].argmax(), 0]
    step = made // 2 + (0 if cut == "end" and frames < made else frames - made)
    assert peak == pytest.approx(step * hop / rate, abs=2 * hop / rate)
    assert axes.get_xlim() == pytest.approx((-hop / rate / 2, (frames - 0.5) * hop / rate))
