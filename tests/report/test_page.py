"""A report stands alone, tells what was found, and shows names without running them."""

import hashlib
import json
import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest
from html5lib.html5parser import ParseError

from ravdess_exp.cli.commands import run_command
from ravdess_exp.report import page
from ravdess_exp.report.checks import Check, checks_of
from ravdess_exp.report.page import write_report
from ravdess_exp.report.protocol import course, of_validation
from ravdess_exp.report.reading import read_finished
from ravdess_exp.report.wrong_clips import FREE
from ravdess_exp.run.clips import build_recipe
from tests.helpers.bundles import bundle_of
from tests.helpers.pages import colour, contrast, elements, words

NAMES = ("calm", "<script>alert(1)</script>")
SETTINGS = "data:\n  source: {source}\n  root: {root}\n"
TEMPLATE = Path(page.__file__).with_name("report.html")


def finished_run(folder: Path, *, source: str = "ravdess", flip: int = 0) -> Path:
    """Four speakers, two classes; speaker by speaker one clip is wrong, with probability 0.9."""
    rows = []
    for actor in (1, 2, 3, 4):
        for number in range(6):
            label, wrong = number % 2, number == (actor + flip) % 6
            said = 1 - label if wrong else label
            chances = (0.9, 0.1) if said == 0 else (0.1, 0.9)
            clip = f"clip-{actor}-{number}"
            rows.append((clip, actor, NAMES[label], NAMES[said], *chances))
    folder.mkdir(parents=True)
    table = pd.DataFrame(rows, columns=["clip", "actor", "label", "prediction", *NAMES])
    table.to_csv(folder / "predictions.csv", index=False)
    split = [(c, a, "test", True, f"{i:064d}") for i, (c, a, *_) in enumerate(rows)]
    split += [("other", 9, "train", True, "f" * 64)]
    columns = ["clip", "actor", "set", "used", "sha256"]
    pd.DataFrame(split, columns=columns).to_csv(folder / "split.csv", index=False)
    metrics = {
        f"{of}/{what}": 0.8 for of in ("val", "test") for what in ("uar", "accuracy", "macro_f1")
    }
    metrics |= {"test/uar_low": 0.7, "test/uar_high": 0.9, "best_epoch": 1, "parameters": 10}
    metrics |= {"clips/used": 24, "clips/failed": 0, "seconds/total": 3.0}
    metrics |= {"memory/now_mb": 1.0, "memory/peak_mb": 1.0}
    for actor in (1, 2, 3, 4):
        metrics |= {f"test/actor_{actor:02d}/{k}": v for k, v in
                    {"clips": 6, "accuracy": 0.83, "uar": 0.83}.items()}  # fmt: skip
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / ".hydra").mkdir()
    settings = SETTINGS.format(source=source, root=folder / "none")
    (folder / ".hydra" / "config.yaml").write_text(settings)
    return folder


@pytest.fixture
def report(tmp_path):
    """The text of the report of a run."""
    write_report([finished_run(tmp_path / "run")], tmp_path / "r.html")
    return (tmp_path / "r.html").read_text()


def test_it_is_one_valid_file_that_fetches_nothing(report):
    assert report.startswith("<!DOCTYPE html>") and len(report) < 5e6
    found = elements(report)
    assert not {"script", "link", "iframe", "object", "embed"} & {one.tag for one in found}
    assert "http" not in report.replace("http-equiv", "")
    images = [one.attributes for one in found if one.tag == "img"]
    assert images and all(of["src"].startswith("data:image/png") for of in images)
    assert all(len(of["alt"]) > 20 for of in images)


def test_html_that_is_not_valid_would_be_seen():
    with pytest.raises(ParseError):
        elements(
            "<!DOCTYPE html><html><head><title>x</title></head><body><p><div></p></body></html>"
        )


def test_every_text_stands_out_from_what_is_behind_it():
    """WCAG's 4.5 to 1, of each text colour on each background of its own, and of the cells."""
    style = re.search(r"<style>(.*?)</style>", TEMPLATE.read_text(), re.DOTALL)[1]
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", style)
    colours = {
        kind: {
            name.strip(): colour(match[1])
            for name, body in rules
            if (match := re.search(rf"(?:^|[;\s]){kind}:\s*(#\w+)", body))
        }
        for kind in ("color", "background")
    }
    text, behind = colours["color"], colours["background"]
    share = re.search(r"rgba\((\d+), (\d+), (\d+), .*?share \* ([\d.]+)", TEMPLATE.read_text())
    behind["the darkest cell"] = colour(f"rgba({','.join(share.groups())})")
    assert {"body", ".note", ".failed", ".passed", "a"} <= text.keys() and len(behind) > 4
    for name in behind:
        assert contrast(text["body"], behind[name]) >= 4.5, name
    for name in text:
        assert contrast(text[name], behind["body"]) >= 4.5, name
    assert contrast(colour("#777"), colour("#fff")) < 4.5  # the measure can fail


def test_html_in_names_is_shown_and_not_run(tmp_path):
    """Of a folder, of a clip, of a speaker, as a name that is given, and of who made it."""
    odd = "<img src=x onerror=alert(1)>"
    folder = finished_run(tmp_path / odd)
    for name in ("predictions.csv", "split.csv"):
        table = pd.read_csv(folder / name, dtype=str)
        table["clip"] = table["clip"] + odd
        table["actor"] = table["actor"] + odd
        table.to_csv(folder / name, index=False)
    (folder / "identity.json").write_text(json.dumps({"made_by": {odd: odd}}))
    write_report([folder, folder], tmp_path / "r.html", names=[odd, f'"{odd}'])
    text = (tmp_path / "r.html").read_text()
    tags = [one for one in elements(text) if one.attributes.get("src") == "x"]
    assert not tags and text.count("&lt;img src=x onerror") > 10


def sanity_check(
    folder: Path, *, uar: float, key: str = "shuffle_labels", root: Path | None = None
):
    """A finished run whose labels were shuffled; `root`: of its clips."""
    finished_run(folder)
    of = f"  {key}: true\n" + ("  shuffle_labels: true\n" if key == "plant_leak" else "")
    settings = SETTINGS.format(source="ravdess", root=root or folder.parent / "run" / "none")
    (folder / ".hydra" / "config.yaml").write_text(settings + of)
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics |= {"test/uar": uar, "test/uar_low": uar - 0.1, "test/uar_high": uar + 0.1}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder


@pytest.mark.parametrize(("uar", "outcome"), [(0.52, "passed"), (0.9, "failed")])
def test_shuffled_labels_that_lie_beside_count_as_run(tmp_path, uar, outcome):
    """Half of the clips by chance: two classes."""
    run = finished_run(tmp_path / "run")
    sanity_check(tmp_path / "shuffled", uar=uar)
    found = check_of(run, "Labels shuffled")
    assert found.outcome == outcome and f"UAR {uar:.3f}" in found.told and "shuffled" in found.told
    assert check_of(run, "A leak planted").outcome == "not run"


def test_a_planted_leak_must_show(tmp_path):
    run = finished_run(tmp_path / "run")
    planted = sanity_check(tmp_path / "planted", uar=0.95, key="plant_leak")
    assert check_of(run, "A leak planted").outcome == "passed"
    assert check_of(run, "Labels shuffled").outcome == "not run"
    assert check_of(planted, "A leak planted").outcome == "run"


def test_a_check_of_other_clips_is_none_and_one_elsewhere_is_named(tmp_path):
    run = finished_run(tmp_path / "run")
    sanity_check(tmp_path / "others", uar=0.5, root=tmp_path / "elsewhere")
    assert check_of(run, "Labels shuffled").outcome == "not run"
    away = sanity_check(tmp_path / "away" / "x", uar=0.5, root=tmp_path / "run" / "none")
    assert check_of(run, "Labels shuffled", away).outcome == "passed"


def test_a_command_for_a_run_of_a_study_is_a_study_in_a_folder_of_its_own(tmp_path):
    """`hydra.run.dir` says nothing to a multirun, which would go where the study is or anywhere."""
    run = finished_run(tmp_path / "study" / "fold_00")
    node = {"overrides": {"hydra": [], "task": ["seeds=[0,1]"]},
            "runtime": {"cwd": str(tmp_path), "config_sources": [], "choices": {}}}  # fmt: skip
    (tmp_path / "study" / "multirun.yaml").write_text(json.dumps({"hydra": node}))
    for name, ending in (("A linear model", "baseline"), ("Noise", "evaluation")):
        command = shlex.split(check_of(run, name).command)
        assert "--multirun" in command and not any(w.startswith("hydra.run") for w in command)
        assert command[-1] == f"hydra.sweep.dir={run}_{ending}"


def check_of(folder: Path, name: str, *others: Path) -> Check:
    named = [read_finished(other) for other in others]
    (found,) = (of for of in checks_of(read_finished(folder), named) if of.name.startswith(name))
    return found


def test_a_label_with_html_in_it_is_shown_and_not_run(report):
    assert "<script>alert" not in report and NAMES[1] in words(report)


def test_it_says_what_was_found_in_words(report):
    text = words(report)
    for said in (
        "Of 24 clips of 4 speakers whom it never met", "(UAR) is 0.800", "from 0.700 to 0.900",
        "A guess gets 0.500", "not over speakers", "Fewer than two epochs", "with probability 0.90",
        "No speaker is in training and in test passed", "experiment=shuffled_labels",
        "is taken for", "evaluation.baseline=true",
    ):  # fmt: skip
        assert said in text, said


def test_clips_are_embedded_only_where_that_is_allowed(report):
    """RAVDESS's are not; the demo's are, and here the files are gone."""
    assert "--with-clips embeds them" in report and FREE == ("demo",)


def test_a_shared_speaker_is_found(tmp_path):
    folder = finished_run(tmp_path / "run")
    table = pd.read_csv(folder / "split.csv")
    table.loc[table["set"] == "train", "actor"] = 1
    table.to_csv(folder / "split.csv", index=False)
    write_report([folder], tmp_path / "r.html")
    assert "1 are, such as 1" in (tmp_path / "r.html").read_text()


def test_several_are_compared_by_the_paired_test(tmp_path):
    folders = [finished_run(tmp_path / "a"), finished_run(tmp_path / "b", flip=1)]
    write_report(folders, tmp_path / "r.html", names=["one", "two"])
    text = words((tmp_path / "r.html").read_text())
    assert "No difference between one and two is shown" in text and "paired t test" in text


def test_a_folder_without_a_result_is_a_sentence(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert run_command("report", [str(tmp_path / "empty")]) == 2
    assert "no finished run or study in it" in capsys.readouterr().err


@pytest.mark.parametrize("changed", [("metrics.json", "{}"), ("predictions.csv", "a,b\n1,2\n")])
def test_a_result_that_lacks_something_is_a_sentence(changed, tmp_path, capsys):
    run = finished_run(tmp_path / "run")
    name, content = changed
    (run / name).write_text(content)
    assert run_command("report", [str(run)]) == 2
    said = capsys.readouterr().err
    assert "its results cannot be read" in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("settings", "how", "which"),
    [
        ({"training.refit": True}, "trained again on both", "before it was trained on them too"),
        (
            {"training.refit": False, "training.choose": "best"},
            "chosen by others",
            "by which the epoch",
        ),
        ({}, "chosen by others", "on validation"),
    ],
)
def test_what_validation_was_for_is_said_as_it_was(settings, how, which):
    assert how in course(settings) and which in of_validation(settings)


def test_asked_for_clips_it_says_what_the_model_went_by(configure, clip_path, tmp_path):
    """By the model of the run whose mistake it is; a label with HTML in it is still text."""
    run = finished_run(tmp_path / "run")
    bundle_of(build_recipe(configure("audio.standardise=train")), classes=NAMES).save(
        run / "bundle"
    )
    (run / "none").mkdir()
    shutil.copy(clip_path, run / "none" / "clip-1-1.mp4")
    split = pd.read_csv(run / "split.csv")
    digest = hashlib.sha256(clip_path.read_bytes()).hexdigest()
    split.loc[split["clip"] == "clip-1-1", "sha256"] = digest
    split.to_csv(run / "split.csv", index=False)
    texts = []
    for asked in (False, True):
        write_report([run], tmp_path / "r.html", with_clips=asked)
        texts.append((tmp_path / "r.html").read_text())
    told = [one.attributes["alt"] for one in elements(texts[1]) if one.tag == "img"]
    assert len([alt for alt in told if alt.startswith("clip-1-1: calm, probability 0.50.")]) == 1
    assert "probability 0.50" not in texts[0] and "<script>alert" not in texts[1]
