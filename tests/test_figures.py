"""Pictures are written for every kind of sample."""

import cv2
import numpy as np
import pytest

from ravdess_exp import figures
from ravdess_exp.commandline import compose_config
from ravdess_exp.config import validate
from ravdess_exp.corpus.labels import Classes
from ravdess_exp.dataset import Samples
from ravdess_exp.diagram import _steps, model_diagram
from ravdess_exp.experiment import model_for
from tests.test_dataset import CLIPS
from tests.test_models import AUDIO_SHAPES, FEATURES, samples_for


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
    model = model_for(config, samples_for(config, rng))
    model_diagram(model, tmp_path / "model.png")
    assert_picture(tmp_path / "model.png")


def test_every_layer_is_in_the_diagram(rng):
    config = validate(compose_config(["visual=resnet", "fusion=gated"]))
    model = model_for(config, samples_for(config, rng))
    steps = _steps(model)
    drawn = [layer.name for step in steps for layer in step.layers]
    assert sorted(drawn) == sorted(layer.name for layer in model.layers)
    total = sum(layer.count_params() for step in steps for layer in step.layers)
    assert total == model.count_params()
