"""What a study says: pooled over folds, seeds apart from actors, never the best of anything."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, recall_score

from ravdess_exp.scoring.metrics import accuracy, interval, macro_f1, uar
from ravdess_exp.scoring.pooled import Pooled, over_seeds

NAMES = ("neutral", "happy", "sad")


def table(
    rng, *, actors: int = 6, clips: int = 9, seeds: int = 1, hit: float = 0.6
) -> pd.DataFrame:
    rows = []
    for seed in range(seeds):
        for actor in range(1, actors + 1):
            for clip in range(clips):
                label = NAMES[clip % 3]
                prediction = label if rng.random() < hit else NAMES[rng.integers(3)]
                rows.append(
                    (f"actor_{actor:02d}", seed, f"{actor}-{clip}", actor, label, prediction)
                )
    columns = ["fold", "seed", "clip", "actor", "label", "prediction"]
    found = pd.DataFrame(rows, columns=columns)
    return found.assign(**dict.fromkeys(NAMES, 0.0)).sample(frac=1, random_state=0)


def test_pooled_scores_are_scikit_learns(rng):
    predictions = table(rng)
    pooled = Pooled.of(predictions)
    pair = (predictions.label, predictions.prediction)
    assert pooled.mean(uar) == pytest.approx(recall_score(*pair, average="macro"))
    assert pooled.mean(accuracy) == pytest.approx(accuracy_score(*pair))
    assert pooled.mean(macro_f1) == pytest.approx(f1_score(*pair, average="macro"))


def test_macro_f1_without_a_prediction_of_a_class_or_a_clip_of_one():
    labels, predicted = np.array([0, 0, 2, 2]), np.array([0, 1, 2, 2])
    present = np.unique(labels)
    assert macro_f1(labels, predicted) == pytest.approx(
        f1_score(labels, predicted, labels=present, average="macro", zero_division=0)
    )
    assert macro_f1(np.array([0, 1]), np.array([1, 0])) == 0


def test_pooling_is_not_the_mean_of_the_folds():
    """A fold of few clips must not count as much as one of many."""
    rows = [("a", 0, "1", 1, "happy", "happy"), ("b", 0, "2", 2, "happy", "sad")]
    rows += [("b", 0, str(i), 2, "sad", "sad") for i in range(3, 9)]
    columns = ["fold", "seed", "clip", "actor", "label", "prediction"]
    pooled = Pooled.of(pd.DataFrame(rows, columns=columns).assign(happy=0.0, sad=0.0))
    assert pooled.mean(uar) == pytest.approx((1 / 2 + 1) / 2)


def test_seeds_are_averaged_and_the_best_is_not_chosen(rng):
    predictions = table(rng, seeds=3)
    predictions.loc[predictions.seed == 2, "prediction"] = predictions.label
    pooled = Pooled.of(predictions)
    each = pooled.by_seed(uar)
    assert each[2] == 1.0 and pooled.mean(uar) == pytest.approx(np.mean(each))
    of = {seed: group for seed, group in predictions.groupby("seed")}
    for seed, found in enumerate(each):
        expected = recall_score(of[seed].label, of[seed].prediction, average="macro")
        assert found == pytest.approx(expected)


def test_a_clip_that_a_seed_lacks_is_not_compared(rng):
    predictions = table(rng, seeds=2)
    lacking = (predictions.seed == 1) & (predictions.actor == 6)
    pooled = Pooled.of(predictions[~lacking])
    assert set(pooled.actors) == {1, 2, 3, 4, 5} and pooled.predicted.shape == (45, 2)


def test_actors_keep_their_own_clips_whatever_the_order(rng):
    predictions = table(rng)
    by_actor = Pooled.of(predictions).by_actor(accuracy)
    right = predictions.label == predictions.prediction
    assert by_actor == pytest.approx(right.groupby(predictions.actor).mean().to_dict())


def test_the_interval_of_seeds_is_that_of_their_mean(rng):
    pooled = Pooled.of(table(rng, seeds=2))
    low, high = interval(over_seeds(uar), pooled.labels, pooled.predicted, pooled.actors)
    assert low < pooled.mean(uar) < high
    one = Pooled.of(table(np.random.default_rng(0)))
    both = [interval(over_seeds(uar), one.labels, one.predicted, one.actors)]
    both.append(interval(uar, one.labels[:, 0], one.predicted[:, 0], one.actors))
    assert both[0] == both[1]


def test_speakers_that_differ_more_widen_the_interval(rng):
    def width(predictions: pd.DataFrame) -> float:
        pooled = Pooled.of(predictions)
        low, high = interval(over_seeds(uar), pooled.labels, pooled.predicted, pooled.actors)
        return high - low

    alike = table(rng, actors=8, clips=30, hit=0.5)
    apart = pd.concat(
        [
            table(rng, actors=8, clips=30, hit=1.0).query("actor <= 4"),
            table(rng, actors=8, clips=30, hit=0.0).query("actor > 4"),
        ]
    )
    assert width(apart) > 1.5 * width(alike)
