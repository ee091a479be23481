"""One test for each way in which published code of this field has scored what it had learned.

Speakers in two sets are refused by every split: tests/corpus/test_split.py.
"""

import os
import random
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.manifest import Clip, expected_names, scan
from ravdess_exp.corpus.ravdess.labels import EMOTIONS, Classes
from ravdess_exp.corpus.split import SETS, FixedSplit, Split
from ravdess_exp.errors import FaceError, SplitError
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.variants import varied
from ravdess_exp.folder import RunFolder
from ravdess_exp.media.crops import fill_gaps
from ravdess_exp.media.faces import Box
from ravdess_exp.models.fusion import load_model
from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.prepare.clips import Prepared, read_waveforms
from ravdess_exp.prepare.entries import feature_of
from ravdess_exp.prepare.preparation import Preparer
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.prepare.store import Store
from ravdess_exp.prepare.variants import variant_generator
from ravdess_exp.run import course, inputs
from ravdess_exp.run.build import Experiment, build
from ravdess_exp.run.experiment import run
from ravdess_exp.scoring.predictions import Predictions, predict
from ravdess_exp.scoring.sureness import Sureness
from ravdess_exp.study.bundle import choose_together
from ravdess_exp.training import network, settling
from ravdess_exp.training.dataset import Batches, Samples, make_samples, together
from ravdess_exp.training.variants import Variants
from tests.conftest import quick_overrides
from tests.corpus.test_manifest import touch
from tests.corpus.test_split import CORPUS, clip
from tests.corpus.test_split import OPTIONS as SPLITS
from tests.helpers.learners import small_learner
from tests.training.test_dataset import CLIPS

pytestmark = pytest.mark.usefixtures("unrendered")
SMALL = ("modality=audio", "audio=mfcc_mean", "audio_encoder=dense", "tracking=none")
LINEAR = ("modality=audio", "audio=mfcc", "audio.over_time=statistics", "audio_encoder=linear",
          "visual=pixels", "model=logistic", "model.c=1000", "tracking=none")  # fmt: skip


# --- which clips, and in which set ---


@pytest.mark.parametrize("option", SPLITS)
def test_a_split_by_list_order(option):
    """The first 80% of a listing train, and speakers are on both sides."""
    split = validate(compose_config([f"split={option}"])).split.build()
    backwards = split(CORPUS[::-1])
    for name in SETS:
        assert set(getattr(split(CORPUS), name)) == set(getattr(backwards, name))


def test_the_trial_in_another_modality_is_no_second_sample(tmp_path):
    """RAVDESS has each trial with sound, with picture and with both: one would train, one test."""
    trial = "01-03-01-01-01-01"
    touch(tmp_path, f"01-{trial}.mp4", f"02-{trial}.mp4", f"03-{trial}.mp4")
    manifest = scan(tmp_path)
    assert [clip.name for clip in manifest.clips] == [f"01-{trial}"]
    assert manifest.other == 2


def test_validation_is_not_the_test_set():
    """The epoch is chosen on the very clips that are scored."""
    split = validate(compose_config([])).split.build()(CORPUS)
    assert not set(split.validation) & set(split.test)
    with pytest.raises(SplitError, match="both in split.validation and in split.test"):
        Split(split.train, split.test, split.test)


def test_the_pair_of_identical_sound_never_crosses_a_split():
    """RAVDESS's own pair is of actor 7; within one set it stays."""
    split = FixedSplit(train=[1, 7], validation=[2], test=[3])(CORPUS)
    sound = {c.name: c.name for c in CORPUS}
    copies = ["01-01-03-01-01-01-01", "01-01-03-01-01-01-02", "01-01-03-01-01-01-03"]
    sound.update(dict.fromkeys(copies, "the same"))
    pair = ["01-01-03-01-02-01-07", "01-01-03-01-02-02-07"]
    sound.update(dict.fromkeys(pair, "of actor 7"))
    clean, notes = split.without_shared_sound(sound)
    assert clip(copies[0]) not in clean.train
    assert clip(copies[1]) not in clean.validation
    assert clip(copies[2]) in clean.test, "what is scored must not depend on what is trained on"
    assert len(notes) == 2 and all("the same sound as" in note for note in notes)
    heard = [{sound[c.name] for c in getattr(clean, name)} for name in SETS]
    assert not heard[0] & heard[2] and not heard[0] & heard[1] and not heard[1] & heard[2]
    assert {clip(name) for name in pair} <= set(clean.train)


@pytest.mark.parametrize("planted", [False, True])
def test_a_planted_leak_shows_in_shuffled_labels(configure, tmp_path, planted):
    """The check that is to find a leak must be able to: its positive control, and what it is without."""
    overrides = ["data.shuffle_labels=true", f"data.plant_leak={str(planted).lower()}"]
    config = configure(*LINEAR, *overrides)
    run(config, folder=tmp_path)
    found = RunFolder(tmp_path).metrics()
    assert ("split/leaky" in found) == planted
    assert found["test/accuracy"] == 1.0 if planted else found["test/accuracy"] < 0.7


def test_labels_shuffled_set_by_set_would_not_see_it(configure, tmp_path, monkeypatch):
    """As they were before: a test clip that trains has another label there."""

    def by_set(samples, labels):
        drawn = np.random.default_rng(len(samples)).permutation(samples.labels)
        return replace(samples, labels=drawn)

    monkeypatch.setattr(inputs, "relabelled", by_set)
    run(configure(*LINEAR, "data.shuffle_labels=true", "data.plant_leak=true"), folder=tmp_path)
    assert RunFolder(tmp_path).metrics()["test/accuracy"] < 0.7


# --- what is made of a clip ---


def test_a_stale_face_box_is_not_reused():
    """The detector fails, and the last clip's box is still in the variable."""
    fill_gaps([Box(1, 1, 5, 5)] * 6)
    with pytest.raises(FaceError, match="no face found in any of its 6 frames"):
        fill_gaps([None] * 6)


def test_the_label_map_is_not_off_by_one():
    """Emotion codes start at 1, and merging calm shifts all that follow."""
    seven = [Classes().names[Classes().index(code)] for code in EMOTIONS]
    assert seven == [
        "neutral", "neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised",
    ]  # fmt: skip
    assert [Classes(8).names[Classes(8).index(code)] for code in EMOTIONS] == list(
        EMOTIONS.values()
    )
    assert sorted({Classes().index(code) for code in EMOTIONS}) == list(range(7))


def prepared(rng, lengths: list[int], scale: list[float]) -> Prepared:
    """Clips with features of these lengths and sizes."""
    names = [clip.name for clip in CLIPS[: len(lengths)]]
    features, faces = Rows(Path(tempfile.gettempdir())), Rows(Path(tempfile.gettempdir()))
    for length, size in zip(lengths, scale, strict=True):
        features.append(size * rng.normal(size=(24, length)).astype(np.float32))
    for array in rng.integers(0, 256, (len(lengths), 6, 8, 8, 3), dtype=np.uint8):
        faces.append(array)
    return Prepared(
        clips=CLIPS[: len(lengths)],
        features=features,
        faces=faces,
        found=np.ones((len(lengths), 6), bool),
        intervals=np.zeros((len(lengths), 2)),
        sound_digests={name: name for name in names},
        contents={name: name for name in names},
        failures=[],
        made=0,
    )


def samples_of(data: Prepared, sets: list, how: str = "train") -> list[Samples]:
    feature = validate(compose_config(["audio=mfcc", f"audio.standardise={how}"])).audio.build()
    fitted = AudioInput.fit(feature, train=data.features_of(sets[0]), corpus=data.features)
    return make_samples(data, sets, audio_input=fitted, classes=Classes(), one_hot=False)


@pytest.mark.parametrize("how", ["sample", "coefficient", "train"])
def test_nothing_is_fitted_on_validation_or_test_clips(how):
    """Neither the mean nor the deviation nor the length M of the training clips knows of others."""
    sets = [CLIPS[:2], CLIPS[2:3], CLIPS[3:4]]
    lengths, others = [10, 20, 100, 400], [10, 20, 3, 7]
    one, two = (
        samples_of(prepared(np.random.default_rng(0), of, scale), sets, how)
        for of, scale in ((lengths, [1, 1, 1, 1]), (others, [1, 1, 1000, 0.001]))
    )
    assert [part.audio.shape[2] for part in (*one, *two)] == [15] * 6
    np.testing.assert_array_equal(one[0].audio, two[0].audio)
    if how == "train":
        assert one[0].audio.std() == pytest.approx(1, abs=0.2)
        assert two[1].audio.std() > 100 > 0.2 > two[2].audio.std(), "by training's measure"


@pytest.mark.parametrize("how", ["feature", "block"])
def test_a_picture_feature_is_standardised_by_training_clips_alone(rng, how, tmp_path):
    """Other validation and test clips change nothing of what training sees."""
    config = validate(compose_config(["visual=hog", f"visual.standardise={how}", "modality=video"]))
    experiment = build(config)
    width = sum(experiment.recipe.picture.blocks(experiment.recipe.size))
    common = rng.normal(5, 2, (2, 6, width)).astype(np.float32)
    split = SimpleNamespace(train=CLIPS[:2])
    fitted = []
    for size in (1.0, 1000.0):
        rows = Rows(tmp_path)
        for one in (*common, *size * rng.normal(size=(2, 6, width)).astype(np.float32)):
            rows.append(one)
        data = replace(prepared(rng, [1] * 4, [1] * 4), features=Rows(tmp_path), faces=rows)
        fitted.append(inputs.fit_inputs(experiment, split, data).picture)
    np.testing.assert_array_equal(fitted[0].mean, fitted[1].mean)
    np.testing.assert_array_equal(fitted[0].deviation, fitted[1].deviation)
    assert fitted[0](common).std() == pytest.approx(1, abs=0.1)


def test_a_test_loader_reads_test_clips(rng):
    """A copied line, and the test loader is over the training data."""
    data = prepared(rng, [10, 20, 30, 40], [1, 1, 1, 1])
    sets = [CLIPS[3:4], CLIPS[0:2], CLIPS[2:3]]
    for part, clips, rows in zip(samples_of(data, sets), sets, ([3], [0, 1], [2]), strict=True):
        assert part.clips == clips
        np.testing.assert_array_equal(part.faces, data.faces[rows])


def variants_of_set(
    built: Experiment, part: Samples, prepared: Prepared, audio_input
) -> set[bytes]:
    """The variants that a set's clips have, made here from their speech."""
    recipe, ranges, found = built.recipe, built.preparation.variants, set()
    store = Store(built.preparation.store)
    waveforms = read_waveforms(prepared, part.clips, recipe=recipe, store=store)
    for spoken, waveform in zip(part.clips, waveforms, strict=True):
        for number in range(ranges.count):
            rng = variant_generator(prepared.contents[spoken.name], number)
            sound = varied(waveform, rng, ranges, sample_rate=recipe.feature.sample_rate)
            found.add(audio_input(feature_of(sound, recipe)).tobytes())
    return found


def require_variants_of_training_alone(config) -> None:
    """Fails where training has a variant of a clip of another set, or another set has any."""
    built, preparer = build(config), Preparer()
    manifest = built.corpus.find()
    split = built.corpus.split(manifest)
    prepared = preparer(built.preparation, sorted(split.clips()))
    every = inputs.vary_sound(
        built, prepared, prepared.clips, preparer
    )  # as another fold needs them
    fitted, (train, validation, test) = inputs.make_inputs(built, split, prepared, every)
    trains = {sound.tobytes() for sound in train.variants.audio}
    own, *others = (
        variants_of_set(built, part, prepared, fitted.audio) for part in (train, validation, test)
    )
    assert trains == own and len(own) == 2 * len(train)
    assert not trains & set().union(*others)
    assert validation.variants is None and test.variants is None


VARIED = (*SMALL, "augment.sound_variants=2")


def test_a_variant_of_a_test_clip_never_trains(configure):
    """Cut into train and test after augmentation: a changed copy of each test clip was learned."""
    require_variants_of_training_alone(configure(*VARIED))


@pytest.mark.parametrize("saboteur", ["variants by place", "variants of test clips too"])
def test_a_variant_of_a_test_clip_that_trains_is_noticed(configure, monkeypatch, saboteur):
    """The check before this one can fail."""
    real = Variants.of

    def of(clips, features, **common):
        if saboteur == "variants by place":  # of whichever clips come first in the corpus
            features = dict(
                zip((c.name for c in clips), list(features.values())[::-1], strict=False)
            )
        else:
            clips = [Clip.from_path(Path(f"{name}.mp4")) for name in features]
        return real(clips, features, **common)

    monkeypatch.setattr(Variants, "of", of)
    with pytest.raises(AssertionError):
        require_variants_of_training_alone(configure(*VARIED))


# --- evaluation ---


def test_nothing_is_augmented_at_evaluation(rng):
    """What scores a model is the clips as they are, in their order, each time."""
    samples = Samples(
        clips=CLIPS,
        audio=rng.normal(size=(10, 24, 40, 1)).astype(np.float32),
        faces=rng.integers(0, 256, (10, 6, 32, 32, 3), dtype=np.uint8),
        labels=np.arange(10) % 7,
        names=Classes().names,
        one_hot=False,
    )
    batches = Batches(samples, batch_size=10)
    for _ in range(2):
        (((audio, video), labels),) = batches
        np.testing.assert_array_equal(audio, samples.audio)
        np.testing.assert_array_equal(video, samples.faces[:] / np.float32(255))
        np.testing.assert_array_equal(labels, samples.labels)

    class Watched:
        def predict_on_batch(self, inputs):
            seen.append(inputs[0])
            return inputs[0][:, :7, 0, 0]

    for size in (1, 4, 5, 10, 16):
        seen: list[np.ndarray] = []
        found = predict(Watched(), samples, batch_size=size)
        heard = np.concatenate(seen)
        np.testing.assert_array_equal(heard[:10], samples.audio)
        # the last batch is filled up, and what fills it is scored once all the same
        np.testing.assert_array_equal(found.probabilities, samples.audio[:, :7, 0, 0])
        assert found.confusion().sum() == 10


@pytest.mark.parametrize(
    "classes", [Classes(7), Classes(8), Classes(7, ("disgust",)), Classes(8, ("neutral",))], ids=str
)
def test_the_report_has_the_class_order_of_the_training(classes, tmp_path):
    """A model that is always right, by the numbers it was trained on, is right by every name."""
    clips = tuple(
        found
        for found in (Clip.from_path(Path(f"{n}.mp4")) for n in list(expected_names())[:60])
        if found.emotion not in classes.without
    )
    labels = np.array([classes.index(found.emotion) for found in clips])
    written = labels.astype(np.float32)[:, None, None, None]
    samples = Samples(clips, written, None, labels, classes.names, False)

    class Oracle:
        def predict_on_batch(self, inputs):
            return np.eye(len(classes.names), dtype=np.float32)[inputs[0].ravel().astype(int)]

    found = predict(Oracle(), samples, batch_size=16)
    found.save(tmp_path / "predictions.csv")
    table = pd.read_csv(tmp_path / "predictions.csv")
    spoken = [EMOTIONS[int(name.split("-")[2])] for name in table["clip"]]
    merged = ["neutral" if len(classes.names) < 8 and s == "calm" else s for s in spoken]
    expected = merged if "neutral" in classes.names else spoken
    assert list(table["label"]) == list(table["prediction"]) == expected
    assert list(table[list(classes.names)].idxmax(axis=1)) == expected
    recalls = found.scores().recall
    assert set(recalls) == set(expected)
    assert set(recalls.values()) == {1.0}


def test_the_test_set_is_not_touched_before_the_end(configure, tmp_path, monkeypatch):
    """Training and calibration see train and validation alone; test is predicted once, afterwards."""
    order = []
    real_fit, real_predict, real_calibrate = network.fit, course.predict, settling.calibrate

    def fit(model, train, validation, **kwargs):
        actors = {c.actor for c in (*train.samples.clips, *validation.samples.clips)}
        order.append(("fit", actors))
        return real_fit(model, train, validation, **kwargs)

    def predict(model, samples, **kwargs):
        order.append(("predict", {clip.actor for clip in samples.clips}))
        return real_predict(model, samples, **kwargs)

    def calibrate(model, samples, **kwargs):
        order.append(("calibrate", {clip.actor for clip in samples.clips}))
        return real_calibrate(model, samples, **kwargs)

    monkeypatch.setattr(network, "fit", fit)
    monkeypatch.setattr(settling, "calibrate", calibrate)
    monkeypatch.setattr(course, "predict", predict)
    run(configure("tracking=none"), folder=tmp_path / "run")
    assert order == [
        ("fit", {1, 2, 3}), ("calibrate", {3}), ("predict", {3}), ("predict", {4}),
    ]  # fmt: skip


LAYER = "audio=whisper audio.layer=chosen audio_encoder=dense modality=audio"


@pytest.mark.parametrize("how", ["audio.standardise=train", "augment=sound", LAYER])
def test_nothing_of_the_test_set_reaches_the_training(configure, tmp_path, corpus, how):
    """Other test clips, same model: no statistic, no length, no weight depends on them."""
    settings = ("tracking=none", "training.epochs=2", *how.split())
    run(configure(*settings), folder=tmp_path / "one")
    fewer = shutil.copytree(corpus, tmp_path / "fewer")
    for path in sorted((fewer / "Actor_04").glob("*-02-01-04.mp4")):
        path.unlink()
    changed = configure(*settings, f"data.root={fewer}")
    run(changed, folder=tmp_path / "two")
    one, two = (
        load_model(tmp_path / name / "model.keras").get_weights() for name in ("one", "two")
    )
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_layer_is_chosen_without_validation_and_test_speakers(configure, tmp_path, monkeypatch):
    """The layer that is best on whom the model is chosen by, or scored on, is flattered."""
    asked = []

    def layer_of(feature, train, labels, speakers):
        asked.append((len(train), {*np.asarray(speakers).tolist()}))
        return real(feature, train, labels, speakers)

    real = inputs.layer_of
    monkeypatch.setattr(inputs, "layer_of", layer_of)
    run(configure("tracking=none", *LAYER.split(), "training.refit=true", "training.choose=last"),
        folder=tmp_path)  # fmt: skip
    assert asked == [(16, {1, 2})], "the clips of the two training speakers, and once"


# --- what is fitted beside the weights: temperatures, weights of branches, refit, averages ---


@pytest.fixture(scope="module")
def with_all(corpus, store_root, tmp_path_factory):
    """Runs a late fusion of two members, fitted again, on a corpus; returns its folder."""
    late = ["tracking=none", "fusion=late", "fusion.weights=validation", "training.epochs=2"]
    base = quick_overrides(corpus, store_root, *late)
    base += ["training.choose=last", "training.refit=true", "training.members=2"]

    def make(*overrides: str) -> Path:
        folder = tmp_path_factory.mktemp("late") / "run"
        run(validate(compose_config([*base, *overrides])), folder=folder)
        return folder

    return make


@pytest.mark.slow
def test_neither_temperature_nor_weight_nor_refit_knows_the_test_clips(with_all, corpus, tmp_path):
    """Other test clips, some of them gone: the same model to the last bit, temperatures included."""
    fewer = shutil.copytree(corpus, tmp_path / "fewer")
    for path in sorted((fewer / "Actor_04").glob("*-02-01-04.mp4")):
        path.unlink()
    calm = sorted((fewer / "Actor_04").glob("01-01-02-*.mp4"))[0]  # neutral is left of its class
    calm.rename(calm.with_name(calm.name.replace("01-01-02", "01-01-03", 1)))  # another label
    one, two = (load_model(with_all(*of) / "model.keras") for of in ((), (f"data.root={fewer}",)))
    assert float(one.get_layer("emotion").temperature) != 1
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_temperatures_and_weights_of_branches_are_fitted_on_validation_clips(rng, monkeypatch):
    """Training clips do not fit them either: a model is surer of those than it may be."""
    seen = []

    class Watched(network.NetworkLearner):
        def _members(self, kind, train, validation):
            seen.append((kind, {c.actor for c in train.clips}))
            return super()._members(kind, train, validation)

    real = settling.calibrate

    def calibrate(model, samples, **kwargs):
        seen.append(("calibrate", {c.actor for c in samples.clips}))
        return real(model, samples, **kwargs)

    monkeypatch.setattr(settling, "calibrate", calibrate)
    train, validation = samples_of_actors(rng, 1), samples_of_actors(rng, 2)
    learn(Watched, train, validation, refit=True)
    assert seen == [("member", {1}), ("calibrate", {2}), ("refit", {1, 2})]


def test_refit_learns_from_training_and_validation_clips_and_no_others(rng):
    train, validation = samples_of_actors(rng, 1), samples_of_actors(rng, 2)
    both = together(train, validation)
    assert both.clips == train.clips + validation.clips
    np.testing.assert_array_equal(both.labels, np.concatenate([train.labels, validation.labels]))
    np.testing.assert_array_equal(both.audio[len(train) :], validation.audio)


def test_the_validation_score_of_a_refitted_model_is_that_of_the_one_before(rng):
    """Or it would be a score on training clips."""
    train, validation = samples_of_actors(rng, 1), samples_of_actors(rng, 2)
    once = learn(network.NetworkLearner, train, validation)
    again = learn(network.NetworkLearner, train, validation, refit=True)
    inputs = validation.inputs(range(len(validation)))
    told = [of.validated.predict(inputs, verbose=0) for of in (once, again)]
    np.testing.assert_array_equal(*told)
    assert not np.array_equal(told[0], again.model.predict(inputs, verbose=0))


def test_mixup_mixes_training_clips_alone(rng, monkeypatch):
    """A mixed batch is made of its own set's clips; validation is read as it is."""
    read = []
    real = network.fit

    def fit(model, train, validation, **kwargs):
        read.append((list(train), list(validation)))
        return real(model, train, validation, **kwargs)

    monkeypatch.setattr(network, "fit", fit)
    train, validation = samples_of_actors(rng, 1), samples_of_actors(rng, 2)
    train.audio[:], validation.audio[:] = 1.0, 100.0
    learn(network.NetworkLearner, train, validation, mixup=0.4)
    ((mixed, plain),) = read
    shares = np.concatenate([labels for _, labels in mixed])
    assert ((shares > 0.01) & (shares < 0.99)).any(), "labels are mixed"
    np.testing.assert_allclose(np.concatenate([audio for (audio,), _ in mixed]), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(np.concatenate([audio for (audio,), _ in plain]), 100.0)
    assert set(np.unique(np.concatenate([labels for _, labels in plain]))) == {0.0, 1.0}


def test_all_members_learn_from_the_same_clips(rng, monkeypatch):
    """Averaging over other sets would have each test clip among some member's training clips."""
    sets = []
    real = network.fit

    def fit(model, train, validation, **kwargs):
        sets.append((train.samples.clips, validation.samples.clips, train.seed))
        return real(model, train, validation, **kwargs)

    monkeypatch.setattr(network, "fit", fit)
    train, validation = samples_of_actors(rng, 1), samples_of_actors(rng, 2)
    learn(network.NetworkLearner, train, validation, members=3)
    assert [of[:2] for of in sets] == [(train.clips, validation.clips)] * 3
    assert [seed for *_, seed in sets] == [0, 1000, 2000]


def samples_of_actors(rng, actor: int) -> Samples:
    """Fourteen clips of one actor, sound alone."""
    clips = tuple(Clip.from_path(Path(f"01-01-0{1 + n % 8}-01-0{1 + n // 8}-01-0{actor}.mp4"))
                  for n in range(14))  # fmt: skip
    audio = rng.normal(size=(14, 7, 4, 1)).astype(np.float32)
    return Samples(clips, audio, None, np.arange(14) % 7, Classes().names, False)


def learn(learner, train: Samples, validation: Samples, **own):
    """Two epochs of a small model."""
    with tempfile.TemporaryDirectory() as folder:
        return small_learner(Path(folder), learner, epochs=2, choose="last", **own)(
            train, validation
        )


def said_of(rng, clips: int) -> Predictions:
    """Predictions of so many clips: the surer, the more often right."""
    probabilities = rng.dirichlet(np.full(3, 0.5), clips)
    labels = np.array([rng.choice(3, p=p) for p in probabilities])
    return Predictions(
        ("a", "b", "c"), tuple(map(str, range(clips))), np.ones(clips, int), labels, probabilities
    )


def test_the_threshold_of_not_sure_does_not_depend_on_test_labels_or_clips(rng):
    """What is sure is chosen by validation; on test it is only counted."""
    validation, test, fewer = said_of(rng, 200), said_of(rng, 100), said_of(rng, 7)
    wrong = replace(test, labels=(test.predicted + 1) % 3)
    thresholds = {
        Sureness.of(validation, scored, wanted=0.8).threshold for scored in (test, wrong, fewer)
    }
    assert len(thresholds) == 1 and 0 < thresholds.pop().value < 1
    others = replace(validation, labels=(validation.predicted + 1) % 3)
    assert Sureness.of(others, test, wanted=0.8).threshold.value is None, "it depends on these"
    assert Sureness.of(validation, wrong, wanted=0.8).test.accuracy == 0


def test_the_threshold_in_the_bundle_is_that_of_the_validation_clips(configure, tmp_path, corpus):
    """A run with other test clips has the same one; so has a study's of the same runs."""
    settings = (*SMALL, "evaluation.sure_accuracy=0.1", "training.epochs=2")
    fewer = shutil.copytree(corpus, tmp_path / "fewer")
    for path in sorted((fewer / "Actor_04").glob("*-02-01-04.mp4")):
        path.unlink()
    found = []
    for name, more in (("one", ()), ("two", (f"data.root={fewer}",))):
        run(configure(*settings, *more), folder=tmp_path / name)
        chosen = pd.read_csv(tmp_path / name / "predictions_validation.csv")
        assert set(chosen["actor"]) == {3}
        found.append(Bundle.load(tmp_path / name / "bundle").facts.sure)
    assert found[0] == found[1] and found[0].wanted == 0.1
    pooled = choose_together([tmp_path / "one", tmp_path / "two"], found)
    one = choose_together([tmp_path / "one"], found[:1])
    assert pooled == one, "the same validation clips; test clips are in neither"


# --- the folder and the file system ---


def shuffled_walk(monkeypatch) -> None:
    """Another file system: folders and files are listed in another order."""
    real = os.walk

    def walk(*args, **kwargs):
        for folder, folders, files in real(*args, **kwargs):
            random.Random(1).shuffle(folders)
            random.Random(2).shuffle(files)
            yield folder, folders, files

    monkeypatch.setattr(os, "walk", walk)


def test_the_order_of_clips_does_not_depend_on_the_file_system(tmp_path, monkeypatch):
    touch(tmp_path, *(f"Actor_{n[-2:]}/{n}.mp4" for n in list(expected_names())[:200]))
    straight = scan(tmp_path).clips
    shuffled_walk(monkeypatch)
    assert scan(tmp_path).clips == straight


@pytest.mark.slow
def test_results_depend_neither_on_the_file_system_nor_on_an_earlier_run(
    configure, tmp_path, monkeypatch
):
    """An old annotation file is replaced and never appended to; another listing, same scores."""
    run(configure(*SMALL), folder=tmp_path / "new")
    tables = ("predictions.csv", "history.csv", "split.csv", "failures.csv")
    old = tmp_path / "old"
    old.mkdir()
    for name in (*tables, "metrics.json", "model.keras"):
        (old / name).write_text("left over from another run\n")
    shuffled_walk(monkeypatch)
    run(configure(*SMALL), folder=old)
    for name in tables:
        assert (old / name).read_bytes() == (tmp_path / "new" / name).read_bytes(), name
    load_model(old / "model.keras")


def test_a_run_that_fails_leaves_no_results_of_an_earlier_one(configure, tmp_path):
    """Or a study would take the old metrics.json for the sign that this run is whole."""
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("metrics.json", "predictions.csv"):
        (folder / name).write_text("left over from another run\n")
    with pytest.raises(SplitError):
        run(configure(*SMALL, "data.without_emotions=[]", "split.test=[9]"), folder=folder)
    assert not {path.name for path in folder.iterdir()} & {"metrics.json", "predictions.csv"}
