"""What training hears of variants: one a clip and epoch, or all as samples of their own."""

from dataclasses import replace

import numpy as np
import pytest

from ravdess_exp.features.audio import AudioInput
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.scoring.predictions import predict
from ravdess_exp.training.dataset import Batches, relabelled, shuffled_labels
from ravdess_exp.training.linear import fit_linear
from ravdess_exp.training.variants import Variants
from tests.training import test_linear as linear
from tests.training.test_dataset import CLIPS, assert_same, augmentation, samples  # noqa: F401 - a fixture

AS_THEY_ARE = AudioInput("sample", 40)


@pytest.fixture
def varied(samples, rng, tmp_path):  # noqa: F811 - a fixture of there
    """Every clip but the fourth has two variants."""
    features = {}
    for clip in CLIPS[:3] + CLIPS[4:]:
        features[clip.name] = Rows(tmp_path)
        for _ in range(2):
            features[clip.name].append(rng.normal(size=(24, 40)).astype(np.float32))
    made = Variants.of(CLIPS, features, audio_input=AS_THEY_ARE, folder=tmp_path)
    return replace(samples, variants=made)


def heard(of, epochs: int, seed: int = 1) -> list[list[int]]:
    """By clip, what each epoch heard of it: 0 is itself, then its variants by number."""
    known = {sound.tobytes(): (row, 0) for row, sound in enumerate(of.audio)}
    for place, row in enumerate(of.variants.row_of):
        number = 1 + int(np.sum(of.variants.row_of[:place] == row))
        known[of.variants.audio[place].tobytes()] = (int(row), number)
    found = [[] for _ in of.clips]
    batches = Batches(of, batch_size=10, augment=augmentation("none"), shuffle=True, seed=seed)
    for _ in range(epochs):
        for (audio, _), labels in batches:
            for sound, label in zip(audio, labels, strict=True):
                row, number = known[sound.tobytes()]
                assert of.labels[row] == label
                found[row].append(number)
    return found


def test_an_epoch_hears_each_clip_once_as_it_is_or_varied(varied):
    found = heard(varied, 60)
    assert [len(numbers) for numbers in found] == [60] * 10
    assert set(found[3]) == {0}, "it has none"
    shares = np.bincount(np.concatenate(found[:3] + found[4:])) / (9 * 60)
    np.testing.assert_allclose(shares, 1 / 3, atol=0.07)
    assert found[0] != found[1], "each clip draws for itself"
    assert found == heard(varied, 60) != heard(varied, 60, seed=2)


@pytest.mark.parametrize("option", ["none", "masks"])
def test_tf_data_hears_the_same(varied, option):
    def batches():
        return Batches(varied, batch_size=4, augment=augmentation(option), shuffle=True, seed=3)

    fast = batches().dataset()
    plain = batches()
    for _ in range(3):
        assert_same(plain, fast.as_numpy_iterator())


def test_all_of_them_as_samples_of_their_own(varied):
    """For a model that is fitted once: no epoch could draw."""
    every = varied.with_variants()
    assert len(every) == 10 + 18 == len(every.clips) == len(every.faces)
    assert every.variants is None and every.with_variants() is every
    np.testing.assert_array_equal(every.audio[:10], varied.audio)
    np.testing.assert_array_equal(every.audio[10:], varied.variants.audio[:])
    for row, of in enumerate(varied.variants.row_of, start=10):
        assert every.clips[row] == varied.clips[of] and every.labels[row] == varied.labels[of]
        np.testing.assert_array_equal(every.faces[row], varied.faces[of])


def test_faces_on_disk_are_not_read_for_it(varied, tmp_path):
    faces = Rows(tmp_path)
    for clip in varied.faces:
        faces.append(clip)
    every = replace(varied, faces=faces).with_variants()
    assert isinstance(every.faces, Rows)
    np.testing.assert_array_equal(every.faces[[10, 27]], varied.faces[[0, 9]])
    assert replace(varied, faces=None).with_variants().faces is None


def test_shuffled_labels_go_with_the_clip(varied):
    """Or the sanity check would leave the true labels on the variants."""
    names = [clip.name for clip in varied.clips]
    labels = dict(zip(names, map(int, varied.labels), strict=True))
    drawn = shuffled_labels(labels, dict(zip(names, names, strict=True)), seed=0)
    every = relabelled(varied, drawn).with_variants()
    assert (every.labels[10:] == every.labels[varied.variants.row_of]).all()
    assert (every.labels[:10] != varied.labels).any()


def test_no_variant_is_scored(varied):
    """Also where samples have some: a score is of the clips as they are."""
    seen = []

    class Watched:
        def predict_on_batch(self, inputs):
            seen.append(inputs[0])
            return inputs[0][:, :7, 0, 0]

    predict(Watched(), varied, batch_size=5)
    np.testing.assert_array_equal(np.concatenate(seen), varied.audio)


def test_clips_without_variants_have_none(tmp_path):
    assert Variants.of(CLIPS, {}, audio_input=AS_THEY_ARE, folder=tmp_path) is None


@pytest.mark.parametrize("c", [0.05, None], ids=["C given", "C chosen by speakers"])
def test_a_linear_model_takes_all_of_them(rng, tmp_path, c):
    """It is fitted once: each variant is a sample with its clip's label and speaker."""
    train, test = (linear.samples(rng, audio=(12, 1)) for _ in range(2))
    audio = Rows(tmp_path)
    for sound in train.audio[:40]:
        audio.append(sound + rng.normal(size=sound.shape).astype(np.float32))
    every = replace(train, variants=Variants(audio, np.arange(40)))
    models = [
        fit_linear(linear.parts(), linear.each(replace(linear.LOGISTIC, c=c)), of).model
        for of in (every, every.with_variants(), train)
    ]
    one, same, clean = (linear.said(model, test) for model in models)
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - clean).max() > 0.01
