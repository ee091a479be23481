"""The model card: its head is what hubs read, and it says no more than the run knows."""

from dataclasses import replace

import pytest
import yaml

from ravdess_exp.features.encoders import EncoderFacts
from ravdess_exp.report.card import card_text
from ravdess_exp.report.findings import Findings
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.scoring.baseline import Baseline
from ravdess_exp.scoring.groups import GroupScore
from ravdess_exp.scoring.metrics import ActorScores
from ravdess_exp.scoring.study_scores import Score
from tests.helpers.bundles import bundle_of


@pytest.fixture
def facts(configure):
    return bundle_of(build_recipe(configure())).facts


def findings(**changes) -> Findings:
    """Of two speakers and two classes."""
    made = {
        "classes": ("calm", "angry"),
        "runs": 1,
        "seeds": 1,
        "speakers": {7: ActorScores(10, 0.6, 0.7), 8: ActorScores(10, 0.8, 0.9)},
        "uar": Score(0.8, 0.7, 0.9),
        "accuracy": Score(0.7, float("nan"), float("nan")),
        "macro_f1": Score(0.75, float("nan"), float("nan")),
        "validation_uar": 0.85,
        "validation_last": None,
        "recall": {"calm": 0.9, "angry": 0.7},
        "confusion": ((9, 1), (3, 7)),
        "calibration": None,
        "sureness": (),
        "groups": {},
        "baseline": None,
        "branches": {},
        "parameters": 1234,
        "seconds": {"train": 12.0},
        "leaky": False,
        "shuffled": False,
        "saw_ravdess": False,
        "settings": {"data.source": "ravdess", "data.root": "/data/RAVDESS"},
    }
    return Findings(**made | changes)


def card(facts, **changes) -> tuple[dict, str]:
    """Its head, read as YAML, and its text."""
    text = card_text(findings(**changes), facts, modality="both")
    _, head, body = text.split("---\n", 2)
    return yaml.safe_load(head), body


def test_the_head_has_the_fields_that_hubs_read(facts):
    head, _ = card(facts)
    assert head["license"] == "cc-by-nc-sa-4.0" and head["library_name"] == "keras"
    assert head["pipeline_tag"] == "video-classification" and "emotion-recognition" in head["tags"]
    result = head["model-index"][0]["results"][0]
    assert result["dataset"] == {"type": "ravdess", "name": "RAVDESS"}
    assert result["metrics"][0] == {"type": "recall", "name": "UAR (mean recall)", "value": 0.8}


def test_it_says_who_trained_it_how_well_it_does_and_what_it_is_not_for(facts):
    groups = {"sex": {"female": GroupScore(10, 1, 0.9, 0.8, 1.0)}}
    baseline = Baseline(0.55, 0.5, 0.4, 0.7)
    _, text = card(facts, groups=groups, baseline=baseline, sureness=("calibration error 0.1",))
    for said in (
        "0.700 to 0.900", "| 7 | 10 | 0.700 | 0.600 |", "sex: female", "0.550 | 0.400 to 0.700",
        "calibration error 0.1", "24 professional", "does not detect what a person feels",
        "Article 5(1)(f)", "at work or in education", "Energy was not measured", "train 12 s",
        "1,234 parameters", "None: every weight was learned", "not over speakers",
    ):  # fmt: skip
        assert " ".join(said.split()) in " ".join(text.split()), said


def test_what_is_not_known_is_not_invented(facts):
    """No interval where none was computed, no licence for a corpus that we do not know."""
    head, text = card(facts, settings={"data.source": "table"})
    assert head["license"] == "other" and "language" not in head
    assert "RAVDESS" not in text.split("## What it must not")[0] and "Toronto" not in text
    assert "| accuracy | 0.700 | not computed |" in text and "knows no groups" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"settings": {"data.source": "demo"}}, "says nothing about people|say nothing about people"),
        ({"settings": {"data.source": "ravdess", "data.root": "/x/RAVDESS_Re-enacted"}},
         "not results on RAVDESS"),
        ({"leaky": True}, "NOT A RESULT"),
        ({"saw_ravdess": True}, "trained on RAVDESS"),
        ({"shuffled": True}, "SANITY CHECK"),
    ],
)  # fmt: skip
def test_a_score_that_is_no_result_says_so(facts, changes, said):
    head, text = card(facts, **changes)
    assert any(one in text for one in said.split("|"))
    name = head["model-index"][0]["results"][0]["dataset"]["name"]
    assert name == "RAVDESS" or "settings" in changes


def test_names_are_shown_and_mean_nothing(facts):
    """A class or a run may be called anything; the head stays YAML, the text stays text."""
    odd = replace(facts, name='a: "b"\n---\n# <script>', command="x ```` y")
    text = card_text(
        findings(classes=("<b>|x", "angry"), recall={}), odd, modality="audio",
        encoders=[EncoderFacts("f", "net<i>", None, "speech|more")],
    )  # fmt: skip
    head = yaml.safe_load(text.split("---\n")[1])
    assert head["model-index"][0]["name"] == 'a: "b" --- # <script>'
    assert "\\<b\\>\\|x" in text and "<script>" not in text.split("---\n", 2)[2].replace("\\<", "")
    assert "licence not stated" in text and "`````\nx ```` y\n`````" in text
