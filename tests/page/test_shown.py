"""What the page is given to show: of a made-up look, and of a clip by a model that is known."""

import base64
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ravdess_exp.page.description import (
    cautions,
    score_sentences,
    sure_sentence,
    warnings,
)
from ravdess_exp.page.shown import shown
from ravdess_exp.predict.clip import Predictor
from ravdess_exp.predict.facts import Score, UsedClip
from ravdess_exp.predict.inputs import Inputs
from ravdess_exp.predict.look import Look
from ravdess_exp.predict.prediction import Prediction
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.scoring.sureness import Threshold
from tests.helpers.bundles import bundle_of, late_bundle_of


@pytest.fixture
def recipe(configure):
    return build_recipe(configure())


def facts_with(recipe, **changes):
    return replace(bundle_of(recipe).facts, **changes)


def test_crops_and_waveform_are_those_of_the_file(recipe):
    """Colours in their order, and the burst where it is."""
    crops = np.zeros((recipe.crops, 8, 8, 3), np.uint8)
    crops[1] = (250, 10, 20)
    found = np.ones(recipe.crops, bool)
    found[1] = False
    sound = np.zeros(16_000, np.float32)
    sound[8_000:12_000] = 0.5
    sound[10_000] = -0.25
    made = Prediction(file="x", classes=("calm", "angry"), probabilities=(0.75, 0.25))
    inputs = Inputs(crops=crops, found=found, sound=sound, sound_start=2.0)
    answer = shown(Look(made, {}, inputs), bundle_of(recipe))
    png = base64.b64decode(answer["crops"][1]["picture"].removeprefix("data:image/png;base64,"))
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert tuple(pixels[4, 4][::-1]) == (250, 10, 20)
    assert [crop["found"] for crop in answer["crops"]] == found.tolist()
    assert "start" in answer["crops"][0]["what"] and answer["crops"][1]["what"] == "frame 1"
    drawn = answer["sound"]
    high, low = np.array(drawn["high"]), np.array(drawn["low"])
    rate = recipe.feature.sample_rate
    assert (drawn["start"], drawn["end"]) == (2.0, 2.0 + 16_000 / rate)
    assert np.flatnonzero(high > 0).tolist() == list(range(200, 300)) and high.max() == 1
    assert low.min() == -0.5 and low.argmin() == 250


def test_each_branch_is_what_it_says_alone(recipe, clip_path):
    """And the two together their product, as softmax of the sum of logits."""
    look = Predictor(late_bundle_of(recipe)).look(clip_path)
    answer = shown(look, late_bundle_of(recipe))

    def softmax(*logits):
        return pytest.approx(np.exp(logits) / np.exp(logits).sum(), abs=1e-5)

    assert answer["branches"]["audio"] == softmax(1, 0)
    assert answer["branches"]["video"] == softmax(0, 0.5)
    assert answer["probabilities"] == softmax(1, 0.5)
    assert answer["prediction"] == "calm" and answer["sure"] is False
    assert (
        len(answer["crops"]) == recipe.crops and answer["sound"]["start"] <= answer["interval"][0]
    )


def test_a_file_that_fails_shows_its_reason(recipe):
    answer = shown(Predictor(late_bundle_of(recipe)).look(b"no film"), late_bundle_of(recipe))
    assert answer["reason"].startswith("not a readable media file")
    assert answer["prediction"] is None and answer["branches"] == {} and "crops" not in answer


def test_the_score_is_told_in_words(recipe):
    first, interval, wrong = score_sentences(facts_with(recipe), 4, members=1)
    assert first == (
        "On one speaker whom it had never met, it was right in 50% of the recordings, each emotion "
        "counted alike. A guess is right in 25%."
    )
    assert "from 40% to 60% (95% interval over clips of this one actor" in interval
    assert wrong.startswith("Expect about 5 answers in 10 to be wrong")


def test_a_score_that_may_be_chance_is_said(recipe):
    assert "that it learned anything is not shown" in " ".join(
        score_sentences(facts_with(recipe), 2, members=1)  # 40% to 60% where a guess is 50%
    )


def test_speakers_that_it_had_met_are_not_called_new(recipe):
    """Of one model; of a study's, each was scored on speakers that others learned from."""
    facts = facts_with(recipe, test=(UsedClip("c", "01", "2" * 64),))
    assert "whom it had learned from, too" in score_sentences(facts, 4, members=1)[0]
    assert "whom it had never met" in score_sentences(facts, 4, members=6)[0]


@pytest.mark.parametrize("scores", [{}, {"test/uar": Score(float("nan"))}])
def test_a_score_that_was_not_taken_is_said(scores, recipe):
    facts = facts_with(recipe, scores=scores)
    assert score_sentences(facts, 4, members=1) == [
        "How well it does on people it never met was not measured."
    ]


@pytest.mark.parametrize(
    ("sure", "said"),
    [
        (None, ""),
        (Threshold(0.8, None), "It is never sure"),
        (Threshold(0.8, 0.0), "It is always sure: 80% or more"),
        (Threshold(0.8, 0.613), "no emotion reaches a probability of 61%"),
    ],
)
def test_what_not_sure_means_is_said(sure, said, recipe):
    assert said in sure_sentence(facts_with(recipe, sure=sure))


def test_what_it_is_not_for_comes_from_the_model_card():
    heads = [one["head"] for one in warnings()]
    assert heads[0] == "It does not detect what a person feels." and len(heads) == 4
    assert not any("*" in one["text"] or "\n" in one["text"] for one in warnings())


def test_a_score_of_the_demo_corpus_is_not_of_people(recipe):
    demo = facts_with(
        recipe, licences={"weights": "MIT (trained on ravdess_exp's generated demo corpus)"}
    )
    assert "say nothing about people" in cautions(demo)[0] and not cautions(facts_with(recipe))
