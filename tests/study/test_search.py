"""The search: what may be searched, what decides, and that it goes on where it stopped."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import optuna
import pytest

from ravdess_exp.config.check import validate_search
from ravdess_exp.config.compose import check
from ravdess_exp.config.paths import as_meant
from ravdess_exp.config.schema import Search
from ravdess_exp.errors import ConfigError, StudyError
from ravdess_exp.study import search as module
from ravdess_exp.study import trials as storage_of_trials
from ravdess_exp.study.search import run_search
from ravdess_exp.study.space import corners, divide
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
    ((key, dimension),) = space.items()
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    found = []
    for _ in range(number):
        trial = study.ask()
        found.append(dimension.suggest(trial))
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
    "interval",
    ["tag(int,interval(16,64))", "int(interval(16,64))", "tag(int,log,interval(16,64))"],
)
def test_an_interval_of_whole_numbers(interval):
    """Such as the units of a layer, which the schema takes as whole numbers alone."""
    values = suggested(f"fusion.dense={interval}", 200)
    assert all(value.isdigit() and 16 <= int(value) <= 64 for value in values)
    assert len(set(values)) > 20
    below = sum(int(value) < 32 for value in values) / 200
    assert 0.35 < below < 0.65 if "log" in interval else below < 0.45
    _, space = divide([f"fusion.dense={interval}"])
    assert corners(space) == [["fusion.dense=16"], ["fusion.dense=64"]]


def test_the_command_line_checks_whole_numbers_as_such():
    (first, last) = check(["fusion=concat", "fusion.dense=tag(int,interval(16,64))"], multirun=True)
    assert (first.fusion.dense, last.fusion.dense) == (16, 64)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("tag(int,interval(1.5,4))", "expected whole numbers at both ends"),
        ("interval(0.5,0.1)", "from the smaller to the larger"),
        ("tag(log,interval(0,1))", "expected ends above 0"),
    ],
)
def test_an_interval_that_cannot_be_searched(interval, expected):
    with pytest.raises(ConfigError, match=expected):
        divide([f"fusion.dropout={interval}"])


def test_a_range_may_fall():
    assert set(suggested("training.patience=range(9,3,-2)")) == {"9", "7", "5"}


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
    is_study = is_crossed = False
    numbers = ()
    name = "search"


@pytest.fixture
def trials(monkeypatch):
    """The trials that the search makes, with a stand-in for runs."""
    return stand_in(monkeypatch)


def stand_in(monkeypatch) -> list:
    """Runs whose validation score is 1 less the distance from 0.3; returns what they will be."""
    done = []

    def run_plain(studies, launch):
        ((overrides, folder),) = studies
        launch(len(done))
        value = float(dict(o.split("=", 1) for o in overrides)["fusion.dropout"])
        done.append((folder.name, value))
        return [{"val/uar": 1 - abs(value - 0.3)}]

    monkeypatch.setattr(module, "validate_job", lambda compose, told: _Config())
    monkeypatch.setattr(module, "how_to_score", lambda *given: "a command")
    monkeypatch.setattr(module, "plan_run", lambda config, told, folder, root: (told, folder))
    monkeypatch.setattr(module, "run_plain", run_plain)
    return done


def searching(
    root, number: int, *arguments: str, launch=lambda count: None, storage=None, high=0.6
) -> float:
    root.mkdir(exist_ok=True)
    settings = Search.model_validate(SETTINGS | {"trials": number, "storage": storage})
    space = {"fusion.dropout": f"interval(0,{high})"}
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
    class Config(_Config):
        is_study = True

    folds = []

    def run_study(study, launch, *, at_once, stop):
        value = float(dict(o.split("=", 1) for o in study)["fusion.dropout"])
        hopeless, scores = len(folds) == 2, []
        while len(scores) < 4 and not (scores and stop(scores)):
            scores.append(0.1 if hopeless else 0.5 + value / 10)
        folds.append(len(scores))
        return SimpleNamespace(
            folds_done=len(scores),
            folds=4,
            score=sum(scores) / len(scores),
            score_last=None,
            given_up=len(scores) < 4,
        )

    monkeypatch.setattr(module, "validate_job", lambda compose, told: Config())
    monkeypatch.setattr(module, "plan", lambda config, told, folder, root: told)
    monkeypatch.setattr(module, "run_study", run_study)
    monkeypatch.setattr(module, "how_to_score", lambda *given: "a command")
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


def test_an_interrupted_trial_is_done_again_in_its_folder(trials, tmp_path):
    def interrupt(count):
        if count == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        searching(tmp_path, 4, launch=interrupt)
    assert len(trials) == 2
    searching(tmp_path, 4)
    check_that_the_third_was_done_again(trials, tmp_path)


def check_that_the_third_was_done_again(trials, root):
    assert sorted(folder for folder, _ in trials) == [f"trial_{i:03d}" for i in (0, 1, 2, 4)]
    storage = f"sqlite:///{root / 'optuna.db'}"
    stored = optuna.load_study(study_name="ravdess_exp", storage=storage).trials
    ended, again = stored[2], stored[3]
    assert ended.state.name == "FAIL" and again.params == ended.params
    assert [state.name for state in {trial.state for trial in stored[3:]}] == ["COMPLETE"]


PROCESS = """
import sys, time
from pathlib import Path
import pytest
from tests.study import test_search

def launch(count):
    if count == 2:
        print("at work", flush=True)
        time.sleep(600)

with pytest.MonkeyPatch.context() as patch:
    test_search.stand_in(patch)
    test_search.searching(Path(sys.argv[1]), 4, launch=launch)
"""


@pytest.fixture
def at_work(tmp_path):
    """Another process that has done two trials and works on the third."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if line == "at work\n":
            break
    yield process
    process.kill()
    process.wait()


@pytest.mark.slow
def test_a_killed_trial_is_done_again_in_its_folder(at_work, trials, tmp_path):
    at_work.kill()
    at_work.wait()
    trials += [("trial_000", 0), ("trial_001", 0)]
    searching(tmp_path, 4)
    check_that_the_third_was_done_again(trials, tmp_path)


@pytest.mark.slow
def test_a_trial_that_another_process_works_on_is_left_alone(at_work, trials, tmp_path, capsys):
    searching(tmp_path, 4)
    assert [folder for folder, _ in trials] == ["trial_003"]
    storage = f"sqlite:///{tmp_path / 'optuna.db'}"
    stored = optuna.load_study(study_name="ravdess_exp", storage=storage).trials
    assert [trial.state.name for trial in stored] == [*["COMPLETE"] * 2, "RUNNING", "COMPLETE"]
    assert "1 of 4 trials are still run by other processes" in capsys.readouterr().out


def left_running(root, monkeypatch, **attributes) -> optuna.Study:
    """A search with one trial that never ended."""
    root.mkdir(exist_ok=True)
    search = optuna.create_study(
        study_name="ravdess_exp", storage=f"sqlite:///{root / 'optuna.db'}", direction="maximize"
    )
    trial = search.ask()
    trial.suggest_float("fusion.dropout", 0, 0.6)
    for name, value in attributes.items():
        trial.set_user_attr(name, value)
    return search


def test_an_earlier_versions_search_goes_on(trials, tmp_path, monkeypatch):
    """It kept no process with its trials, and has the same name in every folder."""
    search = left_running(tmp_path, monkeypatch, folder="trial_000")
    search.set_user_attr("overrides", [])
    monkeypatch.setattr(storage_of_trials, "_GRACE", 1)
    time.sleep(1.1)
    searching(tmp_path, 2)
    assert [folder for folder, _ in trials] == ["trial_000", "trial_002"]
    assert len(search.trials) == 3 and search.trials[0].state.name == "FAIL"


@pytest.mark.parametrize(("grace", "folders"), [(600, []), (1, ["trial_000"])])
def test_a_trial_of_another_machine_lives_as_long_as_its_heart_beats(
    trials, tmp_path, monkeypatch, grace, folders
):
    search = left_running(tmp_path, monkeypatch, folder="trial_000", process=["elsewhere", 1, 1.0])
    search._storage.record_heartbeat(search.trials[0]._trial_id)
    monkeypatch.setattr(storage_of_trials, "_GRACE", grace)
    time.sleep(2.1)  # its database counts in whole seconds
    if folders:
        searching(tmp_path, 1)
    else:
        with pytest.raises(StudyError, match="no trial was completed"):
            searching(tmp_path, 1)
    assert [folder for folder, _ in trials] == folders


def test_searches_that_share_a_storage_are_told_apart(trials, tmp_path):
    storage = f"sqlite:///{tmp_path / 'shared.db'}"
    searching(tmp_path / "one", 2, storage=storage)
    searching(tmp_path / "two", 3, "training.epochs=9", storage=storage)
    searching(tmp_path / "three", 2, storage=storage, high=0.5)
    assert len(trials) == 7 and len(optuna.get_all_study_names(storage)) == 3


def test_one_search_on_two_machines(trials, tmp_path):
    storage = f"sqlite:///{tmp_path / 'shared.db'}"
    searching(tmp_path / "one", 2, "data.workers=2", storage=storage)
    searching(tmp_path / "two", 4, "data.workers=8", storage=storage)
    assert len(trials) == 4 and len({value for _, value in trials}) == 4
    (name,) = optuna.get_all_study_names(storage)
    assert name.startswith("search-")


def test_an_earlier_versions_search_in_a_shared_storage_goes_on(trials, tmp_path):
    searching(tmp_path / "one", 2, "training.epochs=9")  # under the name for all
    storage = f"sqlite:///{tmp_path / 'one' / 'optuna.db'}"
    searching(tmp_path / "two", 3, "training.epochs=9", storage=storage)
    assert len(trials) == 3
    searching(tmp_path / "two", 1, "training.epochs=8", storage=storage)
    assert len(trials) == 4 and len(optuna.get_all_study_names(storage)) == 2


@pytest.mark.parametrize("storage", ["nonsense", "sqlite:////no/such/folder/x.db", "xy://h/db"])
def test_a_storage_that_does_not_open(trials, tmp_path, storage):
    with pytest.raises(ConfigError, match=r"hydra.sweeper.storage=.* cannot be opened"):
        searching(tmp_path, 1, storage=storage)


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
    line = printed.split("actors that the search never had:\n  ")[1].splitlines()[0]
    (config,) = check(as_meant(shlex.split(line)[1:], multirun=False))
    assert (config.split.test, config.data.without_actors, config.is_study) == ([4], [], False)
    again = shlex.split(summary(tmp_path / "study" / "trial_000")["command"])
    (config,) = check(again[1:])
    assert config.is_study and config.fusion.dropout == kept[0]["params"]["fusion.dropout"]
    assert "hydra/sweeper=basic" in again, "no search of what is fixed"


@pytest.mark.slow
def test_a_trial_whose_folds_all_fail_ends_no_search(corpus, store_root, tmp_path):
    """Its reason is told and the search goes on; that no trial was completed is an error."""
    root = tmp_path / "corpus"
    shutil.copytree(corpus, root)
    for path in list(root.glob("**/01-01-05-*.mp4"))[1:]:
        path.write_bytes(b"no longer a film")  # so that every fold lacks angry clips
    arguments = [
        "experiment=search",
        "split=loso",
        "split.validation_actors=1",
        f"data.root={root}",
        "data.max_failed=0.5",
        "data.without_actors=[]",
        "hydra.sweeper.trials=2",
        "hydra.sweeper.params={fusion.dropout: 'interval(0,0.5)'}",
    ]
    code, printed = command(corpus, store_root, tmp_path, *arguments)
    assert code == 1, printed
    kept = json.loads((tmp_path / "study" / "search.json").read_text())["trials"]
    assert [trial["state"] for trial in kept] == ["fail", "fail"]
    assert printed.count("trial failed: 4 of 4 runs are missing (") == 2
    assert "error: no trial was completed" in printed
