"""RAVDESS's sound as 03-*.wav: the features of the videos, and a copy of everything changes nothing."""

import shutil
import wave

import numpy as np
import pandas as pd
import pytest

from ravdess_exp.corpus.manifest import Selection, scan
from ravdess_exp.media.decode import Recording
from ravdess_exp.prepare.clips import prepare
from ravdess_exp.prepare.store import Store
from ravdess_exp.run.experiment import run
from tests.prepare.test_clips import RECIPE


@pytest.fixture(scope="module")
def wavs(corpus, tmp_path_factory):
    """The sound of each of the demo's clips as a file of 16 bits, in the folders that RAVDESS has."""
    root = tmp_path_factory.mktemp("wavs")
    for clip in scan(corpus).clips:
        with Recording(clip.path, picture=False) as recording:
            rate = recording.rate
            samples = recording.sound(rate)
        folder = root / f"Actor_{clip.actor:02d}"
        folder.mkdir(exist_ok=True)
        with wave.open(str(folder / f"03-{clip.trial}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes((samples * 32767).round().astype("<i2").tobytes())
    return root


def test_the_features_are_those_of_the_videos_but_for_the_rounding(corpus, wavs, tmp_path):
    settings = {"recipe": RECIPE, "store": Store(tmp_path), "modality": "audio", "workers": 1}
    settings |= {"max_failed": 0.0, "clip_seconds": 60.0, "progress": False}
    sound = Selection(modality="audio")
    of_video, of_sound = (prepare(scan(root, sound).clips, **settings) for root in (corpus, wavs))
    assert [c.trial for c in of_video.clips] == [c.trial for c in of_sound.clips]
    assert {c.path.suffix for c in of_sound.clips} == {".wav"}
    np.testing.assert_allclose(of_sound.intervals, of_video.intervals, atol=0.05)
    for one, other in zip(of_sound.features, of_video.features, strict=True):
        assert abs(one - other).mean() < 0.01 * abs(other).mean()


@pytest.mark.slow
def test_a_copy_with_everything_twice_gives_the_same_predictions(
    configure, wavs, tmp_path, unrendered
):
    twice = shutil.copytree(wavs, tmp_path / "twice")
    shutil.copytree(wavs, twice / "audio_speech_actors_01-24")
    quick = ["audio=mfcc_mean", "audio_encoder=dense", "modality=audio"]
    found = []
    for name, root in (("once", wavs), ("both", twice)):
        run(configure(*quick, f"data.root={root}"), folder=tmp_path / name)
        found.append(pd.read_csv(tmp_path / name / "predictions.csv"))
    pd.testing.assert_frame_equal(*found, check_exact=True)
    assert len(pd.read_csv(tmp_path / "both" / "copies.csv")) == 32
