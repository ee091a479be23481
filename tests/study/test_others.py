"""Further corpora of a study: the mean of its models there, and runs that are done again for them."""

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.run.clips import build_each
from ravdess_exp.run.experiment import run
from ravdess_exp.scoring.metrics import uar
from ravdess_exp.scoring.other import Others, read_others
from ravdess_exp.study.others import joined_others, other_changed, pool_others
from ravdess_exp.study.study import Member, Study
from tests.run.test_others import QUICK


def digest(path: Path, segment: object = None) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def study(configure, second_table, tmp_path, unrendered) -> Study:
    """Two finished runs, whose further corpus lies where a test may change it."""
    folder = tmp_path / "there"
    shutil.copytree(second_table.parent, folder)
    config = configure(*QUICK, f"data.test.table={folder}/table.csv")
    members = []
    for fold in (3, 4):
        sets = ["split.train=[1,2]", f"split.validation=[{fold}]", f"split.test=[{7 - fold}]"]
        own = configure(*QUICK, f"data.test.table={folder}/table.csv", *sets)
        members.append(Member(f"fold_{fold}-seed_0", fold, 0, own, (), tmp_path / f"fold_{fold}"))
        run(own, folder=members[-1].folder)
    return Study(config, (), tmp_path, tuple(members), Manifest(tmp_path, (), ()))


def test_the_score_of_a_study_is_the_mean_of_its_models(study):
    tables = joined_others(study)
    assert len(tables["table"]) == 2 * 16 and set(tables["table"]["fold"]) == {"fold_3", "fold_4"}
    found = pool_others(study, tables).scores["table"]
    each = []
    for _, rows in tables["table"].groupby("fold"):
        names = sorted(set(rows["label"]) | set(rows["prediction"]))
        each.append(uar(*(rows[c].map(names.index).to_numpy() for c in ("label", "prediction"))))
    assert (found.models, found.clips, found.speakers) == (2, 16, 4)
    assert found.uar.value == pytest.approx(sum(each) / 2)
    assert found.unknown == {"bored": 4, "amused": 4}
    assert Others.from_json(Others({"table": found}).as_json()).scores["table"] == found


def test_a_run_is_done_again_where_the_further_corpus_is_another_one(study):
    member, folder = study.members[0], study.folder / "there"

    def why() -> str | None:
        beside = {other.name: other for other in build_each(study.config)}  # listed anew
        return other_changed(member, beside, digest)

    assert why() is None
    table, clip = folder / "table.csv", folder / "anna_de_02_froh.mp4"
    before = clip.read_bytes()
    clip.write_bytes(before + b" ")
    assert why() == "table: the recording of anna_de_02_froh.mp4 is another one now"
    clip.write_bytes(before)
    rows = table.read_text()
    table.write_text(rows.replace("froh.mp4,anna", "froh.mp4,dora"))
    assert why() == "table: the speaker of anna_de_02_froh.mp4 is another one now"
    table.write_text(rows.replace("froh.mp4,anna,happy", "froh.mp4,anna,sad"))
    assert why() == "table: the emotion of anna_de_02_froh.mp4 is another one now"
    table.write_text("\n".join(rows.splitlines()[:-1]) + "\n")
    assert why() == "table: has other clips now"
    table.write_text(rows)
    (member.folder / "other_table.csv").unlink()
    assert "cannot be read" in why()
    assert isinstance(read_others(member.folder), Others)
    assert pd.read_csv(study.members[1].folder / "other_table.csv")["scored"].sum() == 16
