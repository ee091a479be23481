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
    (folder / "predictions.csv").write_text("clip,actor,label,prediction,a,b\nx,1,a,a,0.9,0.1\n")
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


def beside(*whisper: str) -> list[str]:
    """Overrides: MFCC means and a Whisper side by side."""
    own = {
        "_target_": "ravdess_exp.features.encoders.Whisper", "sha256": "null", "layer": "[1,3]",
        "saw_ravdess": "refused", "standardise": "train", "frames": "null",
        "file": "'${oc.env:RAVDESS_WEIGHTS}/whisper_base.npz'",
    }  # fmt: skip
    own |= dict(setting.split("=") for setting in whisper)
    return ["audio=several", *(f"+audio.features.whisper.{k}={v}" for k, v in own.items())]


def test_a_whisper_stands_beside_other_features_and_travels(tmp_path, rng):
    import numpy as np

    from ravdess_exp.predict.carried import encoders_of, with_files_of, write_files
    from ravdess_exp.prepare.recipe import Recipe
    from ravdess_exp.run.clips import build_recipe

    recipe = build_recipe(validate(compose_config(beside())))
    wave = rng.normal(0, 0.1, 16_000).astype(np.float32)
    whisper = recipe.feature.features["whisper"]
    np.testing.assert_array_equal(recipe.feature(wave)[-32:], whisper(wave)[[0, 2]].reshape(-1))
    layers = {"whisper.layer_1": 16, "whisper.layer_3": 16}
    assert layers.items() <= recipe.feature.sizes.items()
    written = write_files(recipe, "audio", tmp_path)
    read = with_files_of(tmp_path, Recipe.from_dict(written.as_dict()), "audio")
    (encoder,) = encoders_of(read, "audio")
    assert encoder.file.startswith(str(tmp_path)) and encoder.file.endswith("_sound_encoder.npz")
    np.testing.assert_array_equal(read.feature(wave), recipe.feature(wave))
    assert read.settings()["feature"] == recipe.settings()["feature"]
    other = build_recipe(validate(compose_config(beside("layer=2"))))
    assert other.settings()["feature"] != recipe.settings()["feature"]


@pytest.mark.parametrize("setting", ["layer=chosen", "frames=max"])
def test_beside_others_its_layer_is_fixed_and_has_no_time(setting):
    with pytest.raises(ConfigError, match=r"whisper.frames=null and a fixed .*whisper.layer"):
        validate(compose_config(beside(setting)))


def test_beside_others_it_is_checked_too(tmp_path):
    with pytest.raises(ConfigError, match="no such file of weights"):
        validate(compose_config(beside("file=/no")))
