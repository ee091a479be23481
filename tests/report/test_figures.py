"""Pictures are written for every kind of sample."""

import cv2
import numpy as np
import pytest
from matplotlib.figure import Figure

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.report import figures, score_figures
from ravdess_exp.report.diagram import _steps, model_diagram
from ravdess_exp.run.build import build
from ravdess_exp.run.inputs import untrained_model
from ravdess_exp.scoring.calibration import Reliability
from ravdess_exp.scoring.groups import GroupScore
from ravdess_exp.training.dataset import Samples
from tests.models.test_models import AUDIO_SHAPES, FEATURES, samples_for
from tests.training.test_dataset import CLIPS


def assert_picture(path) -> None:
    image = cv2.imread(str(path))
    assert image is not None and min(image.shape[:2]) > 200
    assert image.std() > 5, "not an empty page"


@pytest.mark.parametrize("modality", ["both", "audio", "video"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("option", FEATURES)
def test_samples(tmp_path, rng, modality, channels, option):
    feature = validate(compose_config([f"audio={option}"])).audio.build()
    shape = AUDIO_SHAPES[option]
    samples = Samples(
        clips=CLIPS,
        audio=None if modality == "video" else rng.normal(size=(10, *shape)).astype(np.float32),
        faces=None
        if modality == "audio"
        else rng.integers(0, 255, (10, 6, 16, 16, channels), dtype=np.uint8),
        labels=np.arange(10) % 7,
        names=Classes().names,
        one_hot=False,
    )
    figures.sample_clips(samples, [1, 2, 3], feature=feature, path=tmp_path / "a.png")
    assert_picture(tmp_path / "a.png")


@pytest.mark.parametrize("option", ["hog", "flow", "face_motion"])
def test_samples_of_a_picture_feature(tmp_path, rng, option):
    config = validate(compose_config([f"visual={option}", "frames.size=32", "frames.count=2"]))
    samples, feature = samples_for(config, rng), config.audio.build()
    figures.sample_clips(samples, [1, 2], feature=feature, path=tmp_path / "a.png")
    assert_picture(tmp_path / "a.png")


@pytest.mark.parametrize("band", [[], ["audio.fmin=80", "audio.fmax=6000", "audio.deltas=true"]])
@pytest.mark.parametrize("hertz", [512, 1024, 4096])
def test_a_tone_lies_beside_its_frequency_and_at_its_time(hertz, band):
    feature = validate(compose_config(["audio=logmel", *band])).audio.build()
    seconds = np.arange(2 * feature.sample_rate) / feature.sample_rate
    tone = np.sin(2 * np.pi * hertz * seconds) * (seconds > 1)
    values = feature(tone.astype(np.float32))
    axes = Figure().subplots()
    figures._draw_feature(axes, values, feature)
    (image,) = axes.images
    shown, (left, right, bottom, top) = image.get_array(), image.get_extent()
    loudest = shown[:, -10].argmax()
    row = bottom + (loudest + 0.5) * (top - bottom) / len(shown)
    ticks = {
        label.get_text(): at
        for label, at in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)
    }
    assert abs(ticks[str(hertz)] - row) < 1
    starts = np.flatnonzero(shown[loudest] > shown[loudest].max() - 10)[0]
    assert left + starts * (right - left) / shown.shape[1] == pytest.approx(1, abs=0.05)


def test_confusion_matrix_and_curves(tmp_path, rng):
    counts = rng.integers(0, 20, (7, 7))
    figures.confusion_matrix(counts, list("abcdefg"), "test", tmp_path / "c.png")
    assert_picture(tmp_path / "c.png")
    epochs = [{"loss": 1, "val_loss": 2, "uar": 0.5, "val_uar": 0.4}] * 3
    figures.curves(epochs, 2, tmp_path / "d.png")
    assert_picture(tmp_path / "d.png")


@pytest.mark.parametrize("overrides", [[], ["visual=resnet"], ["visual=inception", "fusion=gated"]])
def test_model_diagram(tmp_path, rng, overrides):
    config = validate(compose_config(overrides))
    model = untrained_model(build(config), samples_for(config, rng))
    model_diagram(model, tmp_path / "model.png")
    assert_picture(tmp_path / "model.png")


def test_every_layer_is_in_the_diagram(rng):
    config = validate(compose_config(["visual=resnet", "fusion=gated"]))
    model = untrained_model(build(config), samples_for(config, rng))
    steps = _steps(model)
    drawn = [layer.name for step in steps for layer in step.layers]
    assert sorted(drawn) == sorted(layer.name for layer in model.layers)
    total = sum(layer.count_params() for step in steps for layer in step.layers)
    assert total == model.count_params()


@pytest.mark.parametrize("threshold", [None, 0.0, 0.6])
@pytest.mark.parametrize("count", [1, 300])
def test_reliability(tmp_path, rng, count, threshold):
    found = Reliability.of(rng.integers(0, 3, count), rng.dirichlet(np.ones(3), count))
    score_figures.reliability(found, "test", tmp_path / "r.png", threshold=threshold)
    assert_picture(tmp_path / "r.png")


def test_groups(tmp_path):
    few, many = GroupScore(20, 1, 0.5, 0.4, 0.6, ("neutral",)), GroupScore(90, 9, 0.7, 0.6, 0.8)
    found = {"sex": {"female": few, "male": many}}
    score_figures.groups(found, (0.6, 0.5, 0.7), 7, "test", tmp_path / "g.png")
    assert_picture(tmp_path / "g.png")
