"""A table of clips under meaningless names gives what RAVDESS's names give, to the last digit."""

import csv
import shutil

import pandas as pd
import pytest

from ravdess_exp.corpus.manifest import scan
from ravdess_exp.run.experiment import run


@pytest.mark.slow
def test_names_of_files_change_no_digit(configure, corpus, store_root, tmp_path, unrendered):
    rows = [("path", "speaker", "emotion", "sex")]
    for number, clip in enumerate(sorted(scan(corpus).clips, key=lambda c: (c.actor, c.id))):
        name = f"{number * 7919 % 1009:04d}.mp4"
        shutil.copy(clip.path, tmp_path / name)
        rows.append((name, clip.speaker, clip.emotion, clip.sex))
    table = tmp_path / "table.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    quick = ["audio=mfcc_mean", "audio_encoder=dense", "modality=audio"]
    labels = "neutral: neutral, calm: neutral, " + ", ".join(
        f"{name}: {name}" for name in ("happy", "sad", "angry", "fearful", "disgust", "surprised")
    )
    of_table = ["data=table", f"data.table={table}", f"data.labels={{{labels}}}", "data.workers=1",
                f"data.store={store_root}", "split=fixed", "split.train=[1,2]", "split.validation=[3]",
                "split.test=[4]"]  # fmt: skip
    found = []
    for name, more in (("names", []), ("table", of_table)):
        run(configure(*quick, *more), folder=tmp_path / name)
        found.append(pd.read_csv(tmp_path / name / "predictions.csv").drop(columns="clip"))
    pd.testing.assert_frame_equal(*found, check_exact=True)
    split = pd.read_csv(tmp_path / "table" / "split.csv")
    assert "emotion" in split and "emotion" not in pd.read_csv(tmp_path / "names" / "split.csv")
