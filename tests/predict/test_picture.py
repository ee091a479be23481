"""A bundle with a picture feature sees a file as the run saw its clips."""

import numpy as np
import pytest

import ravdess_exp
from ravdess_exp.folder import RunFolder
from ravdess_exp.predict.bundle import Bundle
from tests.helpers.runs import train
from tests.predict.test_clip import assert_same

RUNS = [
    ("visual=hog", "pooling=statistics", "visual.standardise=feature"),
    ("visual=flow", "frames.reference=onset", "visual.dense=8", "frames.register=false"),
    ("visual=face_motion", "pooling=mean", "frames.size=48"),
    ("visual=several", "pooling=attention", "frames.size=48"),
    ("frames.register=true",),
    ("frames.reference=none", "visual.reference=none"),
]


@pytest.mark.slow
@pytest.mark.parametrize("overrides", RUNS, ids=" ".join)
def test_every_picture_predicts_as_in_the_run(corpus, store_root, tmp_path, overrides):
    folder = train(tmp_path, corpus, store_root, *overrides, "modality=video")
    assert_same(folder, corpus)


@pytest.mark.slow
def test_a_run_with_a_missing_and_a_noisy_picture(corpus, store_root, tmp_path):
    overrides = ("visual=hog", "evaluation=robust", "augment=modality_dropout")
    folder = train(tmp_path, corpus, store_root, *overrides)
    bundle = Bundle.load(folder / "bundle")
    (member,) = bundle.members
    assert member.picture_input.how == "block"
    assert member.picture_input.mean.shape == member.model.inputs[1].shape[2:]
    made = ravdess_exp.load(folder).predict(next((corpus / "Actor_04").glob("*.mp4")))
    assert made.reason is None and np.isclose(sum(made.probabilities), 1)
    metrics = RunFolder(folder).metrics()
    asked = ["without_sound", *(f"sound_{db}dB" for db in (20, 10, 0))]
    asked += [f"picture_noise_{share}" for share in (0.05, 0.1, 0.2)]
    for name in asked:
        assert {f"test/{name}/uar", f"test/{name}_oracle/uar", f"test/{name}/failed"} <= set(
            metrics
        )
    assert (
        "test/without_picture/uar" in metrics and "test/without_picture_oracle/uar" not in metrics
    )
