"""A report stands alone, tells what was found, and shows names without running them."""

import hashlib
import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from ravdess_exp.cli.commands import run_command
from ravdess_exp.report.page import write_report
from ravdess_exp.report.wrong_clips import FREE
from ravdess_exp.run.clips import build_recipe
from tests.helpers.bundles import bundle_of

NAMES = ("calm", "<script>alert(1)</script>")
SETTINGS = "data:\n  source: {source}\n  root: {root}\n"
_VOID = {"meta", "img", "br", "link", "hr", "input"}


class Page(HTMLParser):
    """Its elements and text; fails where they are not nested as HTML asks."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.images, self.tags, self.text = [], [], [], ""
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += f"{data} "


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
    page = Page(report)
    assert report.startswith("<!DOCTYPE html>") and len(report) < 5e6
    tags = [tag for tag, _ in page.tags]
    assert not {"script", "link", "iframe"} & set(tags) and "http" not in report.replace(
        "http-equiv", ""
    )
    images = [of for tag, of in page.tags if tag == "img"]
    assert images and all(of["src"].startswith("data:image/png") for of in images)
    assert all(len(of["alt"]) > 20 for of in images)


def test_a_label_with_html_in_it_is_shown_and_not_run(report):
    assert "<script>alert" not in report and NAMES[1] in Page(report).text


def test_it_says_what_was_found_in_words(report):
    text = " ".join(Page(report).text.split())
    for said in (
        "Of 24 clips of 4 speakers whom it never met", "(UAR) is 0.800", "from 0.700 to 0.900",
        "A guess gets 0.500", "not over speakers", "Fewer than two epochs", "with probability 0.90",
        "No speaker is in training and in test passed", "experiment=shuffled_labels",
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
    text = Page((tmp_path / "r.html").read_text()).text
    assert "No difference between one and two is shown" in text and "paired t test" in text


def test_a_folder_without_a_result_is_a_sentence(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert run_command("report", [str(tmp_path / "empty")]) == 2
    assert "no finished run or study in it" in capsys.readouterr().err


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
    told = [of["alt"] for tag, of in Page(texts[1]).tags if tag == "img"]
    assert len([alt for alt in told if alt.startswith("clip-1-1: calm, probability 0.50.")]) == 1
    assert "probability 0.50" not in texts[0] and "<script>alert" not in texts[1]
