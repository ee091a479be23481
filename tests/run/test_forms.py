"""One corpus in the forms that people have it in: as mp4, as wav, as wav twice, as a table of other names."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ravdess_exp.corpus.manifest import scan
from ravdess_exp.corpus.selection import Selection
from ravdess_exp.media.decode import Recording
from ravdess_exp.prepare.entries import speech_of
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.run.experiment import run
from tests.helpers.wav_copy import write_wavs

QUICK = ("model=ridge", "modality=audio", "audio=mfcc_mean", "audio_encoder=linear", "tracking=none",
         "visual=pixels", "pooling=mean")  # fmt: skip


@pytest.fixture(scope="module", params=["demo", "reenacted"])
def clips(request, corpus):
    """Those of four speakers, an emotion each once or twice; without real clips the second is skipped."""
    if request.param == "demo":
        return scan(corpus).clips
    root = request.getfixturevalue("ravdess_root")
    found = scan(root, Selection(statement=1, intensity="all")).clips
    first = [c for c in found if c.actor <= 4 and c.id.split("-")[5] == "01"]
    return [c for c in first if c.intensity == "normal"]


@pytest.fixture(scope="module")
def folder(clips, tmp_path_factory) -> Path:
    """The clips alone."""
    root = tmp_path_factory.mktemp("plain")
    for clip in clips:
        (root / clip.path.name).symlink_to(clip.path)
    return root


def predictions_of(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "predictions.csv")


@pytest.mark.slow
def test_wavs_give_the_features_and_the_study_of_the_mp4s(
    clips, folder, configure, tmp_path, unrendered
):
    """But for the rounding to 16 bits."""
    wavs = write_wavs(clips, tmp_path / "wavs")
    recipe = build_recipe(configure(*QUICK))
    for clip in clips[:3]:
        wav = next(wavs.rglob(f"03-{clip.path.stem[3:]}.wav"))
        heard = []
        for path in (clip.path, wav):
            with Recording(path, picture=False) as recording:
                heard.append(speech_of(recording, recipe)["waveform"])
        size = min(map(len, heard))
        assert abs(len(heard[0]) - len(heard[1])) <= 0.05 * size, "trimmed to the same speech"
        features = [recipe.feature(waveform) for waveform in heard]
        shift = np.abs(features[0] - features[1]).max() / np.abs(features[0]).max()
        assert shift < 0.01
    said = {}
    for name, root in (("mp4", folder), ("wav", wavs)):
        run(configure(*QUICK, f"data.root={root}"), folder=tmp_path / name)
        said[name] = predictions_of(tmp_path / name)
    columns = ["actor", "label"]
    pd.testing.assert_frame_equal(said["mp4"][columns], said["wav"][columns])
    numbers = [of.select_dtypes("float").to_numpy() for of in said.values()]
    assert np.abs(numbers[0] - numbers[1]).max() < 0.05


@pytest.mark.slow
def test_each_wav_twice_gives_the_same_predictions(clips, configure, tmp_path, unrendered):
    """As the most used copy has them: the folders once more in a folder within the folder."""
    plain = write_wavs(clips, tmp_path / "plain")
    twice = tmp_path / "twice"
    shutil.copytree(plain, twice)
    shutil.copytree(plain, twice / "audio_speech_actors_01-24")
    said = []
    for root in (plain, twice):
        run(configure(*QUICK, f"data.root={root}"), folder=tmp_path / f"of_{root.name}")
        said.append(predictions_of(tmp_path / f"of_{root.name}"))
    pd.testing.assert_frame_equal(*said, check_exact=True)
    copies = pd.read_csv(tmp_path / "of_twice" / "copies.csv")
    assert len(copies) == len(clips)


@pytest.mark.slow
def test_a_table_of_meaningless_names_gives_the_same_to_the_last_digit(
    clips, folder, configure, tmp_path, store_root, unrendered
):
    rows = [("path", "speaker", "emotion", "sex")]
    (tmp_path / "clips").mkdir()
    for number, clip in enumerate(sorted(clips, key=lambda c: (c.actor, c.id))):
        name = f"{number * 7919 % 1009:04d}.mp4"
        (tmp_path / "clips" / name).symlink_to(clip.path)
        rows.append((name, clip.speaker, clip.emotion, clip.sex))
    table = tmp_path / "clips" / "t.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    merged = ", ".join(
        f"{c}: {'neutral' if c == 'calm' else c}" for c in {c.emotion for c in clips}
    )
    of_table = ["data=table", f"data.table={table}", f"data.labels={{{merged}}}", "data.workers=1",
                f"data.store={store_root}", "split=fixed", "split.train=[1,2]", "split.validation=[3]",
                "split.test=[4]"]  # fmt: skip
    said = []
    for name, more in (("names", [f"data.root={folder}"]), ("table", of_table)):
        run(configure(*QUICK, *more), folder=tmp_path / name)
        said.append(predictions_of(tmp_path / name).drop(columns="clip"))
    pd.testing.assert_frame_equal(*said, check_exact=True)
    split = pd.read_csv(tmp_path / "table" / "split.csv")
    assert "emotion" in split and "emotion" not in pd.read_csv(tmp_path / "names" / "split.csv")
