"""What was planted is found, by every method; where nothing matters, everything is exactly 0."""

import json
from dataclasses import replace

import numpy as np
import pytest
from keras import layers

from ravdess_exp.errors import ConfigError, ExplanationError
from ravdess_exp.explain.explainer import Model, explain
from ravdess_exp.features.picture import FaceMotion, Hog
from ravdess_exp.features.picture_input import PictureInput
from ravdess_exp.models.late import finished_model, head_name
from ravdess_exp.models.layers import LessFirstFrame
from ravdess_exp.prepare.entries import picture_of
from tests.helpers.planted import (
    FRAMES,
    MELS,
    RECIPE,
    SIDE,
    STEPS,
    audio_tensor,
    clip,
    convolved,
    grey_crops,
    loud_levels,
    planted,
    softmax_of,
    tone_at,
    video_tensor,
    with_patch,
)

PATCH = with_patch(grey_crops(), 2, 12, 4)  # in the grid of 6: row 3, column 1
TONE = tone_at(0.5, 0.5625, 2000.0)  # of 16 stretches the ninth


def looks(**how):
    """A model of brightness alone: linear in the pixels, without a convolution."""
    video = video_tensor(**how)
    size = int(np.prod(video.shape[1:]))
    return softmax_of([video], layers.Flatten()(video), np.full(size, 0.001, np.float32))


def hears(weight: float = 0.05):
    audio = audio_tensor()
    return softmax_of([audio], loud_levels(audio), np.full(MELS * STEPS, weight, np.float32))


def only_there(values: np.ndarray, *place: int) -> bool:
    """Whether it is above 0 in this place and exactly 0 in every other."""
    rest = values.copy()
    rest[place] = 0.0
    return values[place] > 0 and not rest.any()


def test_hiding_finds_a_bright_patch_in_its_frame_and_place():
    """Of a crop that is grey elsewhere, hidden places look as before; the fill is the mean colour."""
    video = video_tensor()
    kernel = np.zeros((FRAMES, SIDE, SIDE, 3), np.float32)
    kernel[:, 12:16, 4:8] = 0.1
    model = softmax_of([video], layers.Flatten()(video), kernel.ravel())
    found = explain(planted(model, arrays=clip(crops=PATCH)), "a.mp4")
    assert found.methods["face"] == "occlusion" and found.heat.shape == (FRAMES, 6, 6)
    assert found.explained == "angry" and found.probability > 0.5
    assert np.unravel_index(found.heat.argmax(), found.heat.shape) == (2, 3, 1)
    assert np.argmax(found.frame_importance) == 2
    outside = found.heat.copy()
    outside[:, 3, 1] = 0
    assert not outside.any(), "the model looks nowhere else"
    np.testing.assert_allclose(found.heat.sum(axis=(1, 2)), found.frame_importance, atol=1e-5)


def test_grad_cam_finds_it_too_and_only_where_it_is():
    video = video_tensor()
    values = convolved(video)
    model = softmax_of([video], values, np.full(values.shape[1], 0.5, np.float32))
    found = explain(planted(model, arrays=clip(crops=PATCH)), "a.mp4")
    assert found.methods["face"] == "grad_cam" and found.heat.shape == (FRAMES, SIDE, SIDE)
    assert found.heat[2, 13:15, 5:7].min() > 0
    far = found.heat.copy()
    far[2, 11:17, 3:9] = 0  # the convolution sees one pixel further
    assert not far.any()
    hidden = explain(planted(model, arrays=clip(crops=PATCH)), "a.mp4", picture="occlusion")
    assert np.unravel_index(hidden.heat.argmax(), hidden.heat.shape) == (2, 3, 1)


def test_what_speaks_against_a_class_is_below_zero():
    against = explain(planted(looks(), arrays=clip(crops=PATCH)), "a.mp4", explained="calm")
    towards = explain(planted(looks(), arrays=clip(crops=PATCH)), "a.mp4", explained="angry")
    assert against.heat[2, 3, 1] < 0 < towards.heat[2, 3, 1]
    np.testing.assert_allclose(against.heat, -towards.heat, atol=1e-5)


def test_a_model_of_changes_is_not_told_of_what_was_there_at_the_start():
    """The reference apart is no frame; a hidden place is as in the reference."""
    recipe = replace(RECIPE, reference="start")
    video = video_tensor(FRAMES + 1)
    changes = layers.Flatten()(LessFirstFrame()(video))
    model = softmax_of([video], changes, np.full(changes.shape[1], 0.1, np.float32))
    crops = grey_crops(FRAMES + 1)
    crops[:, 4:8, 16:20] = 255  # a light that is always there
    crops = with_patch(crops, 3, 12, 4)  # of the frames the third: a change
    found = explain(planted(model, arrays=clip(crops=crops), recipe=recipe), "a.mp4")
    assert only_there(found.heat, 2, 3, 1) and only_there(found.frame_importance, 2)
    assert found.crops.shape == (FRAMES, SIDE, SIDE, 3)


def test_a_tone_is_found_in_its_stretch_and_in_its_band():
    found = explain(planted(hears(), arrays=clip(waveform=TONE)), "a.wav")
    assert only_there(found.time_importance, 8)
    np.testing.assert_allclose(found.times[8], (2.5, 2.5625))
    low, high = found.bands[np.argmax(found.band_importance)]
    assert low <= 2000 < high
    others = np.delete(found.band_importance, np.argmax(found.band_importance))
    assert np.abs(others).max() < found.band_importance.max() / 3
    assert found.heat is None and found.frame_importance is None
    assert found.bands[0, 0] == 0 and found.bands[-1, 1] == pytest.approx(8000)


@pytest.mark.parametrize("method", ["occlusion", "grad_cam"])
def test_a_model_that_ignores_its_inputs_has_flat_maps(method):
    """Exactly: every importance and every share is 0."""
    audio, video = audio_tensor(), video_tensor()
    both = layers.Concatenate()([loud_levels(audio), convolved(video)])
    model = softmax_of([audio, video], both, np.zeros(both.shape[1], np.float32))
    arrays = clip(waveform=TONE, crops=PATCH)
    found = explain(planted(model, arrays=arrays), "a.mp4", picture=method)
    for name in ("heat", "frame_importance", "time_importance", "band_importance"):
        assert not getattr(found, name).any(), name
    assert found.shares == {"audio": 0.0, "video": 0.0}


def two_inputs(hear: float, see: float):
    audio, video = audio_tensor(), video_tensor()
    heard, seen = loud_levels(audio), layers.Flatten()(video)
    kernel = [np.full(of.shape[1], by, np.float32) for of, by in ((heard, hear), (seen, see))]
    both = layers.Concatenate()([heard, seen])
    return softmax_of([audio, video], both, np.concatenate(kernel))


@pytest.mark.parametrize("missing", [False, True])
def test_an_input_that_is_not_read_has_no_share(missing):
    arrays = clip(waveform=TONE, crops=PATCH)
    heard = explain(planted(two_inputs(0.05, 0.0), arrays=arrays, missing=missing), "a.mp4")
    assert heard.shares == {"audio": 1.0, "video": 0.0} and not heard.heat.any()
    seen = explain(planted(two_inputs(0.0, 0.01), arrays=arrays, missing=missing), "a.mp4")
    assert seen.shares == {"audio": 0.0, "video": 1.0} and not seen.time_importance.any()


def test_the_only_input_decides_alone():
    assert explain(planted(hears(), arrays=clip(waveform=TONE)), "a").shares == {"audio": 1.0}
    assert explain(planted(looks(), arrays=clip(crops=PATCH)), "a").shares == {"video": 1.0}
    alone = clip(waveform=TONE)  # of a model of both
    found = explain(planted(two_inputs(0.05, 0.01), arrays=alone, missing=True), "a.wav")
    assert found.shares == {"audio": 1.0} and found.heat is None


def late(weights=(1.0, 1.0)):
    """A product of two heads; the model's and the branches' temperatures are not 1."""
    audio, video = audio_tensor(), video_tensor()
    heads = {}
    for what, values, by in (
        ("audio", loud_levels(audio), 0.05), ("video", layers.Flatten()(video), -0.001),
    ):  # fmt: skip
        head = layers.Dense(2, activation="softmax", name=head_name(what))
        heads[what] = head(values)
        head.set_weights([np.stack([np.zeros(values.shape[1]), np.full(values.shape[1], by)], 1),
                          np.zeros(2)])  # fmt: skip
    model = finished_model([audio, video], heads)
    model.get_layer("product").weight.assign(weights)
    model.get_layer("product").temperature.assign((2.0, 0.5))
    model.get_layer("emotion").temperature.assign(1.5)
    return model


def test_branches_of_a_product_add_up_to_the_models_evidence():
    arrays = clip(waveform=TONE, crops=PATCH)
    found = explain(planted(late((1.5, 0.5)), arrays=arrays), "a.mp4", explained="angry")
    calm, angry = found.prediction.probabilities
    assert sum(found.evidence.values()) == pytest.approx(np.log(angry / calm), rel=1e-4)
    assert found.evidence["audio"] > 0 > found.evidence["video"]
    assert sum(found.shares.values()) == pytest.approx(1)
    alone = explain(planted(late((2.0, 0.0)), arrays=arrays), "a.mp4")
    assert alone.shares == {"audio": 1.0, "video": 0.0}
    nothing = replace(arrays, feature=np.zeros_like(arrays.feature))  # which drops out
    seen = explain(planted(late((1.5, 0.5)), arrays=nothing), "a.mp4", explained="angry")
    calm, angry = seen.prediction.probabilities
    assert seen.evidence == {"audio": 0.0, "video": pytest.approx(np.log(angry / calm), rel=1e-4)}
    gone = explain(planted(late(), arrays=clip(waveform=TONE), missing=True), "a.wav")
    assert gone.shares == {"audio": 1.0}


def test_several_models_are_their_mean():
    arrays = clip(waveform=TONE)
    one, two = (explain(planted(hears(by), arrays=arrays), "a") for by in (0.05, 0.01))
    both = explain(planted(hears(0.05), hears(0.01), arrays=arrays), "a")
    for name in ("time_importance", "band_importance"):
        mean = (getattr(one, name) + getattr(two, name)) / 2
        np.testing.assert_allclose(getattr(both, name), mean, atol=1e-5)
    assert both.evidence["audio"] == pytest.approx(
        (one.evidence["audio"] + two.evidence["audio"]) / 2
    )


def of_feature(feature, kernel: float = 0.01):
    """A linear model of a picture feature, and a clip whose third frame has an edge in one place."""
    recipe = replace(RECIPE, picture=feature, reference="start", size=48)
    crops = np.full((FRAMES + 1, 48, 48, 3), 90, np.uint8)
    crops += np.random.default_rng(0).integers(0, 40, (48, 48, 1), np.uint8)
    crops[3, 30:42, 32:36] = 255
    values = picture_of(crops, recipe)
    ones = np.ones(values.shape[1], np.float32)
    video = layers.Input(values.shape, name="video")
    pooled = layers.GlobalAveragePooling1D()(video)
    weights = kernel * np.sign(values[2])
    model = softmax_of([video], pooled, weights)
    arrays = clip(crops=crops, faces=values)
    picture_input = PictureInput("feature", 0 * ones, ones)
    return planted(model, arrays=arrays, recipe=recipe, picture_input=picture_input)


@pytest.mark.parametrize("method", ["weights", "occlusion"])
def test_weights_of_edges_lie_where_the_edge_is(method):
    feature = Hog(cells=(8,), mirror=False, standardise="block")
    found = explain(of_feature(feature), "a.mp4", picture=method)
    assert np.argmax(found.frame_importance) == 2
    side = found.heat.shape[1]
    frame, row, column = np.unravel_index(found.heat.argmax(), found.heat.shape)
    assert frame == 2 and 22 < 48 * row / side < 46 and 22 < 48 * column / side < 46
    assert not found.heat[[0, 1, 3]].any()


def test_weights_add_up_to_the_evidence_and_are_chosen_for_linear_models():
    feature = FaceMotion(cells=(8, 12), grid=6, mirror=True, standardise="block")
    found = explain(of_feature(feature), "a.mp4")
    assert found.methods["face"] == "weights" and found.heat.shape == (FRAMES, 12, 12)
    assert found.heat.sum() == pytest.approx(found.evidence["video"], rel=1e-3)
    np.testing.assert_allclose(found.heat, found.heat[:, :, ::-1], atol=1e-6)
    assert not explain(of_feature(feature, 0.0), "a.mp4").heat.any()


def test_a_method_that_does_not_suit_and_a_class_that_is_not_there_are_told():
    model = planted(looks(), arrays=clip(crops=PATCH))
    with pytest.raises(ConfigError, match="does not suit this model; take auto or occlusion"):
        explain(model, "a.mp4", picture="weights")
    with pytest.raises(ConfigError, match="expected one of auto, weights, grad_cam, occlusion"):
        explain(model, "a.mp4", picture="saliency")
    with pytest.raises(ConfigError, match="'bored': this model knows calm, angry"):
        explain(model, "a.mp4", explained="bored")
    with pytest.raises(ConfigError, match="grid=0: expected at least 1"):
        explain(model, "a.mp4", grid=0)


def test_a_file_without_sound_is_told_as_predict_tells_it(tmp_path):
    (tmp_path / "a.wav").write_text("no sound")
    model = Model(planted(hears(), arrays=clip(waveform=TONE)).bundle)
    reason = model.predict(tmp_path / "a.wav").reason
    with pytest.raises(ExplanationError) as raised:
        model.explain(tmp_path / "a.wav")
    assert str(raised.value) == f"{tmp_path / 'a.wav'}: {reason}"


def test_what_is_written_down_is_plain_and_the_cost_is_bounded():
    arrays = clip(waveform=TONE, crops=PATCH)
    how = {"grid": 2, "stretches": 3, "bands": 2}
    found = explain(planted(two_inputs(0.05, 0.01), arrays=arrays), "a.mp4", **how)
    plain = json.loads(json.dumps(found.as_dict()))
    assert plain["explained"] == "angry" and np.shape(plain["heat"]) == (FRAMES, 2, 2)
    assert "waveform" not in plain and plain["prediction"]["prediction"] == "angry"
    assert found.evaluations <= 2 + 3 + 2 + FRAMES * (1 + 2**2)
