"""Linear models say in Keras what scikit-learn's own say, and know nothing but training clips."""

import functools
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.errors import TrainingError
from ravdess_exp.models.audio_encoders import linear
from ravdess_exp.models.fusion import ModelParts, concat
from ravdess_exp.models.late import HEADS, Late, branch_models
from ravdess_exp.models.linear import pixels
from ravdess_exp.models.pooling import mean_pooling
from ravdess_exp.training.choice import choose_c
from ravdess_exp.training.classifiers import Logistic, Ridge, Svm
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.linear import fit_linear
from ravdess_exp.training.rowspace import RowSpace
from ravdess_exp.training.variants import Variants

NAMES = Classes().names
LOGISTIC = Logistic(c=0.05, class_weights=True, projection=None)
RIDGE = Ridge(c=2.0, class_weights=True, projection=None)
SVM = Svm(c=2.0, gamma="scale", class_weights=False, projection=None)
CONCAT = functools.partial(concat, dense=8, dropout=0.0, l2=0.0)
STATISTICS = functools.partial(linear, values="statistics", read_padding=False)
LATE = Late(dropout=0.0, l2=0.0, weights="equal")


def parts(fusion=CONCAT) -> ModelParts:
    return ModelParts(
        audio_encoder=STATISTICS,
        backbone=functools.partial(pixels, reference="first", block=4),
        pooling=mean_pooling,
        fusion=fusion,
    )


def each(classifier) -> dict:
    """The same for every head."""
    return dict.fromkeys(HEADS, classifier)


def samples(rng, *, audio=(60, 1), faces=None, speakers=4, each=21, signal=1.0) -> Samples:
    """Clips whose class moves the first values of the sound, and the brightness of later frames."""
    n = speakers * each
    labels = np.tile(np.arange(7), n // 7)
    sound = None
    if audio:
        sound = rng.normal(size=(n, *audio)).astype(np.float32)
        sound[np.arange(n), labels] += signal
    pictures = None
    if faces:
        pictures = rng.integers(90, 110, (n, *faces), dtype=np.uint8)
        for picture, label in zip(pictures, labels, strict=True):
            picture[1:, 4 * label : 4 * label + 4] += np.uint8(10 * signal)
    clips = tuple(Clip.of((1, 1, 1, 1, 1, 1, 1 + i // each), Path(f"{i}.mp4")) for i in range(n))
    return Samples(clips, sound, pictures, labels, NAMES, False)


def brought_to_length(scaler=None):
    """What scikit-learn is given: centred vectors of a mean square length of 1000."""

    class Length(FunctionTransformer):
        def fit(self, values, labels=None):
            self.length = np.sqrt(np.square(values).sum(axis=1).mean() / 1000)
            return super().fit(values)

        def transform(self, values):
            return values / self.length

    return make_pipeline(scaler or StandardScaler(with_std=False), Length())


def said(model: keras.Model, of: Samples) -> np.ndarray:
    return model.predict_on_batch(of.inputs(range(len(of))))


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def sum_of_pairs(pairs: np.ndarray) -> np.ndarray:
    """(n, 21) signed distances of scikit-learn, positive for the first of two classes -> (n, 7)."""
    scores, column = np.zeros((len(pairs), 7)), 0
    for first in range(7):
        for second in range(first + 1, 7):
            scores[:, first] += pairs[:, column]
            scores[:, second] -= pairs[:, column]
            column += 1
    return scores


# --- the same as scikit-learn ---


@pytest.mark.parametrize("values", [30, 400], ids=["less values than clips", "more"])
@pytest.mark.parametrize("projection", [None, 12])
def test_logistic_regression_is_scikit_learns(rng, values, projection):
    train, test = (samples(rng, audio=(values, 1)) for _ in range(2))
    fitted = fit_linear(parts(), each(replace(LOGISTIC, projection=projection)), train)
    model = LogisticRegression(C=0.05, class_weight="balanced", max_iter=10_000, tol=1e-8)
    if projection:
        model = make_pipeline(PCA(projection, svd_solver="full"), model)
    model = make_pipeline(brought_to_length(), model)
    model.fit(train.audio[..., 0].astype(np.float64), train.labels)
    expected = model.predict_proba(test.audio[..., 0].astype(np.float64))
    np.testing.assert_allclose(said(fitted.model, test), expected, atol=1e-5)


@pytest.mark.parametrize("values", [30, 400], ids=["less values than clips", "more"])
@pytest.mark.parametrize("weights", [None, "balanced"])
def test_ridge_regression_is_scikit_learns(rng, values, weights):
    train, test = (samples(rng, audio=(values, 1)) for _ in range(2))
    own = replace(RIDGE, class_weights=weights is not None)
    model = RidgeClassifier(alpha=len(train) / 2.0, class_weight=weights)
    model = make_pipeline(brought_to_length(), model)
    model.fit(train.audio[..., 0].astype(np.float64), train.labels)
    scores = model.decision_function(test.audio[..., 0].astype(np.float64))
    found = said(fit_linear(parts(), each(own), train).model, test)
    np.testing.assert_allclose(found, softmax(5 * scores), atol=1e-5)


def test_ridge_says_the_same_of_clips_that_are_there_twice(rng):
    """Its penalty grows with the clips, so that variants do not loosen it."""
    train = samples(rng)
    row_of = np.arange(len(train))
    twice = replace(train, variants=Variants(train.audio, row_of))
    one, two = (said(fit_linear(parts(), each(RIDGE), of).model, train) for of in (train, twice))
    np.testing.assert_allclose(one, two, atol=1e-5)


@pytest.mark.parametrize("values", [30, 400], ids=["less values than clips", "more"])
@pytest.mark.parametrize("projection", [None, 12])
@pytest.mark.parametrize("weights", [None, "balanced"])
def test_the_support_vector_machine_is_scikit_learns(rng, values, projection, weights):
    train, test = (samples(rng, audio=(values, 1)) for _ in range(2))
    own = replace(SVM, projection=projection, class_weights=weights is not None)
    svc = SVC(C=2.0, class_weight=weights, decision_function_shape="ovo", tol=1e-8)
    model = make_pipeline(StandardScaler(with_std=False), svc)  # `scale` is of centred values
    if projection:
        model = make_pipeline(PCA(projection, svd_solver="full"), model)
    model.fit(train.audio[..., 0].astype(np.float64), train.labels)
    pairs = model.decision_function(test.audio[..., 0].astype(np.float64))
    found = said(fit_linear(parts(), each(own), train).model, test)
    np.testing.assert_allclose(found, softmax(sum_of_pairs(pairs)), atol=1e-5)


def test_what_is_pooled_is_standardised_by_the_training_clips(rng):
    train, test = (samples(rng, audio=(20, 9, 1)) for _ in range(2))
    train.audio[:, 3] *= 100
    model = make_pipeline(
        brought_to_length(StandardScaler()),
        LogisticRegression(C=0.05, class_weight="balanced", max_iter=10_000, tol=1e-8),
    )

    def pooled(of: Samples) -> np.ndarray:
        values = of.audio[..., 0].astype(np.float64)
        deviation = np.sqrt(values.var(axis=2) + 1e-6) - 1e-3
        return np.hstack([values.mean(axis=2), deviation, values.max(axis=2), values.min(axis=2)])

    model.fit(pooled(train), train.labels)
    found = said(fit_linear(parts(), each(LOGISTIC), train).model, test)
    np.testing.assert_allclose(found, model.predict_proba(pooled(test)), atol=1e-5)


def test_two_classes_are_a_sigmoid(rng):
    of = samples(rng)
    two = replace(of, labels=of.labels % 2, names=("calm", "angry"))
    model = LogisticRegression(C=0.05, class_weight="balanced", max_iter=10_000, tol=1e-8)
    values = of.audio[..., 0].astype(np.float64)
    model = make_pipeline(brought_to_length(), model)
    expected = model.fit(values, two.labels).predict_proba(values)
    found = said(fit_linear(parts(), each(LOGISTIC), two).model, two)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert said(fit_linear(parts(), each(SVM), two).model, two).shape == (84, 2)


def test_a_class_without_clips_is_never_said(rng):
    of = samples(rng)
    lacking = replace(of, labels=np.where(of.labels == 3, 4, of.labels))
    for classifier in (LOGISTIC, SVM):
        assert said(fit_linear(parts(), each(classifier), lacking).model, of)[:, 3].max() < 1e-6


# --- what is read of a clip ---


@pytest.mark.parametrize("reference", ["none", "first"])
def test_pixels_are_block_means_less_the_first_frame(rng, reference):
    faces = rng.random((2, 3, 11, 8, 3)).astype(np.float32)
    found = keras.ops.convert_to_numpy(pixels(faces, reference=reference, block=4))
    gray = faces.mean(axis=-1)
    blocks = np.stack(
        [gray[:, :, y : y + 4, x : x + 4].mean(axis=(2, 3)) for y in (0, 4) for x in (0, 4)], axis=2
    )
    expected = blocks[:, 1:] - blocks[:, :1] if reference == "first" else blocks
    np.testing.assert_allclose(found, expected, atol=1e-6)


# --- what comes of it ---


@pytest.mark.parametrize("classifier", [LOGISTIC, SVM], ids=["logistic", "svm"])
@pytest.mark.parametrize("fusion", [CONCAT, LATE], ids=["concat", "late"])
def test_a_planted_signal_is_found(rng, classifier, fusion, tmp_path):
    shape = {"audio": (20, 9, 1), "faces": (3, 32, 32, 3), "signal": 3.0}
    train, test = samples(rng, **shape), samples(rng, **shape)
    fitted = fit_linear(parts(fusion), each(classifier), train)
    probabilities = said(fitted.model, test)
    assert (probabilities.argmax(axis=1) == test.labels).mean() > 0.9
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert set(fitted.c) == ({"joint"} if fusion is CONCAT else {"audio", "video"})
    assert set(branch_models(fitted.model)) == (set() if fusion is CONCAT else {"audio", "video"})
    fitted.model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(said(loaded, test), probabilities, atol=1e-6)


def test_a_constant_value_says_nothing(rng):
    train = samples(rng, audio=(20, 9, 1), signal=3.0)
    train.audio[:, 10] = 0.5
    probabilities = said(fit_linear(parts(), each(LOGISTIC), train).model, train)
    assert np.isfinite(probabilities).all()


# --- the choice of C ---


def test_c_is_chosen_by_speakers_of_the_training_clips(rng):
    """Where a speaker's own voice gives the label away, only the largest penalty is any good."""
    train = samples(rng, signal=0.5, speakers=6)
    space = RowSpace.of(train.audio[..., 0], np.ones(60))
    speakers = np.array([clip.actor for clip in train.clips])
    seen = []

    class Watched(Logistic):
        def scores(self, space, labels, train, c, classes):
            seen.append((set(speakers[train]), c))
            return super().scores(space, labels, train, c, classes)

    watched = Watched(c=None, class_weights=True, projection=None)
    chosen = choose_c(watched, space, train.labels, speakers, classes=7)
    assert chosen in watched.candidates(space)
    left_out = [{1, 2, 3, 4, 5, 6} - of for of, _ in seen]
    assert all(left_out), "no speaker is judged by a fit to his own clips"
    assert set.union(*left_out) == {1, 2, 3, 4, 5, 6}


def test_one_speaker_cannot_choose(rng):
    with pytest.raises(TrainingError, match=r"model\.c=null: expected at least two speakers"):
        fit_linear(parts(), each(replace(LOGISTIC, c=None)), samples(rng, speakers=1))


def test_one_c_suits_every_size_of_the_values(rng):
    """Ten times as large, the values say the same, so the fit and its probabilities are the same."""
    train = samples(rng, audio=(60, 1))
    larger = replace(train, audio=10 * train.audio)
    one, other = (said(fit_linear(parts(), each(LOGISTIC), of).model, of) for of in (train, larger))
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_every_variant_of_a_clip_is_learned_with_its_speaker(rng):
    train = samples(rng, speakers=2)
    row_of = np.repeat(np.arange(len(train)), 2)
    variants = Variants(train.audio[row_of] + 1, row_of)
    fitted = fit_linear(parts(), each(LOGISTIC), replace(train, variants=variants))
    by_hand = replace(
        train,
        clips=(*train.clips, *(train.clips[row] for row in row_of)),
        audio=np.concatenate([train.audio, variants.audio]),
        labels=np.concatenate([train.labels, train.labels[row_of]]),
    )
    expected = said(fit_linear(parts(), each(LOGISTIC), by_hand).model, train)
    np.testing.assert_allclose(said(fitted.model, train), expected, atol=1e-6)


def test_many_values_cost_little(rng):
    """In 6,000 values the weights lie in the space of the clips, so that is where they are sought."""
    space = RowSpace.of(rng.normal(size=(60, 6000)), np.ones(6000))
    assert space.values.shape == (60, 59) and space.basis.shape == (6000, 59)
