"""What a run prints at its end."""

from pathlib import Path

import numpy as np
import pytest

from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.report.run_text import results_table
from ravdess_exp.scoring.evaluation import Evaluation
from ravdess_exp.training.dataset import Samples


def printed(*, leaky: bool) -> str:
    clips = tuple(Clip.from_path(Path(f"01-01-0{e}-01-01-01-01.mp4")) for e in (3, 4))
    features = np.zeros((2, 3, 4, 1), np.float32)
    samples = Samples(
        audio=features,
        faces=None,
        labels=np.array([0, 1]),
        clips=clips,
        names=("happy", "sad"),
        one_hot=False,
    )
    scored = Evaluation(samples, np.eye(2, dtype=np.float32))
    metrics = {f"test/{k}": 1.0 for k in ("uar", "uar_low", "uar_high", "accuracy", "macro_f1")}
    metrics |= {"val/uar": 1.0, "best_epoch": 1, "test/recall/happy": 1.0, "test/recall/sad": 1.0}
    where = {"folder": Path("run"), "page": None}
    return results_table(metrics, scored, **where, demo=False, leaky=leaky)


@pytest.mark.parametrize("leaky", [False, True])
def test_speakers_of_a_leaky_split_are_not_reported_as_unknown(leaky):
    first = printed(leaky=leaky).strip().splitlines()[0]
    assert first.startswith("Test: 2 clips of actors 1, ")
    assert first.endswith("whom the model never saw") != leaky
    assert ("NOT A RESULT" in first) == leaky
