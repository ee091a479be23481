"""A run on the segments of one film: by the command line, bundle and all."""

import json
import wave

import numpy as np
import pandas as pd
import pytest

import ravdess_exp
from ravdess_exp.run.experiment import run
from tests.prepare.test_segments import RATE, speech

SPEAKERS = ("ann", "bob", "cid")


@pytest.mark.slow
def test_one_film_trains_a_model(configure, tmp_path, unrendered):
    film = tmp_path / "film.wav"
    with wave.open(str(film), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate([speech(n) for n in range(12)]).tobytes())
    sets = ("train", "validation", "test")
    rows = [
        ("film.wav", SPEAKERS[n % 3], ("sad", "angry")[n // 3 % 2], 2 * n, 2 * n + 2, sets[n % 3])
        for n in range(12)
    ]
    rows[0] = (*rows[0][:4], 2.5, "train")  # reaches into what validates
    columns = ["path", "speaker", "emotion", "start", "end", "split"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "t.csv", index=False)
    quick = ["audio=mfcc_mean", "audio_encoder=dense", "modality=audio", "split=own"]
    of_table = [
        "data=table",
        f"data.table={tmp_path / 't.csv'}",
        f"data.store={tmp_path / 'store'}",
    ]
    run(configure(*quick, *of_table), folder=tmp_path / "run")
    split = pd.read_csv(tmp_path / "run" / "split.csv").set_index("clip")
    assert len(split) == 12 and split["sha256"].nunique() == 12
    assert list(split.index[~split["used"]]) == ["film.wav#t=0,2.5"], "overlaps film.wav#t=2,4"
    described = json.loads((tmp_path / "run" / "bundle" / "bundle.json").read_text())
    assert "film.wav#t=4,6" in json.dumps(described)
    predictor = ravdess_exp.load(tmp_path / "run")
    said = predictor.predict(film)
    assert said.remarks[-1] == "the model learned from a part of this very file"
    assert predictor.predict_file(film, segment=(4, 6)).reason is None
