"""Batches: form, range, sameness of the two readers, augmentation of training clips only."""

from pathlib import Path

import numpy as np
import pytest

from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.manifest import Clip, expected_names
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.training.augment import Augment
from ravdess_exp.training.dataset import Batches, Samples

MFCC = validate(compose_config([])).audio.build()
CLIPS = tuple(Clip.from_path(Path(f"{n}.mp4")) for n in list(expected_names())[:10])
OPTIONS = sorted(path.stem for path in Path(conf_dir(), "augment").glob("*.yaml"))


@pytest.fixture
def samples(rng) -> Samples:
    return Samples(
        clips=CLIPS,
        audio=rng.normal(size=(10, 24, 40, 1)).astype(np.float32),
        faces=rng.integers(0, 256, (10, 6, 32, 32, 3), dtype=np.uint8),
        labels=np.arange(10) % 7,
        names=Classes().names,
        one_hot=False,
    )


def augmentation(option: str = "masks") -> Augment:
    return validate(compose_config([f"augment={option}"])).augment.build()


def assert_same(one, two) -> None:
    for (inputs_one, labels_one), (inputs_two, labels_two) in zip(one, two, strict=True):
        np.testing.assert_array_equal(labels_one, labels_two)
        for a, b in zip(inputs_one, inputs_two, strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_generator_has_the_documented_form(samples):
    (inputs, _), *rest = list(Batches(samples, batch_size=4))
    assert isinstance(inputs, list) and [len(labels) for _, labels in rest] == [4, 2]
    audio, video = inputs
    assert audio.shape == (4, 24, 40, 1) and audio.dtype == np.float32
    assert video.shape == (4, 6, 32, 32, 3) and video.dtype == np.float32
    assert 0 <= video.min() < 0.1 and 0.9 < video.max() <= 1
    np.testing.assert_array_equal(video[0], samples.faces[0] / np.float32(255))


def test_one_hot_on_request(samples):
    one_hot = Samples(**{**vars(samples), "one_hot": True})
    _, labels = next(iter(Batches(one_hot, batch_size=10)))
    assert labels.shape == (10, 7) and labels.dtype == np.float32
    np.testing.assert_array_equal(labels.argmax(axis=1), samples.labels)


@pytest.mark.parametrize("option", OPTIONS)
def test_the_generator_and_tf_data_give_the_same_samples(samples, option):
    def batches():
        return Batches(samples, batch_size=4, augment=augmentation(option), shuffle=True, seed=3)

    plain, fast = batches(), batches().dataset()
    for _ in range(3):
        assert_same(plain, fast.as_numpy_iterator())


@pytest.mark.parametrize("option", OPTIONS)
def test_augmentation_changes_no_sample_itself(samples, option):
    """Or each epoch would add to the one before, and a clip of two sets would be changed in both."""
    audio, faces = samples.audio.copy(), samples.faces.copy()
    for _ in Batches(samples, batch_size=4, augment=augmentation(option), shuffle=True):
        pass
    np.testing.assert_array_equal(samples.audio, audio)
    np.testing.assert_array_equal(samples.faces, faces)


def test_a_picture_feature_is_neither_scaled_nor_augmented(samples, rng):
    features = rng.normal(size=(10, 6, 40)).astype(np.float32)
    with_it = Samples(**{**vars(samples), "faces": features})
    batches = Batches(with_it, batch_size=10, augment=augmentation("default"))
    ((_, video), _) = next(iter(batches))
    np.testing.assert_array_equal(video, features)
    np.testing.assert_array_equal(with_it.inputs([3, 1])[1], features[[3, 1]])


def test_an_epoch_that_is_given_up_leaves_nothing_for_the_next(samples):
    batches = Batches(samples, batch_size=4)
    data = batches.dataset()
    next(iter(data))
    assert_same(batches, data.as_numpy_iterator())


def order(batches: Batches) -> list[int]:
    """Which clips an epoch reads, told by their sound."""
    place = {value: row for row, value in enumerate(batches.samples.audio[:, 0, 0, 0])}
    return [place[clip[0, 0, 0]] for (audio, _), _ in batches for clip in audio]


@pytest.mark.parametrize("size", [1, 4, 5, 10])
def test_a_training_epoch_reads_every_clip_in_another_order(samples, size):
    """And fills its last batch up with its first clips, so that all are of one size."""
    batches = Batches(samples, batch_size=size, shuffle=True, seed=1)
    one, two = order(batches), order(batches)
    assert sorted(one[:10]) == sorted(two[:10]) == list(range(10))
    assert len(one) == len(batches) * size and one[10:] == one[: len(one) - 10]
    assert one != two


def test_a_set_smaller_than_a_batch_is_one_batch(samples):
    assert sorted(order(Batches(samples, batch_size=16, shuffle=True))) == list(range(10))


@pytest.mark.parametrize("size", [1, 4, 5, 10, 16])
def test_evaluation_reads_every_clip_once_and_in_order(samples, size):
    assert order(Batches(samples, batch_size=size)) == list(range(10))


def test_tensorflow_knows_the_size_of_a_training_batch(samples):
    """Without it a step of the BLSTM takes a tenth longer."""

    def sizes(**kind):
        inputs, labels = Batches(samples, batch_size=4, **kind).dataset().element_spec
        return [part.shape[0] for part in (*inputs, labels)]

    assert sizes(shuffle=True) == sizes(filled=True) == [4, 4, 4]
    assert sizes() == [None, None, None]


def test_an_epoch_can_be_repeated(samples):
    batches = Batches(samples, batch_size=4, augment=augmentation(), shuffle=True, seed=1)
    epochs = [list(batches) for _ in range(3)]
    batches.epoch = 1
    assert_same(batches, epochs[1])


@pytest.mark.parametrize("option", OPTIONS)
def test_augmented_faces_stay_faces(samples, option, rng):
    frames = samples.faces[0]
    changed = augmentation(option).faces(frames, rng)
    assert changed.shape == frames.shape and changed.dtype == np.float32
    assert changed.min() >= 0 and changed.max() <= 1


def test_augmentation_is_the_same_for_all_frames_of_a_clip(rng):
    frame = rng.integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
    still = np.repeat(frame, 6, axis=0)
    for _ in range(20):
        changed = augmentation("default").faces(still, rng)
        assert (changed == changed[:1]).all(), "or it would look like motion"
        assert not np.allclose(changed, still / 255)


def test_no_augmentation_changes_nothing(samples, rng):
    frames = samples.faces[0]
    none = augmentation("none")
    np.testing.assert_allclose(none.faces(frames, rng), frames / 255, atol=1e-6)
    np.testing.assert_array_equal(none.sound(samples.audio[0], rng), samples.audio[0])


def test_flip_mirrors_the_picture(rng):
    frames = rng.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    only_flip = Augment(**{**vars(augmentation("none")), "flip": True})
    seen = [only_flip.faces(frames, np.random.default_rng(i)) for i in range(20)]
    mirrored = [np.allclose(s, frames[:, :, ::-1] / 255, atol=1e-6) for s in seen]
    same = [np.allclose(s, frames / 255, atol=1e-6) for s in seen]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 3 < sum(mirrored) < 17


def test_modality_dropout_takes_one_input_of_some_clips(samples):
    """Never both, about as many as asked for, training only, and nothing else changes."""
    half = Augment(**{**vars(augmentation("default")), "modality_dropout": 0.5})
    dropped, plain = (
        Batches(samples, batch_size=10, augment=augment, shuffle=True, seed=1)
        for augment in (half, augmentation("default"))
    )
    lost = []
    for _ in range(30):
        (((audio, video), _),), (((whole_audio, whole_video), _),) = dropped, plain
        silent, dark = ~audio.any(axis=(1, 2, 3)), ~video.any(axis=(1, 2, 3, 4))
        assert not (silent & dark).any()
        np.testing.assert_array_equal(audio[~silent], whole_audio[~silent])
        np.testing.assert_array_equal(video[~dark], whole_video[~dark])
        lost.append([silent.mean(), dark.mean()])
    assert np.mean(lost, axis=0) == pytest.approx([0.25, 0.25], abs=0.08)
    sound_only = Samples(**{**vars(samples), "faces": None})
    for (audio,), _ in Batches(sound_only, batch_size=10, augment=half):
        assert audio.any(axis=(1, 2, 3)).all(), "the only input is never taken"


def test_gray_faces_are_augmented_too(samples, rng):
    gray = samples.faces[0, ..., :1]
    for option in OPTIONS:
        assert augmentation(option).faces(gray, rng).shape == gray.shape


def test_masks_set_bands_to_zero(rng):
    feature = rng.normal(size=(24, 100, 1)).astype(np.float32)
    masked = augmentation("masks").sound(feature, np.random.default_rng(5))
    hidden = masked == 0
    assert 0 < hidden.mean() < 0.4
    np.testing.assert_array_equal(masked[~hidden], feature[~hidden])
