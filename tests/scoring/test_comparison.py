"""Two results compared over the actors they share."""

import subprocess
import sys
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from ravdess_exp.errors import ComparisonError
from ravdess_exp.scoring.comparison import Result, compare, holm, sign_flip
from ravdess_exp.scoring.paired import holm_factors
from ravdess_exp.tracking.result import load_result

NAMES = ("neutral", "happy", "sad")


def predictions(folder: Path, hit: float, *, actors: int = 12, seed: int = 0, **changes) -> Path:
    """A run's folder with predictions that are right with probability `hit`."""
    rng = np.random.default_rng(seed)
    rows = []
    for actor in range(1, actors + 1):
        for clip in range(12):
            label = NAMES[clip % 3]
            wrong = NAMES[(clip + 1) % 3]
            rows.append(
                (f"{actor:02d}-{clip}", actor, label, label if rng.random() < hit else wrong)
            )
    table = pd.DataFrame(rows, columns=["clip", "actor", "label", "prediction"])
    folder.mkdir(parents=True)
    table.assign(**dict.fromkeys(NAMES, 0.0), **changes).to_csv(
        folder / "predictions.csv", index=False
    )
    return folder


def test_a_real_difference_is_found(tmp_path):
    worse = Result.load(predictions(tmp_path / "worse", 0.4))
    better = Result.load(predictions(tmp_path / "better", 0.8, seed=1))
    (found,) = compare([worse, better])
    assert found.difference == pytest.approx(better.pooled.mean(_uar) - worse.pooled.mean(_uar))
    assert 0 < found.interval[0] < found.difference < found.interval[1]
    sentence = found.sentence(1)
    assert sentence.startswith("better is better than worse: UAR 0.347 of worse, 0.799 of better,")
    assert "over 12 actors" in sentence and "Holm" not in sentence
    (other_way,) = compare([better, worse])
    assert other_way.difference == pytest.approx(-found.difference)
    assert other_way.sentence(1).startswith("better is better than worse: UAR 0.799 of better")


def test_a_leaky_result_is_never_told_without_its_warning(tmp_path):
    honest, leaky = (predictions(tmp_path / n, hit) for n, hit in (("honest", 0.4), ("leaky", 0.8)))
    for folder, train in ((honest, 2), (leaky, 1)):
        fold = folder / "fold_00-seed_0"
        fold.mkdir()
        (fold / "split.csv").write_text(f"clip,actor,set\na,{train},train\nb,1,test\n")
    (found,) = compare([Result.load(honest), Result.load(leaky)])
    warning = "NOT A RESULT: leaky had the same speakers in training and in test."
    assert found.sentence(1).endswith(warning)
    (found,) = compare([Result.load(honest)] * 2)
    assert "NOT A RESULT" not in found.sentence(1)


def test_chance_is_not_called_a_difference(tmp_path):
    results = [
        Result.load(predictions(tmp_path / name, 0.5, seed=seed))
        for seed, name in enumerate(("one", "two"))
    ]
    (found,) = compare(results)
    assert found.interval[0] < 0 < found.interval[1]
    assert found.sentence(1).startswith("No difference between one and two is shown")


def test_the_same_result_twice(tmp_path):
    result = Result.load(predictions(tmp_path / "run", 0.5))
    (found,) = compare([result, result])
    assert (found.difference, found.p, found.interval) == (0.0, 1.0, (0.0, 0.0))


def test_few_actors_show_nothing_of_other_speakers(tmp_path):
    results = [
        Result.load(predictions(tmp_path / name, hit, actors=3))
        for name, hit in (("low", 0.1), ("high", 0.9))
    ]
    (found,) = compare(results)
    assert found.p < 0.05 and found.interval[0] > 0
    sentence = found.sentence(1)
    assert sentence.startswith("high is better than low on these speakers: UAR ")
    assert "over clips of these 3 actors, not over speakers; paired t test" in sentence
    assert sentence.endswith(
        "Of other speakers 3 can show nothing: score more actors (experiment=loso)."
    )


@pytest.mark.parametrize("actors", [1, 2, 3, 5, 6, 12, 24])
def test_the_interval_never_contradicts_the_test(tmp_path, actors):
    """Of many differences about as large as can just be told, also after Holm's correction."""
    results = [
        Result.load(predictions(tmp_path / f"{i}", 0.45 + 0.03 * (i % 5), actors=actors, seed=i))
        for i in range(16)
    ]
    for found in (*compare(results), *(compare([results[0], other])[0] for other in results[1:])):
        low, high = found.interval
        shown = not found.sentence(2).startswith("No difference")
        assert (low > 0 or high < 0) == (found.adjusted < 0.05) == shown


def test_actors_with_other_clips_are_weighed_as_the_score_weighs_them(tmp_path):
    """Five actors of three clips say yes, one of 300 says no: the difference and its test say no."""
    rows = []
    for actor in range(1, 7):
        for clip in range(300 if actor == 6 else 3):
            label = NAMES[clip % 3]
            rows.append((f"{actor}-{clip}", actor, label, label, NAMES[(clip + 1) % 3]))
    results = []
    for name, small, large in (("one", "wrong", "right"), ("two", "right", "wrong")):
        table = pd.DataFrame(rows, columns=["clip", "actor", "label", "right", "wrong"])
        table["prediction"] = table[small].where(table.actor < 6, table[large])
        path = tmp_path / f"{name}.csv"
        kept = table.drop(columns=["right", "wrong"])
        kept.assign(**dict.fromkeys(NAMES, 0.0)).to_csv(path, index=False)
        results.append(Result.read(path, name))
    (found,) = compare(results)
    low, high = found.interval
    assert found.difference < -0.8 and np.mean(list(found.by_actor.values())) > 0.6
    assert low < found.difference < high and (high < 0) == (found.p < 0.05)


def test_pairing_sees_what_a_comparison_of_means_would_not(tmp_path):
    """Speakers differ much more than the models do; the models differ on every speaker."""
    rng = np.random.default_rng(0)
    rows, better = [], []
    for actor in range(1, 13):
        right = int(rng.integers(1, 10))
        for clip in range(12):
            label = NAMES[clip % 3]
            wrong = NAMES[(clip + 1) % 3]
            base = (f"{actor:02d}-{clip}", actor, label)
            rows.append((*base, label if clip < right else wrong))
            better.append((*base, label if clip < right + 2 else wrong))
    results = []
    for name, content in (("a", rows), ("b", better)):
        table = pd.DataFrame(content, columns=["clip", "actor", "label", "prediction"])
        (tmp_path / name).mkdir()
        table.assign(**dict.fromkeys(NAMES, 0.0)).to_csv(tmp_path / name / "predictions.csv")
        results.append(Result.read(tmp_path / name / "predictions.csv", name))
    (found,) = compare(results)
    assert found.p < 0.001 and found.interval[0] > 0


def test_holms_correction():
    """The example of R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]


def test_an_interval_is_corrected_as_its_p_is():
    """A factor times p below 0.05, where and only where p is below 0.05 / factor."""
    p_values = [0.01, 0.04, 0.03, 0.005, 0.8]
    factors = holm_factors(p_values)
    assert factors == pytest.approx([4, 2.25, 3, 5, 1])
    assert [p * f for p, f in zip(p_values, factors, strict=True)][:4] == pytest.approx(
        holm(p_values)[:4]
    )
    assert holm_factors([0.0, 0.0]) == [2.0, 1.0]


def test_several_comparisons_are_corrected(tmp_path):
    results = [
        Result.load(predictions(tmp_path / name, hit, seed=seed))
        for seed, (name, hit) in enumerate((("base", 0.4), ("good", 0.8), ("same", 0.4)))
    ]
    found = compare(results)
    assert [f.first.name for f in found] == ["base", "base"]
    assert found[0].adjusted == pytest.approx(2 * found[0].p)
    assert "both after Holm's correction for 2 comparisons" in found[0].sentence(2)


def test_sign_flips_are_exact():
    """Against all 2^5 signs by hand."""
    values = np.array([0.1, 0.2, -0.05, 0.3, 0.02])
    means = [np.mean(values * signs) for signs in product((1, -1), repeat=5)]
    expected = np.mean(np.abs(means) >= abs(values.mean()) - 1e-12)
    assert sign_flip(values) == pytest.approx(expected)


def test_other_clips_are_refused(tmp_path):
    one = Result.load(predictions(tmp_path / "one", 0.5))
    two = Result.load(predictions(tmp_path / "two", 0.5, actors=11))
    with pytest.raises(
        ComparisonError, match="different clips: 12 only in the first one .such as 12-"
    ):
        compare([one, two])


def test_other_labels_are_refused(tmp_path):
    one = Result.load(predictions(tmp_path / "one", 0.5))
    folder = predictions(tmp_path / "two", 0.5)
    table = pd.read_csv(folder / "predictions.csv")
    table.loc[0, "label"] = "sad"
    table.to_csv(folder / "predictions.csv", index=False)
    with pytest.raises(ComparisonError, match="different labels for the same clips"):
        compare([one, Result.load(folder)])


def test_other_classes_are_refused(tmp_path):
    one = Result.load(predictions(tmp_path / "one", 0.5))
    two = Result.load(predictions(tmp_path / "two", 0.5, calm=0.0))
    with pytest.raises(ComparisonError, match="different classes apart"):
        compare([one, two])


def test_a_clip_that_is_predicted_twice_is_refused(tmp_path):
    folder = predictions(tmp_path / "one", 0.5)
    table = pd.read_csv(folder / "predictions.csv")
    pd.concat([table, table[:1]]).to_csv(folder / "predictions.csv", index=False)
    with pytest.raises(ComparisonError, match="01-0 is predicted more than once"):
        Result.load(folder)


def test_what_is_no_run_is_told(tmp_path, own_tracking_store):
    with pytest.raises(ComparisonError, match=r"no predictions.csv in it"):
        load_result(str(tmp_path))
    with pytest.raises(ComparisonError, match="neither a run's folder nor a run"):
        load_result("0" * 32)


def test_the_script_says_a_sentence_and_draws_a_picture(tmp_path):
    runs = [predictions(tmp_path / name, hit) for name, hit in (("x", 0.4), ("y", 0.8), ("z", 0.5))]
    script = Path(__file__).parents[2] / "scripts" / "compare.py"
    arguments = [*map(str, runs), "--out", str(tmp_path / "out"), "--names", "MFCC,eGeMAPS,log-mel"]
    done = subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "eGeMAPS is better than MFCC: UAR 0." in done.stdout
    assert cv2.imread(str(tmp_path / "out" / "comparison.png")).shape[0] > 500
    assert (tmp_path / "out" / "comparison.json").exists()
    refused = subprocess.run(
        [sys.executable, str(script), str(runs[0]), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2 and "no predictions.csv" in refused.stderr


def _uar(labels, predicted) -> float:
    return float(np.mean([(predicted[labels == c] == c).mean() for c in np.unique(labels)]))
