"""The models of a study's runs predict together."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import ravdess_exp
from ravdess_exp.errors import BundleError
from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.scoring.sureness import Threshold
from ravdess_exp.study.bundle import save_study_bundle
from tests.helpers.bundles import bundle_of
from tests.helpers.studies import command

ASKED = {"name": "study", "command": "ravdess-exp folds=all", "metrics": {"test/uar": 0.6}}


@pytest.fixture
def members(configure, tmp_path) -> dict:
    """The folders of three finished runs."""
    recipe = build_recipe(configure("audio.standardise=train"))
    made = {f"fold_{i:02d}": tmp_path / "study" / f"fold_{i:02d}" for i in range(3)}
    for bias, folder in enumerate(made.values()):
        bundle_of(recipe, float(bias)).save(folder / "bundle")
    return made


def test_all_models_are_in_it(members, tmp_path, clip_path):
    assert save_study_bundle(tmp_path / "study", members, **ASKED) is None
    model = ravdess_exp.load(tmp_path / "study")
    alone = [
        ravdess_exp.load(folder).predict(clip_path).probabilities for folder in members.values()
    ]
    together = model.predict(clip_path).probabilities
    np.testing.assert_allclose(together, np.mean(alone, axis=0), atol=1e-6)
    facts = model.bundle.facts
    assert facts.scores["test/uar"].value == 0.6 and facts.command == "ravdess-exp folds=all"
    assert facts.speakers["test"] == ("0", "1", "2")


def test_its_threshold_is_chosen_by_the_validation_clips_of_all_runs(members, tmp_path):
    """Where two models had a clip in validation, by the mean of what they say of it."""
    folders = list(members.values())
    for number, folder in enumerate(folders):
        bundle = Bundle.load(folder / "bundle")
        facts = replace(bundle.facts, sure=Threshold(0.8, 0.1 * number))
        replace(bundle, facts=facts).save(folder / "bundle")
    assert save_study_bundle(tmp_path / "study", members, **ASKED) is None
    assert Bundle.load(tmp_path / "study" / "bundle").facts.sure is None, (
        "no validation predictions"
    )
    for number, folder in enumerate(folders):
        calm = np.linspace(0.5, 1, 30) if number else np.linspace(0.5, 0.8, 30)
        rows = {"clip": range(30 * (number > 1), 30 * (number > 1) + 30), "actor": 1}
        rows |= {"label": ["angry"] * 15 + ["calm"] * 15, "prediction": "calm"}
        table = pd.DataFrame({**rows, "calm": calm, "angry": 1 - calm})
        table.to_csv(folder / "predictions_validation.csv", index=False)
    save_study_bundle(tmp_path / "study", members, **ASKED)
    found = Bundle.load(tmp_path / "study" / "bundle").facts.sure
    mean = (np.linspace(0.5, 1, 30) + np.linspace(0.5, 0.8, 30)) / 2
    largest = np.concatenate([mean, np.linspace(0.5, 1, 30)])
    right = np.tile(np.arange(30) >= 15, 2)
    probabilities = np.stack([largest, 1 - largest], axis=1)
    expected = Threshold.choose(np.where(right, 0, 1), probabilities, wanted=0.8)
    assert found.value == pytest.approx(expected.value) and found.wanted == 0.8


def test_a_run_of_an_older_version_is_named_and_no_older_bundle_stays(members, tmp_path):
    save_study_bundle(tmp_path / "study", members, **ASKED)
    shutil.rmtree(members["fold_01"] / "bundle")
    said = save_study_bundle(tmp_path / "study", members, **ASKED)
    assert "fold_01 lack theirs" in said and "remove their folders" in said
    assert not (tmp_path / "study" / "bundle").exists()


def test_a_damaged_one_is_named(members, tmp_path):
    (members["fold_02"] / "bundle" / "model.keras").write_bytes(b"x")
    said = save_study_bundle(tmp_path / "study", members, **ASKED)
    assert "fold_02" in said and "model.keras: damaged or exchanged" in said
    with pytest.raises(BundleError):
        Bundle.load(tmp_path / "study" / "bundle")


@pytest.mark.slow
def test_a_study_from_the_command_line_leaves_one(corpus, store_root, tmp_path):
    code, printed = command(corpus, store_root, tmp_path, "folds=[1,2]")
    assert code == 0, printed
    model = ravdess_exp.load(tmp_path / "study")
    assert len(model.bundle.members) == 2
    clip = corpus / "Actor_01" / "01-01-03-01-01-01-01.mp4"
    alone = [
        ravdess_exp.load(tmp_path / "study" / f"actor_0{actor}-seed_0").predict(clip).probabilities
        for actor in (1, 2)
    ]
    np.testing.assert_allclose(model.predict(clip).probabilities, np.mean(alone, axis=0), atol=1e-6)
