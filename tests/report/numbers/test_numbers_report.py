"""What is said and drawn of numbers: every score once, nothing of classes."""

import matplotlib.image
import numpy as np
import pytest

from ravdess_exp.report.numbers import figures
from ravdess_exp.report.numbers.description import description
from ravdess_exp.report.numbers.findings import Findings
from ravdess_exp.report.numbers.inline import furthest_clips
from ravdess_exp.report.numbers.text import run_text
from ravdess_exp.scoring.numbers.predictions import NumberPredictions
from ravdess_exp.scoring.numbers.run_result import Condition, NumbersResult
from ravdess_exp.scoring.study_scores import Score


@pytest.fixture
def said(rng) -> NumberPredictions:
    labels = rng.normal(4, 1, (24, 1, 4))
    predicted = labels + rng.normal(0, 0.3, labels.shape)
    predicted[7] += 9
    return NumberPredictions(
        names=("arousal", "valence", "dominance", "a number of a very long name"),
        clips=tuple(f"c{i:02d}" for i in range(24)),
        actors=np.repeat(np.arange(1, 7), 4),
        labels=labels,
        predicted=predicted,
        groups=tuple({"sex": "female" if i % 8 < 4 else "male"} for i in range(24)),
    )


@pytest.fixture
def result(said) -> NumbersResult:
    return NumbersResult(
        validation=said.scores(), test=said.scores(), speakers=said.by_actor(), groups=said.by_group(),
        conditions={"sound_0dB": Condition(0.123, 2)}, baseline=Score(0.321, 0.2, 0.4), leaky=True,
        best_epoch=3, parameters=10, clips_used=24, clips_failed=0, memory_mb=1.0, peak_memory_mb=1.0,
        seconds={"train": 2.0, "total": 5.0},
    )  # fmt: skip


def test_the_text_has_every_score_and_nothing_of_classes(result, tmp_path):
    text = run_text(result, folder=tmp_path, page=None, demo=True)
    for name, of in result.test.targets.items():
        assert name in text and f"{of.rmse.value:.3f}" in text
    assert "sound_0dB" in text and "2 clips could not be used" in text and "0.321" in text
    assert "over 6 actors" in text and "trained on other clips" in text
    assert not any(word in text for word in ("UAR", "recall", "confusion", "calibration"))


def test_the_description_warns(result):
    text = description(Findings.of_run(result), demo=True)
    assert text.startswith("**CCC ") and "WARNING: split=leaky" in text and "synthesised" in text


def test_what_is_furthest_off_comes_first(said):
    first, *_ = furthest_clips(said)
    assert first.startswith("c07 (speaker 2): arousal ") and len(furthest_clips(said)) == 5


def test_figures_are_drawn(said, result, tmp_path):
    over = figures.title(result.test, clips=24, leaky=True)
    assert over.startswith("LEAKY SPLIT")
    figures.scatter(said, result.test, over, tmp_path / "scatter.png")
    figures.groups(result.groups, result.test.ccc, over, tmp_path / "groups.png")
    figures.actors(result.speakers, result.test.ccc, tmp_path / "actors.png")
    sizes = [matplotlib.image.imread(path).shape for path in sorted(tmp_path.glob("*.png"))]
    assert len(sizes) == 3 and all(min(size[:2]) > 200 for size in sizes)
