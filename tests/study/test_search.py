"""The search: what may be searched, what decides, and that it goes on where it stopped."""

import json
import re

import optuna
import pytest

from ravdess_exp.config.check import validate_search
from ravdess_exp.config.schema import Search
from ravdess_exp.errors import ConfigError
from ravdess_exp.study import search as module
from ravdess_exp.study.search import divide, run_search
from tests.helpers.studies import command, summary

SETTINGS = {
    "trials": 4,
    "startup_trials": 2,
    "startup_folds": 1,
    "prune": True,
    "at_once": 1,
    "seed": 0,
    "storage": None,
}


def suggested(argument: str, number: int = 40) -> list:
    _, space = divide([argument])
    ((key, (suggest, _)),) = space.items()
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    found = []
    for _ in range(number):
        trial = study.ask()
        found.append(suggest(trial))
    assert all(isinstance(value, str) for value in found), key
    return found


def test_fixed_values_and_searched_ones():
    fixed, space = divide(["seed=1", "audio=mfcc,logmel", "training.epochs=3", "fusion.dense=8,9"])
    assert fixed == ["seed=1", "training.epochs=3"]
    assert list(space) == ["audio", "fusion.dense"]
    fixed, space = divide(["fusion.dense=8,9", "audio=mfcc,logmel", "fusion.dense=16"])
    assert fixed == ["fusion.dense=16"] and list(space) == ["audio"], "the command line comes last"


def test_every_kind_of_range():
    assert set(suggested("audio=mfcc,logmel")) == {"mfcc", "logmel"}
    assert set(suggested("fusion.dense=choice(32,64)")) == {"32", "64"}
    assert set(suggested("training.patience=range(3,6)")) <= {"3", "4", "5"}
    rates = [
        float(v) for v in suggested("training.learning_rate=tag(log,interval(1e-4,1e-2))", 200)
    ]
    assert min(rates) >= 1e-4 and max(rates) <= 1e-2
    assert 0.35 < sum(rate < 1e-3 for rate in rates) / 200 < 0.65, "log: half below the middle"
    dropouts = [float(value) for value in suggested("fusion.dropout=interval(0,0.5)")]
    assert all(0 <= value <= 0.5 for value in dropouts) and len(set(dropouts)) == 40


@pytest.mark.parametrize(
    "argument",
    ["split.test_actor=range(1,25)", "split.fold=0,1", "seed=0,1", "data.without_actors=[1],[2]"],
)
def test_a_fold_is_no_setting_to_search(argument):
    """The classic: the test speaker as a dimension of the search, so the easiest one wins."""
    with pytest.raises(ConfigError, match="is not searched"):
        divide([argument, "audio=mfcc,logmel"])


def test_nothing_to_search():
    with pytest.raises(ConfigError, match="nothing to search"):
        divide(["seed=1"])


def test_settings_are_checked():
    with pytest.raises(
        ConfigError, match="hydra.sweeper.trials=0: expected greater than or equal to 1"
    ):
        validate_search(SETTINGS | {"trials": 0})


class _Config:
    is_study = False


@pytest.fixture
def trials(monkeypatch):
    """The search with a stand-in for runs: their validation score is 1 less the distance from 0.3."""
    done = []

    def run_plain(studies, launch):
        ((overrides, folder),) = studies
        launch(len(done))
        value = float(dict(o.split("=", 1) for o in overrides)["fusion.dropout"])
        done.append((folder.name, value))
        return [{"val/uar": 1 - abs(value - 0.3)}]

    monkeypatch.setattr(module, "validate_job", lambda compose, told: _Config())
    monkeypatch.setattr(module, "plan_run", lambda config, told, folder, root: (told, folder))
    monkeypatch.setattr(module, "run_plain", run_plain)
    return done


def searching(root, number: int, *arguments: str, launch=lambda count: None) -> float:
    settings = Search.model_validate(SETTINGS | {"trials": number})
    space = {"fusion.dropout": "interval(0,0.6)"}
    return run_search(
        arguments, params=space, settings=settings, root=root, compose=None, launch=launch
    )


def test_validation_decides(trials, tmp_path, capsys):
    best = searching(tmp_path, 8)
    assert best == max(1 - abs(value - 0.3) for _, value in trials) and len(trials) == 8
    printed = capsys.readouterr().out
    assert "Best on validation: trial_" in printed and "too good" in printed
    kept = json.loads((tmp_path / "search.json").read_text())
    assert [trial["folder"] for trial in kept["trials"]] == [f"trial_{i:03d}" for i in range(8)]


def test_a_hopeless_trial_is_given_up_but_not_after_its_first_fold(monkeypatch, tmp_path, capsys):
    class Config:
        is_study = True

    folds = []

    def run_study(study, launch, *, at_once, stop):
        value = float(dict(o.split("=", 1) for o in study)["fusion.dropout"])
        hopeless, scores = len(folds) == 2, []
        while len(scores) < 4 and not (scores and stop(scores)):
            scores.append(0.1 if hopeless else 0.5 + value / 10)
        folds.append(len(scores))
        told = {"folds_done": len(scores), "folds": 4, "val_uar": sum(scores) / len(scores)}
        return told | {"given_up": len(scores) < 4}

    monkeypatch.setattr(module, "validate_job", lambda compose, told: Config())
    monkeypatch.setattr(module, "plan", lambda config, told, folder, root: told)
    monkeypatch.setattr(module, "run_study", run_study)
    searching(tmp_path, 3)
    assert folds == [4, 4, 2]
    states = [t["state"] for t in json.loads((tmp_path / "search.json").read_text())["trials"]]
    assert states == ["complete", "complete", "pruned"]
    printed = capsys.readouterr().out
    assert "given up after 2 of 4 folds" in printed and re.search("first 2 +pruned", printed)


def test_it_goes_on_to_the_number_asked_for(trials, tmp_path):
    searching(tmp_path, 3)
    searching(tmp_path, 3)
    assert len(trials) == 3, "nothing is done again"
    searching(tmp_path, 6)
    assert len(trials) == 6 and len({value for _, value in trials}) == 6, "and nothing drawn again"


def test_a_killed_trial_is_done_again_in_its_folder(trials, tmp_path):
    class Killed(BaseException):
        pass

    def kill(count):
        if count == 2:
            raise Killed

    with pytest.raises(Killed):
        searching(tmp_path, 4, launch=kill)
    assert len(trials) == 2
    searching(tmp_path, 4)
    assert sorted(folder for folder, _ in trials) == [f"trial_{i:03d}" for i in (0, 1, 2, 4)]
    storage = f"sqlite:///{tmp_path / 'optuna.db'}"
    stored = optuna.load_study(study_name="ravdess_exp", storage=storage).trials
    killed, again = stored[2], stored[3]
    assert killed.state.name == "FAIL" and again.params == killed.params


def test_other_settings_are_refused(trials, tmp_path):
    searching(tmp_path, 2)
    with pytest.raises(ConfigError, match="holds a search with other settings .*training.epochs=9"):
        searching(tmp_path, 3, "training.epochs=9")


@pytest.mark.slow
def test_a_search_over_whole_studies(corpus, store_root, tmp_path):
    """Cross-validation inside each trial; the fold is never chosen, test decides nothing."""
    arguments = [
        "experiment=search",
        "split=loso",
        "split.validation_actors=1",
        "data.without_actors=[4]",
        "hydra.sweeper.trials=2",
        "hydra.sweeper.params={fusion.dropout: 'interval(0,0.5)'}",
    ]
    code, printed = command(corpus, store_root, tmp_path, *arguments)
    assert code == 0, printed
    kept = json.loads((tmp_path / "study" / "search.json").read_text())["trials"]
    assert [trial["state"] for trial in kept] == ["complete", "complete"]
    for trial in kept:
        found = summary(tmp_path / "study" / trial["folder"])
        assert found["folds_done"] == 3 and set(found["per_actor"]) == {"1", "2", "3"}
        assert trial["val_uar"] == pytest.approx(found["val_uar"])
    assert "Best on validation: trial_00" in printed


@pytest.mark.slow
def test_a_trial_whose_folds_all_fail_ends_no_search(corpus, store_root, tmp_path):
    """Its reason is told and the search goes on; that no trial was completed is an error."""
    arguments = [
        "experiment=search",
        "split=loso",
        "split.validation_actors=4",  # of four actors: none is left
        "hydra.sweeper.trials=2",
        "hydra.sweeper.params={fusion.dropout: 'interval(0,0.5)'}",
    ]
    code, printed = command(corpus, store_root, tmp_path, *arguments)
    kept = json.loads((tmp_path / "study" / "search.json").read_text())["trials"]
    assert [trial["state"] for trial in kept] == ["fail", "fail"]
    assert printed.count("trial failed: 4 of 4 runs are missing (") == 2
    assert code == 1 and "error: no trial was completed" in printed
