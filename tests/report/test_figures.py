"""Pictures are written for every kind of sample."""

import cv2
import numpy as np
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.report import figures, score_figures
from ravdess_exp.report.diagram import _steps, model_diagram
from ravdess_exp.run.build import build
from ravdess_exp.run.inputs import untrained_model
from ravdess_exp.scoring.calibration import Reliability
from ravdess_exp.scoring.groups import GroupScore
from tests.models.test_models import samples_for


def assert_picture(path) -> None:
    image = cv2.imread(str(path))
    assert image is not None and min(image.shape[:2]) > 200
    assert image.std() > 5, "not an empty page"


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
