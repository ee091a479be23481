"""Pictures are written for every kind of sample."""

import cv2
import numpy as np
import pytest

from ravdess_exp import figures
from ravdess_exp.dataset import Samples
from tests.test_dataset import CLIPS


def assert_picture(path) -> None:
    image = cv2.imread(str(path))
    assert image is not None and min(image.shape[:2]) > 200
    assert image.std() > 5, "not an empty page"


@pytest.mark.parametrize("modality", ["both", "audio", "video"])
@pytest.mark.parametrize("shape", [(24, 40, 1), (24, 1)])
def test_samples(tmp_path, rng, modality, shape):
    samples = Samples(
        clips=CLIPS,
        audio=None if modality == "video" else rng.normal(size=(10, *shape)).astype(np.float32),
        faces=None
        if modality == "audio"
        else rng.integers(0, 255, (10, 6, 16, 16, 3), dtype=np.uint8),
        labels=np.arange(10) % 7,
        classes=7,
        one_hot=False,
    )
    figures.sample_clips(samples, [1, 2, 3], seconds_a_frame=0.016, path=tmp_path / "a.png")
    assert_picture(tmp_path / "a.png")


def test_confusion_matrix_and_curves(tmp_path, rng):
    counts = rng.integers(0, 20, (7, 7))
    figures.confusion_matrix(counts, list("abcdefg"), "test", tmp_path / "c.png")
    assert_picture(tmp_path / "c.png")
    epochs = [{"loss": 1, "val_loss": 2, "uar": 0.5, "val_uar": 0.4}] * 3
    figures.curves(epochs, 2, tmp_path / "d.png")
    assert_picture(tmp_path / "d.png")
