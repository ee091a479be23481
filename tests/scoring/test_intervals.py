"""What an interval must do. How often it holds the true value: scripts/interval_coverage.py."""

import numpy as np
import pytest
from scipy import stats

from ravdess_exp.scoring.intervals import Estimate, interval, scope
from ravdess_exp.scoring.metrics import accuracy, macro_f1, uar, uar_interval

LABELS = np.repeat(np.arange(7), [12, 8, 8, 8, 8, 8, 8])  # of one actor of RAVDESS


def guesses(rng, actors: int, hit: float = 0.6):
    labels = np.tile(LABELS, actors)
    wrong = (labels + rng.integers(1, 7, labels.shape)) % 7
    predicted = np.where(rng.random(labels.shape) < hit, labels, wrong)
    return labels, predicted, np.repeat(np.arange(actors), len(LABELS))


@pytest.mark.parametrize("actors", [6, 18, 24])
@pytest.mark.parametrize("measure", [uar, accuracy])
def test_over_speakers_it_is_the_t_interval_of_their_scores(rng, actors, measure):
    labels, predicted, of = guesses(rng, actors)
    scores = [measure(labels[of == a], predicted[of == a]) for a in range(actors)]
    low, high = stats.ttest_1samp(scores, 0).confidence_interval(0.95)
    assert interval(measure, labels, predicted, of) == pytest.approx((low, high))


def test_the_order_and_the_names_of_actors_do_not_matter(rng):
    labels, predicted, of = guesses(rng, 7)
    order = rng.permutation(len(labels))
    again = uar_interval(labels[order], predicted[order], 100 - of[order])
    assert again == pytest.approx(uar_interval(labels, predicted, of))


def test_over_clips_of_one_actor_it_is_wilsons(rng):
    """Of one class alone, the error is that of a share, with n - 1 in the place of n."""
    labels, predicted = np.ones(60, int), np.r_[np.ones(45, int), np.zeros(15, int)]
    low, high = interval(accuracy, labels, predicted, np.zeros(60, int))
    t, count = stats.t.isf(0.025, 59), 59
    centre = (0.75 + t**2 / (2 * count)) / (1 + t**2 / count)
    reach = t / (1 + t**2 / count) * np.sqrt(0.1875 / count + (t / (2 * count)) ** 2)
    assert (low, high) == pytest.approx((centre - reach, centre + reach), abs=5e-4)


@pytest.mark.parametrize("actors", [1, 2, 5, 6, 24])
@pytest.mark.parametrize("measure", [uar, accuracy, macro_f1])
def test_every_interval_lies_between_0_and_1_and_holds_the_score(rng, actors, measure):
    for hit in (0.0, 0.02, 0.5, 0.98, 1.0):
        labels, predicted, of = guesses(rng, actors, hit)
        low, high = interval(measure, labels, predicted, of)
        assert 0 <= low <= measure(labels, predicted) <= high <= 1


def test_all_right_is_not_certainly_right(rng):
    labels, predicted, of = guesses(rng, 1, 1.0)
    low, high = uar_interval(labels, predicted, of)
    assert 0.9 < low < 0.96 and high == 1


def test_a_model_that_says_one_class_has_no_error(rng):
    """Recall 1 of one class and 0 of the others, whoever speaks."""
    labels, _, of = guesses(rng, 3)
    assert uar_interval(labels, np.zeros_like(labels), of) == pytest.approx((1 / 7, 1 / 7))


@pytest.mark.parametrize("clips", [1, 2, 7, 8])
def test_a_few_clips_still_have_an_interval(rng, clips):
    labels = np.arange(clips) % 7
    low, high = uar_interval(labels, rng.integers(0, 7, clips), np.zeros(clips, int))
    assert 0 <= low <= high <= 1
    assert high - low > 0.2


def test_seeds_of_the_same_clips_are_no_further_clips(rng):
    labels, predicted, of = guesses(rng, 8)

    def mean(labels, predicted):
        return float(np.mean([uar(labels[:, i], predicted[:, i]) for i in range(3)]))

    thrice = [np.repeat(values[:, None], 3, axis=1) for values in (labels, predicted)]
    assert interval(mean, *thrice, of) == pytest.approx(uar_interval(labels, predicted, of))
    few = of < 2
    assert interval(mean, *(t[few] for t in thrice), of[few]) == pytest.approx(
        uar_interval(labels[few], predicted[few], of[few])
    )


def test_speakers_that_differ_widen_the_interval(rng):
    """Clips alone would not say that half of the actors cannot be read at all."""
    labels, _, of = guesses(rng, 6)
    good_actor = np.where(of < 3, labels, (labels + 1) % 7)
    good_clip = np.where(rng.random(len(labels)) < 0.5, labels, (labels + 1) % 7)
    width = [np.ptp(uar_interval(labels, p, of)) for p in (good_actor, good_clip)]
    assert width[0] > 2.5 * width[1]


def test_it_says_what_it_is_about(rng):
    assert scope(18) == "over 18 actors"
    assert scope(3) == "over clips of these 3 actors, not over speakers"
    assert scope(1) == "over clips of this one actor, not over speakers"
    for actors in (5, 6):
        assert Estimate.of(uar, *guesses(rng, actors)).over_speakers == (actors > 5)


@pytest.mark.parametrize("each", [1, 2])
def test_classes_that_are_all_right_or_all_wrong_are_not_certainly_so(each):
    """No error is seen of few clips: the interval has some width, of one told class it has none."""
    labels = np.repeat(np.arange(3), each)
    predicted = np.where(labels == 2, 1, labels)
    low, high = interval(uar, labels, predicted, np.zeros(len(labels), int))
    assert low < 0.5 and high > 0.8
