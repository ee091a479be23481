"""UAR by sex, intensity and statement."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import recall_score

from ravdess_exp.corpus.groups import groups_of
from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.report.score_text import group_lines
from ravdess_exp.scoring.groups import score_groups
from ravdess_exp.scoring.metrics import interval, uar

NAMES = ("neutral", "happy", "sad")


def scored(rng, *, speakers: int = 8, groups: tuple = ("female", "male")) -> tuple:
    """Labels, predictions, speakers, groups and names: 18 clips a speaker, neutral never strong."""
    of = np.repeat(np.arange(1, speakers + 1), 18)
    labels = np.tile(np.arange(18) % 3, speakers)
    predicted = np.where(rng.random(len(of)) < 0.6, labels, rng.integers(0, 3, len(of)))
    rows = [
        {"sex": groups[speaker % 2], "intensity": "strong" if label and i % 2 else "normal"}
        for i, (speaker, label) in enumerate(zip(of, labels, strict=True))
    ]
    return labels, predicted, of, rows, NAMES


def test_what_a_clip_belongs_to():
    clip = Clip.from_path(Path("01-01-03-02-01-02-24.mp4"))
    assert groups_of(clip) == {"sex": "female", "intensity": "strong", "statement": "kids"}
    other = Clip.from_path(Path("01-01-03-01-02-02-23.mp4"))
    assert groups_of(other) == {"sex": "male", "intensity": "normal", "statement": "dogs"}


def test_a_group_is_scored_by_its_own_clips_and_says_which_classes_it_lacks(rng):
    labels, predicted, _, rows, _ = case = scored(rng)
    found = score_groups(*case)
    strong = np.array([row["intensity"] == "strong" for row in rows])
    expected = recall_score(labels[strong], predicted[strong], labels=[1, 2], average="macro")
    assert found["intensity"]["strong"].uar == pytest.approx(expected)
    assert found["intensity"]["strong"].missing == ("neutral",)
    assert found["intensity"]["normal"].missing == ()
    assert sum(of.clips for of in found["sex"].values()) == len(labels)
    assert "no clip of: neutral" in "\n".join(group_lines(found))


def test_the_interval_is_over_speakers_where_there_are_enough(rng):
    labels, predicted, speakers, _, _ = case = scored(rng, speakers=12)
    found = score_groups(*case)["sex"]["male"]
    own = speakers % 2 == 1
    assert found.speakers == 6 and found.over_speakers
    expected = interval(uar, labels[own], predicted[own], speakers[own])
    assert (found.low, found.high) == pytest.approx(expected)


def test_of_few_speakers_it_is_about_clips_and_says_so(rng):
    """Speakers that differ do not widen it, since two of them cannot show how speakers differ."""
    labels, predicted, speakers, _, _ = case = scored(rng, speakers=4)
    found = score_groups(*case)["sex"]["male"]
    own = speakers % 2 == 1
    expected = interval(uar, labels[own], predicted[own], speakers[own])
    assert (found.low, found.high) == pytest.approx(expected) and not found.over_speakers
    lines = group_lines({"sex": {"male": found}})
    whole = interval(uar, labels[own], predicted[own], np.zeros(own.sum(), int))
    assert expected[1] - expected[0] < 1.1 * (whole[1] - whole[0])
    assert "over clips" in lines[1] and "fewer than 6 speakers" in lines[-1]


def test_seeds_are_averaged(rng):
    labels, predicted, speakers, rows, names = scored(rng)
    other = scored(rng)[1]
    both = score_groups(
        np.stack([labels, labels], 1), np.stack([predicted, other], 1), speakers, rows, names
    )
    each = [score_groups(labels, p, speakers, rows, names) for p in (predicted, other)]
    mean = np.mean([of["sex"]["female"].uar for of in each])
    assert both["sex"]["female"].uar == pytest.approx(mean)


def test_a_division_with_one_group_says_nothing_new(rng):
    assert "sex" not in score_groups(*scored(rng, groups=("female", "female")))


def test_a_corpus_that_knows_no_groups(rng):
    labels, predicted, speakers, rows, names = scored(rng)
    assert score_groups(labels, predicted, speakers, [{}] * len(rows), names) == {}
    assert group_lines({}) == []


def test_a_name_fits_into_a_metric(rng):
    found = score_groups(*scored(rng, groups=("f/x", "m")))
    assert set(found["sex"]) == {"f_x", "m"}
