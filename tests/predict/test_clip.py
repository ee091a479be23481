"""One file: the same as in the run, or a reason."""

import itertools
import os
import shutil

import numpy as np
import pytest

import ravdess_exp
from ravdess_exp.config.check import conf_dir
from ravdess_exp.predict.clip import Predictor
from tests.helpers.media_files import numbered_frames, tone, write_media
from tests.helpers.runs import of_run, train

AUDIO, FACE = (
    sorted(path.stem for path in (conf_dir() / group).glob("*.yaml")) for group in ("audio", "face")
)
ENCODER = dict.fromkeys(("mfcc_mean", "egemaps", "compare", "functionals", "several"), "dense")
ENCODER["mfcc"] = "conv1d_gru"  # one that is recurrent


def assert_same(folder, corpus) -> None:
    """Each test clip of the run gets the probabilities that stand in its predictions.csv."""
    predictor = ravdess_exp.load(folder)
    for clip, row in of_run(folder).iterrows():
        made = predictor.predict(corpus / f"Actor_{row.actor:02d}" / f"{clip}.mp4")
        assert made.reason is None and made.prediction == row.prediction
        expected = row[list(made.classes)].to_numpy(float)
        np.testing.assert_allclose(made.probabilities, expected, atol=1e-5, err_msg=clip)


@pytest.mark.slow
@pytest.mark.parametrize(("audio", "face"), itertools.zip_longest(AUDIO, FACE))
def test_every_feature_and_detector_predicts_as_in_the_run(
    corpus, store_root, tmp_path, audio, face
):
    """In pairs: the sound does not know of the detector, and a wrong crop changes the sum of both."""
    encoder = f"audio_encoder={ENCODER.get(audio, 'statistics')}"
    seen = f"face={face}" if face else "modality=audio"
    folder = train(tmp_path, corpus, store_root, f"audio={audio}", encoder, seen)
    assert_same(folder, corpus)


@pytest.mark.slow
@pytest.mark.parametrize(
    "overrides",
    [
        ("audio.standardise=train", "frames.colour=gray", "frames.chosen=loudest"),
        (
            "audio.standardise=coefficient",
            "audio.deltas=true",
            "frames.count=1",
            "visual.reference=none",
        ),
        ("data.classes=8", "trim.top_db=20", "frames.size=32", "data.one_hot=true"),
        ("data.without_emotions=[disgust]", "audio.frames=30", "fusion=gated"),
    ],
    ids=lambda overrides: overrides[0],
)
def test_every_setting_predicts_as_in_the_run(corpus, store_root, tmp_path, overrides):
    assert_same(train(tmp_path, corpus, store_root, *overrides), corpus)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["trained", "hears", "sees"])
def test_every_modality_predicts_as_in_the_run(request, corpus, kind):
    assert_same(request.getfixturevalue(kind), corpus)


@pytest.fixture(scope="module")
def files(tmp_path_factory, corpus):
    """A talking clip in parts, and what is no clip."""
    folder = tmp_path_factory.mktemp("files")
    clip = corpus / "Actor_03" / "01-01-03-01-01-01-03.mp4"
    from ravdess_exp.media.decode import Recording

    with Recording(clip) as recording:
        sound = recording.sound(48_000)
        times = np.arange(0.0, recording.seconds[1], 1 / 15)
        frames = recording.frames(times)
    made = {"clip": clip}
    made["sound"] = write_media(
        folder / "sound.wav", sound=sound, container="wav", audio_codec="pcm_s16le"
    )
    made["picture"] = write_media(folder / "picture.mp4", frames=frames, fps=15)
    made["silent"] = write_media(folder / "silent.mp4", sound=0 * sound, frames=frames, fps=15)
    made["faceless"] = write_media(
        folder / "faceless.mp4", sound=tone(), frames=numbered_frames(40)
    )
    made["short"] = write_media(
        folder / "short.mp4", sound=tone(0.03, before=0, after=0), frames=frames[:2], fps=15
    )
    made["text"] = folder / "text.mp4"
    made["text"].write_text("no film")
    made["pipe"] = folder / "pipe.mp4"
    os.mkfifo(made["pipe"])
    made["folder"] = folder
    made["nothing"] = folder / "nothing.mp4"
    made["long"] = write_media(
        folder / "long.mp4", sound=np.tile(tone(), 45), frames=frames[:1].repeat(70, 0), fps=1
    )
    return made


@pytest.mark.slow
def test_bytes_are_predicted_like_the_file(trained, files):
    predictor = ravdess_exp.load(trained)
    by_path, by_bytes = predictor.predict([files["clip"], files["clip"].read_bytes()])
    assert by_path.probabilities == by_bytes.probabilities and by_bytes.file == "<bytes>"
    assert by_path.interval == by_bytes.interval and by_path.faces == 1.0
    assert by_path.interval[0] < by_path.interval[1]
    assert by_path.remarks == ("the model was chosen by this very clip",)


@pytest.mark.slow
def test_each_bad_file_has_its_reason_and_the_others_go_on(trained, files):
    reasons = {
        "silent": "silent: the loudest sample is",
        "faceless": "no face found in any of its 7 frames",
        "short": "is not silence",
        "text": "not a readable media file",
        "pipe": "cannot be read (not a regular file)",
        "folder": "cannot be read (Is a directory)",
        "nothing": "cannot be read (No such file or directory)",
        "long": "longer than 60 s, the most that one clip may last; go through it in windows",
    }
    made = ravdess_exp.load(trained).predict([files[name] for name in (*reasons, "clip")])
    for prediction, reason in zip(made, reasons.values(), strict=False):
        assert reason in prediction.reason and prediction.prediction is None
    assert made[-1].reason is None and sum(made[-1].probabilities) == pytest.approx(1)


@pytest.mark.slow
def test_a_missing_input_is_gone_without_only_by_a_model_that_was_trained_to(
    trained, needs_both, files
):
    able, needing = ravdess_exp.load(trained), ravdess_exp.load(needs_both)
    for name, missing in (("sound", "picture"), ("picture", "sound")):
        made = able.predict(files[name])
        assert made.reason is None and len(made.probabilities) == 7
        assert f"no {missing} in the file: predicted without it" in made.remarks[0]
        refused = needing.predict(files[name])
        assert refused.probabilities is None
        assert f"no {missing} in the file, and this model needs both" in refused.reason
    full = able.predict(files["clip"])
    assert full.probabilities != able.predict(files["sound"]).probabilities


@pytest.mark.slow
def test_zeros_stand_for_what_is_missing_as_in_training(trained, files):
    predictor = ravdess_exp.load(trained)
    made = predictor.predict(files["sound"])
    (member,) = predictor.bundle.members
    from ravdess_exp.media.decode import Recording
    from ravdess_exp.prepare.entries import speech_of

    with Recording(files["sound"], picture=False) as recording:
        speech = speech_of(recording, predictor.bundle.recipe)
    feature = predictor.bundle.recipe.feature(speech["waveform"])
    faces = np.zeros((1, 7, 64, 64, 3), np.float32)  # the reference and six frames
    expected = member.model.predict_on_batch([member.audio_input(feature)[None], faces])[0]
    np.testing.assert_allclose(made.probabilities, expected, atol=1e-6)


@pytest.mark.slow
def test_a_model_of_one_input_needs_no_other(hears, sees, files):
    listener, watcher = ravdess_exp.load(hears), ravdess_exp.load(sees)
    assert listener.predict(files["sound"]).remarks == ()
    assert listener.predict(files["faceless"]).reason is None
    assert "no sound in the file" in listener.predict(files["picture"]).reason
    for name in ("picture", "silent"):
        made = watcher.predict(files[name])
        assert made.reason is None
        assert made.remarks == ("no speech to go by: frames of the whole picture",)
    assert "no picture in the file" in watcher.predict(files["sound"]).reason


@pytest.mark.slow
def test_a_librarys_surprise_costs_one_file(trained, files, monkeypatch):
    predictor = ravdess_exp.load(trained)

    def burst(*args):
        raise RuntimeError("an unheard-of error")

    monkeypatch.setattr("ravdess_exp.predict.reader.speech_of", burst)
    assert predictor.predict(files["clip"]).reason == "RuntimeError: an unheard-of error"


@pytest.mark.slow
def test_a_file_after_the_first_builds_nothing_again(trained, files, monkeypatch):
    """How long it takes is measured by scripts/bench_predict.py."""
    predictor: Predictor = ravdess_exp.load(trained).warm()
    first = predictor.predict(files["clip"])
    traced = predictor.bundle.members[0].model.predict_function

    def rebuilt(*args, **kwargs):
        raise AssertionError("built again")

    monkeypatch.setattr("ravdess_exp.predict.bundle.load_model", rebuilt)
    assert predictor.predict(files["clip"]).probabilities == first.probabilities
    assert predictor.bundle.members[0].model.predict_function is traced


@pytest.mark.slow
def test_a_copy_of_the_bundle_is_enough(trained, tmp_path, files):
    shutil.copytree(trained / "bundle", tmp_path / "b")
    assert ravdess_exp.load(tmp_path / "b").predict(files["clip"]).reason is None
