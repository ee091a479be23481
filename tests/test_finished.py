"""What is left of a real run and a real study: report, card, and the Python interface by its docstrings."""

import doctest
import json
import os
import re
import shlex
import shutil
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import ravdess_exp
from ravdess_exp.cli.commands import run_command
from ravdess_exp.config.compose import check
from ravdess_exp.errors import OutputError
from ravdess_exp.report.checks import checks_of
from ravdess_exp.report.page import write_report
from ravdess_exp.report.reading import read_finished
from tests.conftest import quick_overrides
from tests.helpers import studies
from tests.helpers.nursery import nursery
from tests.helpers.pages import elements, words

pytestmark = pytest.mark.slow
DOCUMENTED = (  # modules whose docstrings are examples for a user
    "ravdess_exp",
    "ravdess_exp.predict.clip",
    "ravdess_exp.scoring.study_result",
)
HEARD = ("modality=audio", "audio=mfcc_mean", "audio_encoder=dense")
SEEN = ("audio=mfcc_mean", "audio_encoder=dense", "fusion=late", "evaluation.baseline=true")


@pytest.fixture(scope="module")
def place(corpus, store_root, clip_path, tmp_path_factory) -> Path:
    """A working folder as a user has it: a clip, two runs, and a study of three folds."""
    place = tmp_path_factory.mktemp("place")
    shutil.copy(clip_path, place / "clip.mp4")
    for name, told in (("mine", SEEN), ("other", HEARD)):
        told = (*told, f"hydra.run.dir=outputs/runs/{name}", "tracking=none")
        code, said = nursery().run(quick_overrides(corpus, store_root, *told), place)
        assert code == 0, said
    code, said = studies.command(
        corpus, store_root, place, "folds=[1,2,3]", "hydra.sweep.dir=outputs/studies/mine"
    )
    assert code == 0, said
    return place


@pytest.fixture(scope="module")
def report(place) -> str:
    """The report of the run, of clips that may not be handed on."""
    write_report([place / "outputs/runs/mine"], place / "r.html")
    return (place / "r.html").read_text()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_examples_in_docstrings_are_true(name, place, monkeypatch):
    monkeypatch.chdir(place)
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    found = doctest.testmod(import_module(name), optionflags=options, extraglobs={"place": place})
    assert found.attempted > 1 and not found.failed


def test_the_interface_has_examples():
    """Whatever the package offers on its first level."""
    offered = [
        f for f in vars(ravdess_exp).values() if getattr(f, "__module__", "") == "ravdess_exp"
    ]
    assert len(offered) > 2 and all(">>> " in one.__doc__ for one in offered)


def test_a_run_is_no_study(place):
    with pytest.raises(OutputError, match=r"no summary.json in it; expected the folder of a study"):
        ravdess_exp.load_study(place / "outputs/runs/mine")


def test_a_study_is_two_tables(place):
    study = ravdess_exp.load_study(place / "outputs/studies/mine")
    table, speakers = study.table(), study.speakers()
    assert list(table.index) == ["actor_01-seed_0", "actor_02-seed_0", "actor_03-seed_0"]
    assert table["fold"].tolist() == speakers.index.tolist() == [1, 2, 3]
    assert speakers["clips"].tolist() == [8, 8, 8]
    assert table.loc["actor_02-seed_0", "test_uar"] == pytest.approx(speakers.loc[2, "uar"])


def test_the_report_is_valid_small_and_its_pictures_say_what_they_show(report, place):
    pictures = [one.attributes for one in elements(report) if one.tag == "img"]
    assert len(report) < 5e6 and pictures
    assert all(
        len(one["alt"]) > 20 and one["src"].startswith("data:image/png;base64,") for one in pictures
    )
    assert not any(name.startswith("on") for one in elements(report) for name in one.attributes)


def test_clips_that_may_not_be_handed_on_are_embedded_only_when_asked_for(report, place):
    """A clip's picture is one more <img> of the list of wrong clips, and nothing else differs."""
    assert "embeds them" in words(report) and _crops(report) == 0
    assert run_command("report", [str(place / "outputs/runs/mine"), "--with-clips",
                                  "--out", str(place / "w.html")]) == 0  # fmt: skip
    with_clips = (place / "w.html").read_text()
    wrong = len(re.findall(r"taken for <strong>", with_clips))
    assert wrong and _crops(with_clips) == wrong and len(with_clips) < 5e6
    elements(with_clips)


def _crops(text: str) -> int:
    return sum(one.attributes.get("alt", "").startswith("Face crops") for one in elements(text))


def test_a_run_says_what_made_it(place, report):
    made_by = json.loads((place / "outputs/runs/mine/identity.json").read_text())["made_by"]
    assert made_by["ravdess_exp.version"] == ravdess_exp.__version__
    assert made_by["processors"] == str(os.cpu_count()) and made_by["system"]
    shown = words(report)
    assert made_by["mlflow.source.git.commit"] in shown and "git.dirty" not in shown


def test_the_card_of_a_run_has_what_hubs_read(place):
    folder = place / "outputs/runs/mine"
    _, head, text = (folder / "bundle" / "card.md").read_text().split("---\n", 2)
    head = yaml.safe_load(head)
    metrics = json.loads((folder / "metrics.json").read_text())
    (model,) = head["model-index"]
    (result,) = model["results"]
    assert {"license", "library_name", "pipeline_tag", "tags", "metrics"} <= head.keys()
    assert result["metrics"][0]["value"] == pytest.approx(metrics["test/uar"], abs=1e-4)
    assert {"task", "dataset", "metrics"} <= result.keys()
    assert "must not be used for" in text and "| 4 | 8 |" in text


def test_a_study_ends_with_its_report(place):
    text = (place / "outputs/studies/mine/report.html").read_text()
    elements(text)
    assert "A study of 3 runs" in words(text) and "hydra.sweep.dir" in text


def test_the_checks_that_are_lacking_are_commands_that_work(place):
    """Each is whole, of the same clips and one recipe, and goes to a folder of its own."""
    for name in ("runs/mine", "studies/mine"):
        finished = read_finished(place / "outputs" / name)
        commands = [one.command for one in checks_of(finished) if one.command]
        assert len(commands) >= 3
        for command in commands:
            told = [word for word in shlex.split(command)[1:] if word != "--multirun"]
            (config, *_) = check(told, multirun=True)
            assert config.data.root == finished.findings.settings["data.root"]
            assert sum(word.startswith("experiment=") for word in told) <= 1
            assert any(word.startswith("hydra.") and "/mine_" in word for word in told)


@pytest.mark.parametrize(
    ("name", "key"), [("runs", "hydra.run.dir"), ("studies", "hydra.sweep.dir")]
)
def test_a_copy_names_the_folder_that_it_is_of(place, tmp_path, name, key):
    """Such as what is fetched from MLflow: its commands go on where it was made."""
    shutil.copytree(place / "outputs" / name / "mine", tmp_path / "copy")
    finished = read_finished(tmp_path / "copy", Path("/away/run"))
    assert finished.command.endswith(f"{key}=/away/run")
    commands = [one.command for one in checks_of(finished) if one.command]
    assert commands and all("=/away/run_" in one and str(tmp_path) not in one for one in commands)


def test_it_is_printed_by_a_browser(place):
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        pytest.skip("no browser to print with")
    assert run_command("report", [str(place / "outputs/runs/mine"), "--pdf",
                                  "--out", str(place / "p.html")]) == 0  # fmt: skip
    content = (place / "p.pdf").read_bytes()
    assert content.startswith(b"%PDF") and 2 <= len(re.findall(rb"/Type\s*/Page\b", content)) < 20


def test_without_a_browser_that_is_a_sentence(place, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(place))
    assert run_command("report", [str(place / "outputs/runs/mine"), "--pdf"]) == 2
    said = capsys.readouterr().err
    assert "needs a browser" in said and said.count("\n") == 1
