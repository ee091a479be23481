"""An explanation as a picture, a page and sentences: what was found is where a reader looks for it."""

from dataclasses import replace

import numpy as np
import pytest

from ravdess_exp.explain.explanation import Explanation
from ravdess_exp.predict.prediction import Prediction
from ravdess_exp.report.explanation_figure import explanation_figure
from ravdess_exp.report.explanation_page import explanation_page
from ravdess_exp.report.explanation_text import explanation_lines
from tests.helpers.pages import elements, words

SIDE, RATE = 24, 8000


@pytest.fixture
def found() -> Explanation:
    """Of six frames the fifth counted, at the lower right; of the sound the second quarter."""
    heat = np.zeros((6, 6, 6))
    heat[4, 5, 5], heat[4, 0, 0] = 2.0, -2.0
    return Explanation(
        prediction=Prediction(
            file="<b>.mp4", classes=("calm", "a$_{$"), probabilities=(0.2, 0.8),
            remarks=("the model learned from this very clip",),
        ),
        explained="a$_{$", probability=0.8,
        frame_importance=np.array([0, 0, 0, 0, 1.5, -0.5]), heat=heat,
        crops=np.full((6, SIDE, SIDE, 3), 128, np.uint8),
        times=np.array([[1.0, 1.5], [1.5, 2.0], [2.0, 2.5], [2.5, 3.0]]),
        time_importance=np.array([0.0, 1.0, -1.0, 0.0]),
        bands=np.array([[0.0, 1000.0], [1000.0, 4000.0]]), band_importance=np.array([0.5, 0.0]),
        waveform=np.sin(np.arange(2 * RATE) / 20).astype(np.float32), rate=RATE,
        shares={"audio": 0.25, "video": 0.75}, evidence={"audio": -0.5, "video": 1.5},
        methods={"face": "occlusion"}, evaluations=9, seconds=1.0,
    )  # fmt: skip


def test_sentences_say_where(found):
    said = " ".join(explanation_lines(found))
    for sentence in (
        "<b>.mp4: a$_{$, probability 0.80.", "The model learned from this very clip.",
        "sound 25%, picture 75% (sound against this class).", "counted most: 5 of 6.",
        "the lower right of the crop (by hiding it and asking again)",
        "Sound that counted most: 1.50 to 2.00 s, 0 to 1,000 Hz.", "not why somebody feels",
    ):  # fmt: skip
        assert sentence in said, sentence
    flat = replace(found, heat=0 * found.heat, frame_importance=np.zeros(6))
    assert "No part of the face spoke for this class" in " ".join(explanation_lines(flat))


def test_the_picture_is_red_where_something_spoke_for_the_class(found):
    figure = explanation_figure(found)
    faces = [axes.get_images()[0].get_array() for axes in figure.axes if axes.get_images()]
    assert len(faces) == 6
    red, _, blue = np.moveaxis(np.asarray(faces[4]), -1, 0)
    assert red[-1, -1] > blue[-1, -1] + 0.2 and blue[0, 0] > red[0, 0] + 0.2
    np.testing.assert_allclose(np.asarray(faces[0]), 128 / 255, atol=1e-6)
    stretches = next(axes for axes in figure.axes if "stretch" in axes.get_title())
    shades = [patch.get_alpha() for patch in stretches.patches]
    assert shades[1] == shades[2] > shades[0] == shades[3] == 0


@pytest.mark.parametrize("left_out", ["heat", "times", None])
def test_the_page_is_valid_and_says_it_in_words_too(found, left_out):
    """Of a model of one input alone too; a name of a file is shown and not run."""
    gone = (
        {"heat": None, "frame_importance": None, "shares": {"audio": 1.0}}
        if left_out == "heat"
        else {}
    )
    if left_out == "times":
        gone = {"times": None, "bands": None, "shares": {"video": 1.0}, "evidence": {"video": 1.0}}
    text = explanation_page(replace(found, **gone))
    image = next(one.attributes for one in elements(text) if one.tag == "img")
    assert image["src"].startswith("data:image/png") and "a$_{$" in image["alt"]
    assert "<b>.mp4" not in text and "<b>.mp4: a$_{$" in words(text) and len(text) < 1e6


def test_another_class_than_the_predicted_one_is_told_apart(found):
    said = explanation_lines(replace(found, explained="calm", probability=0.2))[0]
    assert said == "<b>.mp4: calm, probability 0.20 (the model says a$_{$)."
