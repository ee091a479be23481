"""The table at the end of a multirun."""

import csv
import json

from omegaconf import OmegaConf

from ravdess_exp.sweep import SweepTable, as_text, table


def run_folder(folder, number: int, overrides: list[str], uar: float | None) -> None:
    """What Hydra and a run leave, as far as the table reads it."""
    (folder / str(number) / ".hydra").mkdir(parents=True)
    (folder / str(number) / ".hydra" / "overrides.yaml").write_text(OmegaConf.to_yaml(overrides))
    if uar is not None:
        names = ("val/uar", "test/uar", "test/uar_low", "test/uar_high", "parameters")
        scores = {**dict.fromkeys(names, uar), "seconds/train": 3.2, "parameters": 12345}
        (folder / str(number) / "metrics.json").write_text(json.dumps(scores))


def test_best_on_validation_first_and_failures_last(tmp_path, capsys):
    for number, uar in enumerate((0.3, 0.5, None)):
        seed = f"seed={number}"
        run_folder(tmp_path, number, ["modality=audio", seed, "split.test=[1,2]"], uar)
    SweepTable().on_multirun_end(OmegaConf.create({"hydra": {"sweep": {"dir": str(tmp_path)}}}))
    printed = capsys.readouterr().out
    with (tmp_path / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["seed"] for row in rows] == ["1", "0", "2"]
    assert rows[0]["validation UAR"] == "0.500" and rows[2]["validation UAR"] == "failed"
    assert "modality" not in rows[0], "what all have in common is left out"
    assert "12,345" in printed and "Sorted by validation" in printed


def test_columns_are_in_line(tmp_path):
    for number, feature in enumerate(("mfcc", "mfcc_mean")):
        run_folder(tmp_path, number, [f"audio={feature}"], 0.5)
    lines = as_text(*table(tmp_path)).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].index("0.500") == lines[2].index("0.500")


def test_nothing_scored_no_table(tmp_path):
    run_folder(tmp_path, 0, ["task=prepare"], None)
    assert table(tmp_path) == ([], [])
