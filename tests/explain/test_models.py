"""Models of the framework's own parts, untrained, on a demo clip: each gets the method that suits it."""

from dataclasses import replace

import numpy as np
import pytest

from ravdess_exp.errors import ExplanationError
from ravdess_exp.explain.explainer import explain
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.picture_input import PictureInput
from ravdess_exp.models.late import finished_model, head_name
from ravdess_exp.models.linear import Head
from ravdess_exp.predict.bundle import Bundle, Member
from ravdess_exp.predict.reader import Reader
from ravdess_exp.run.build import build_parts
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.run.linear import build_baseline
from tests.helpers.bundles import CLASSES, bundle_of
from tests.helpers.media_files import numbered_frames, tone, write_media

FEW = {"grid": 2, "stretches": 2, "bands": 2}
LINEAR = ("model=ridge", "audio_encoder=linear", "pooling=mean", "fusion=late")


def member_of(config, inputs, rng, *, weight: float = 1.0) -> Member:
    """A model of these parts with drawn weights in its heads, times `weight`."""
    audio = video = None
    shapes = {"audio_shape": None, "video_shape": None}
    if inputs.feature is not None:
        # values are brought to one scale by the clip itself: no training clips are at hand
        feature = inputs.feature if inputs.feature.ndim == 2 else inputs.feature[:, None]
        frames = None if inputs.feature.ndim == 1 else feature.shape[1]
        deviation = np.full((len(feature), 1), 10.0)
        mean = feature.mean(1, keepdims=True) + deviation * rng.normal(size=deviation.shape)
        audio = AudioInput("train", frames, mean, deviation)
        shapes["audio_shape"] = audio(inputs.feature).shape
    if inputs.faces is not None:
        shapes["video_shape"] = inputs.faces.shape
        if inputs.faces.ndim == 2:
            video = PictureInput(
                "feature", inputs.faces.mean(0) + 0.1, np.ones(inputs.faces.shape[1])
            )
    linear = config.model.kind != "network"
    parts = build_baseline(config) if linear else build_parts(config)
    if not linear:
        model = parts.model(**shapes, classes=2)
        for layer in model.layers:
            if layer.name.endswith("_emotion"):
                kernel = weight * rng.normal(size=layer.kernel.shape) / layer.kernel.shape[0] ** 0.5
                layer.set_weights([kernel, np.zeros(2)])
        return Member(model, audio, video)
    tensors, branches = parts.branches(**shapes)
    heads = {}
    for what, branch in branches.items():
        size = branch.shape[-1]
        kernel = weight * rng.normal(size=(size, 2)) / size**0.5
        head = Head(mean=np.zeros(size), scale=np.ones(size), kernel=kernel, bias=np.zeros(2))
        heads[what] = head(branch, name=head_name(what))
    return Member(finished_model(tensors, heads), audio, video)


def bundle_for(config, path, rng, **how) -> Bundle:
    """One whose model has seen no other clip than this."""
    empty = bundle_of(build_recipe(config), members=(), modality=config.modality, classes=CLASSES)
    inputs = Reader(empty).file(path, None)
    return replace(empty, members=(member_of(config, inputs, rng, **how),))


@pytest.mark.parametrize(
    ("overrides", "method", "places"),
    [
        (("visual=vgg", "fusion=concat"), "grad_cam", 4),
        (("visual=conv3d", "visual.filters=[4,8]", "modality=video"), "grad_cam", 16),
        (("visual=gradients", "fusion=late"), "occlusion", 2),
        ((*LINEAR, "visual=hog", "audio=functionals"), "weights", 12),
        ((*LINEAR, "visual=pixels", "modality=video"), "occlusion", 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_each_gets_the_method_that_suits_it(configure, clip_path, rng, overrides, method, places):
    config = configure(*overrides)
    bundle = bundle_for(config, clip_path, rng)
    found = explain(bundle, clip_path, **FEW)
    assert found.methods["face"] == method
    assert found.heat.shape == (6, places, places) and found.heat.any()
    assert found.frame_importance.shape == (6,) and found.frame_importance.any()
    assert len(found.crops) == 6, "without the reference"
    if config.modality == "both":
        assert found.time_importance.any() and found.band_importance.any()
        start, end = found.prediction.interval
        np.testing.assert_allclose(found.times, [[start, (start + end) / 2], [(start + end) / 2, end]],
                                   atol=1e-3)  # fmt: skip
        assert sum(found.shares.values()) == pytest.approx(1) and min(found.shares.values()) > 0


@pytest.mark.parametrize("overrides", [("visual=vgg", "fusion=concat"), (*LINEAR, "visual=hog")])
def test_heads_without_weights_see_and_hear_nothing(configure, clip_path, rng, overrides):
    bundle = bundle_for(configure(*overrides), clip_path, rng, weight=0.0)
    found = explain(bundle, clip_path, **FEW)
    for name in ("heat", "frame_importance", "time_importance", "band_importance"):
        assert not getattr(found, name).any(), name
    assert found.shares == {"audio": 0.0, "video": 0.0}


def test_frozen_encoders_hear_with_a_hole_too(configure, clip_path, rng):
    bundle = bundle_for(configure("audio=whisper", *LINEAR, "modality=audio"), clip_path, rng)
    found = explain(bundle, clip_path, **FEW)
    assert found.time_importance.all() and found.shares == {"audio": 1.0}


def test_no_face_and_no_sound_are_told_as_predict_tells_them(configure, clip_path, tmp_path, rng):
    bundle = bundle_for(configure("visual=vgg", "fusion=concat"), clip_path, rng)
    faceless = write_media(tmp_path / "f.mp4", sound=tone(), frames=numbered_frames(40))
    silent = write_media(tmp_path / "s.mp4", sound=0 * tone(), frames=numbered_frames(40))
    with pytest.raises(ExplanationError, match=r"f\.mp4: no face found in any of its 7 frames"):
        explain(bundle, faceless)
    with pytest.raises(ExplanationError, match=r"s\.mp4: silent: the loudest sample is"):
        explain(bundle, silent)
