"""An encoder that saw RAVDESS is refused, and marked where it is accepted; who uses it not, is spared."""

import json

import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.config.encoders import saw_ravdess
from ravdess_exp.corpus.split import LEAKY
from ravdess_exp.errors import ConfigError
from ravdess_exp.features.encoders import SAW_RAVDESS
from ravdess_exp.report.description import description
from ravdess_exp.run.provenance import run_tags
from ravdess_exp.scoring.comparison import Result
from ravdess_exp.scoring.run_result import SAW_RAVDESS_METRIC, RunResult
from tests.helpers.encoder_files import FACTS, write_whisper


@pytest.fixture
def seen(tmp_path) -> list[str]:
    facts = FACTS | {"trained_on": "RAVDESS and CREMA-D"}
    return ["audio=whisper", f"audio.file={write_whisper(tmp_path / 'seen.npz', facts=facts)}"]


def test_it_is_refused_unless_that_is_accepted(seen, tmp_path):
    with pytest.raises(ConfigError, match="was trained on RAVDESS.*audio.saw_ravdess=accepted"):
        validate(compose_config(seen))
    config = validate(compose_config([*seen, "audio.saw_ravdess=accepted"]))
    assert saw_ravdess(config)
    assert "saw ravdess" in run_tags(config, folder=tmp_path, overrides=[])["sanity"]


def test_without_sound_it_is_not_asked_for(seen):
    assert not saw_ravdess(validate(compose_config([*seen, "modality=video"])))
    validate(compose_config(["audio=whisper", "audio.file=/no", "modality=video"]))


def test_its_results_say_so():
    text = description(
        names=("a", "b"), confusion=[[1, 0], [0, 1]], uar=1, low=1, high=1, validation_uar=1,
        speakers=1, saw_ravdess=True,
    )  # fmt: skip
    assert SAW_RAVDESS in text and LEAKY not in text


def test_a_comparison_with_it_is_no_result(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "predictions.csv").write_text("clip,actor,label,predicted,p_a,p_b\nx,1,a,a,0.9,0.1\n")
    (folder / "metrics.json").write_text(json.dumps({SAW_RAVDESS_METRIC: 1.0}))
    assert Result.load(folder).saw_ravdess
    (folder / "metrics.json").write_text("{}")
    assert not Result.load(folder).saw_ravdess


def test_the_mark_is_kept_in_the_metrics(monkeypatch):
    scores = {"accuracy": 1.0, "uar": 1.0, "macro_f1": 1.0}
    plain = {f"{of}/{name}": value for of in ("val", "test") for name, value in scores.items()}
    plain |= {"test/uar_low": 0.0, "test/uar_high": 1.0, "best_epoch": 1, "parameters": 1}
    plain |= {"clips/used": 1, "clips/failed": 0, "memory/now_mb": 1.0, "memory/peak_mb": 1.0}
    result = RunResult.from_metrics(plain | {SAW_RAVDESS_METRIC: 1.0})
    assert result.saw_ravdess and result.metrics()[SAW_RAVDESS_METRIC] == 1
    assert SAW_RAVDESS_METRIC not in RunResult.from_metrics(plain).metrics()
