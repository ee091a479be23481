"""What the page says of a model in words: how good it is on people it never met, and what it is not for."""

import math
import re
from typing import Any

from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.predict.facts import Facts
from ravdess_exp.report.card_words import ACTED
from ravdess_exp.report.cautions import DEMO, ENCODER
from ravdess_exp.scoring.intervals import scope

_POINT = re.compile(r"- \*\*(?P<head>.+?)\*\*(?P<rest>.*)", re.DOTALL)


def describe_model(bundle: Bundle) -> dict[str, Any]:
    """As plain JSON types."""
    facts = bundle.facts
    return {
        "name": facts.name,
        "classes": list(bundle.classes),
        "modality": bundle.modality,
        "needs_both": bundle.modality == "both" and not facts.missing_inputs,
        "longest": bundle.recipe.longest,
        "score": score_sentences(facts, len(bundle.classes), members=len(bundle.members)),
        "sure": sure_sentence(facts),
        "cautions": cautions(facts),
        "warnings": warnings(),
    }


def score_sentences(facts: Facts, classes: int, *, members: int) -> list[str]:
    """What its score on speakers apart lets a reader expect. members: models that predict together."""
    score = facts.scores.get("test/uar")
    if score is None or math.isnan(score.value):
        return ["How well it does on people it never met was not measured."]
    speakers = facts.speakers
    met = members == 1 and set(speakers["train"]) & set(
        speakers["test"]
    )  # a study's folds share them
    whom = "whom it had learned from, too" if met else "whom it had never met"
    count = len(speakers["test"])
    noun = "one speaker" if count == 1 else f"{count} speakers"
    told = [
        f"On {noun} {whom}, it was right in {score.value:.0%} of the recordings, each emotion "
        f"counted alike. A guess is right in {1 / classes:.0%}."
    ]
    if score.low is not None and not math.isnan(score.low):
        told.append(
            f"That figure may as well be anything from {score.low:.0%} to {score.high:.0%} (95% interval "
            f"{scope(count)})."
        )
        if score.low <= 1 / classes:
            told.append("It reaches down to guessing: that it learned anything is not shown.")
    wrong = 10 - round(10 * score.value)
    told.append(f"{_often(wrong)}, and more on people, rooms and cameras unlike those.")
    return told


def _often(wrong: int) -> str:
    if wrong < 1:
        return "Expect an answer to be wrong now and then"
    return f"Expect about {wrong} {'answer' if wrong == 1 else 'answers'} in 10 to be wrong"


def sure_sentence(facts: Facts) -> str:
    """What `not sure` beside an answer means; empty where the model has no threshold."""
    if facts.sure is None:
        return ""
    wanted = f"{facts.sure.wanted:.0%}"
    if facts.sure.value is None:
        return f"It is never sure: of no part of its validation recordings were {wanted} named rightly."
    if facts.sure.value == 0:
        return (
            f"It is always sure: {wanted} or more of all validation recordings were named rightly."
        )
    return (
        f"“Not sure” stands where no emotion reaches a probability of {facts.sure.value:.0%}: from "
        f"there on, {wanted} or more of the validation recordings were named rightly."
    )


def cautions(facts: Facts) -> list[str]:
    """What makes the score itself worth little."""
    licences = " ".join(facts.licences.values())
    told = ((DEMO, "demo corpus" in licences), (ENCODER, "saw RAVDESS" in licences))
    return [sentence for sentence, holds in told if holds]


def warnings() -> list[dict[str, str]]:
    """What a model must not be used for, as the model card has it: a head and the rest of each."""
    points = [_POINT.match(point) for point in re.split(r"\n(?=- )", ACTED)]
    return [
        {"head": point["head"], "text": " ".join(point["rest"].split()).lstrip(": ")}
        for point in points
    ]
