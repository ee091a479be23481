"""Names of speakers: the same one, in order, in names of files, and in tables of results."""

import pandas as pd
import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.speaker import in_order, label_of, speaker_from, speaker_of
from ravdess_exp.errors import ConfigError
from ravdess_exp.scoring.pooled import Pooled, read_predictions


def test_a_name_of_digits_is_its_number():
    assert [speaker_of(name) for name in ("3", "03", 3, 3.0, " 3 ")] == [3] * 5
    assert [speaker_of(name) for name in ("s3", "-3", "3.0", "²", "9" * 16)] == [
        "s3", "-3", "3.0", "²", "9" * 16,
    ]  # fmt: skip


def test_numbers_stand_before_names():
    assert in_order([10, "b", 9, "a", 9]) == [9, 10, "a", "b"]


@pytest.mark.parametrize("speaker", [3, 24, "s_1", "a/b", "a b", "é", "_x2f_", "..", "A-1.2"])
def test_a_label_is_read_back(speaker):
    label = label_of(speaker)
    assert speaker_from(label) == speaker and label.isascii() and not set(label) & set("/ ")


def test_a_table_of_results_keeps_names_as_they_are(tmp_path):
    """pandas takes NA and 1e5 for numbers."""
    table = {"clip": ["01", "2"], "actor": ["NA", "1e5"], "label": ["null", "x"],
             "prediction": ["x", "x"], "null": [0.2, 0.3], "x": [0.8, 0.7], "seed": [0, 0]}  # fmt: skip
    pd.DataFrame(table).to_csv(tmp_path / "p.csv", index=False)
    pooled = Pooled.of(read_predictions(tmp_path / "p.csv"))
    assert list(pooled.actors) == ["1e5", "NA"] and pooled.names == ("null", "x")
    assert pooled.clips == ("2", "01")


def test_settings_name_speakers(tmp_path):
    table = ["data=table", f"data.table={tmp_path}/t.csv"]
    config = validate(
        compose_config([*table, "split=loso", "split.test_actor=07", "folds=[07,ann]"])
    )
    assert config.split.test_actor == 7 and config.folds == [7, "ann"]
    config = validate(compose_config([*table, "data.labels={1: happy, sad: null}"]))
    assert config.data.labels == {"1": "happy", "sad": None}
    assert type(config.split).__name__ == "OwnSplit", "the default of a table"
    with pytest.raises(ConfigError, match=r"data\.columns\.actor.*expected .*path"):
        validate(compose_config([*table, "data.columns={actor: x}"]))
    with pytest.raises(ConfigError, match=r"split\.test\.0=0: expected greater than or equal to 1"):
        validate(compose_config(["split.test=[0]"]))
