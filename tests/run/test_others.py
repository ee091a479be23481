"""Trained here, scored there: what a run says of a further corpus, and that it learned nothing of it."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ravdess_exp.errors import CorpusError
from ravdess_exp.report import page
from ravdess_exp.report.page import write_report
from ravdess_exp.run import course, inputs
from ravdess_exp.run.experiment import run
from ravdess_exp.scoring.metrics import uar

pytestmark = pytest.mark.usefixtures("unrendered")
QUICK = ("modality=audio", "audio=mfcc", "audio.over_time=statistics", "audio_encoder=linear",
         "visual=pixels", "model=logistic", "model.c=1", "tracking=none",
         "training.calibrate=true")  # fmt: skip
WHAT_IS_LEARNED = ("predictions.csv", "predictions_validation.csv", "split.csv")


@pytest.fixture
def scored(configure, second_table, tmp_path):
    """A run with a further corpus; returns its folder."""

    def make(*overrides: str, table: Path = second_table, name: str = "run") -> Path:
        folder = tmp_path / name
        run(configure(*QUICK, f"data.test.table={table}", *overrides), folder=folder)
        return folder

    return make


def undrawn() -> SimpleNamespace:
    """Pictures of a report that are none."""
    names = ("wrong_clip", "reliability", "curves")
    return SimpleNamespace(**dict.fromkeys(names, lambda *_: None))


def test_a_further_corpus_is_scored_beside_the_test_set(scored, caplog, monkeypatch):
    caplog.set_level("INFO")
    same = ", ".join(f"{name}: {name}" for name in ("neutral", "happy", "sad", "angry"))
    folder = scored(f"data.test.labels={{{same}, amused: happy}}", "data.test.name=second")
    metrics = json.loads((folder / "metrics.json").read_text())
    told = pd.read_csv(folder / "predictions_second.csv")
    assert len(told) == 20 and set(told["actor"]) == {"boris", "anna", "carl", "dora"}
    names = list(told.columns[4:])
    assert len(names) == 7, "probabilities of all that the model knows"
    codes = [told[column].map(names.index).to_numpy() for column in ("label", "prediction")]
    assert metrics["other/second/uar"] == pytest.approx(uar(*codes))
    low, high = (metrics[f"other/second/uar_{end}"] for end in ("low", "high"))
    assert low <= metrics["other/second/uar"] <= high
    assert (metrics["other/second/classes"], metrics["other/second/clips"]) == (4, 20)
    assert metrics["other/second/left_out"] == 4 and "test/uar" in metrics
    listed = pd.read_csv(folder / "other_second.csv")
    assert listed["scored"].sum() == 20
    assert listed.loc[~listed["scored"], "reason"].str.contains("emotion 'bored': not in").all()
    assert "4 of bored" in caplog.text and "fearful, disgust, surprised" in caplog.text
    assert "Scored there: second, 20 clips" in (folder / "bundle" / "card.md").read_text()
    monkeypatch.setattr(page, "inline", undrawn())
    write_report([folder], folder / "report.html")
    assert "<td>second</td>" in (folder / "report.html").read_text()
    recorded = json.loads((folder / "others.json").read_text())["scores"]["second"]
    assert recorded["unknown"] == {"bored": 4} and recorded["speakers"] == 4


def learned(folder: Path) -> dict[str, bytes]:
    """All that depends on what was learned, and on nothing else."""
    found = {name: (folder / name).read_bytes() for name in WHAT_IS_LEARNED}
    for path in sorted((folder / "bundle").rglob("*.npz")):
        with np.load(path) as arrays:
            found |= {f"{path.name} {key}": arrays[key].tobytes() for key in arrays}
    return found


def test_nothing_is_fitted_on_a_corpus_that_is_scored(configure, scored, tmp_path, monkeypatch):
    """Neither the statistics of features, nor M, nor the temperature, nor the set of training clips."""
    run(configure(*QUICK, "audio.standardise=train"), folder=tmp_path / "without")
    with_other = scored("audio.standardise=train", name="with")
    assert learned(with_other) == learned(tmp_path / "without")
    seen = []  # now planted: this test must be able to see it
    real, fit = course.prepare_others, inputs.AudioInput.fit

    def prepare(*arguments):
        ready = real(*arguments)
        seen.extend(ready.ready[0].prepared.features)
        return ready

    def fit_on_both(feature, *, train, **rest):
        return fit(feature, train=[*train, *seen], **rest)

    monkeypatch.setattr(course, "prepare_others", prepare)
    monkeypatch.setattr(inputs.AudioInput, "fit", fit_on_both)
    assert learned(scored("audio.standardise=train", name="planted")) != learned(with_other)


def with_a_copy(second_table: Path, clip: Path, folder: Path, *, of: str) -> Path:
    """The further corpus with one clip of a speaker replaced by a clip of the run's own corpus."""
    shutil.copytree(second_table.parent, folder)
    shutil.copy(clip, folder / f"{of}_de_02_froh.mp4")
    return folder / second_table.name


def test_a_file_that_is_in_both_corpora_never_crosses(scored, second_table, clip_path, tmp_path):
    """Under another name and of another speaker, who is known to the model then; training is as it was."""
    table = with_a_copy(second_table, clip_path, tmp_path / "copied", of="anna")
    plain, folder = scored(name="plain"), scored(table=table, name="copied_run")
    assert learned(folder) == learned(plain)
    told = pd.read_csv(folder / "predictions_table.csv")
    assert set(told["actor"]) == {"boris", "carl", "dora"}, "a copy of actor 1, who trains"
    listed = pd.read_csv(folder / "other_table.csv")
    reasons = listed.loc[(listed["actor"] == "anna") & ~listed["scored"], "reason"]
    assert reasons.str.contains("speaker anna is known to the model").sum() == 4
    only = tmp_path / "only.csv"
    rows = (tmp_path / "copied" / "table.csv").read_text().splitlines()
    only.write_text(
        "\n".join([rows[0], *(f"copied/{row}" for row in rows if ",anna," in row)]) + "\n"
    )
    with pytest.raises(CorpusError, match="no clips of two classes left to be scored"):
        scored(table=only, name="nothing")


def test_a_speaker_of_the_same_name_is_another_one(scored, second_table, tmp_path):
    """Speaker 1 there is not actor 1 here, who trains."""
    table = tmp_path / "same_names.csv"
    text = second_table.read_text()
    for number, name in enumerate(("boris", "anna", "carl", "dora"), start=1):
        text = text.replace(f",{name},", f",{number},")
    table.write_text(text)
    folder = scored(f"data.test.root={second_table.parent}", table=table)
    assert set(pd.read_csv(folder / "predictions_same_names.csv")["actor"]) == {1, 2, 3, 4}


def test_a_corpus_without_a_common_class_is_refused_before_the_training(scored, monkeypatch):
    monkeypatch.setattr(course, "make_learner", None)  # a call would fail
    with pytest.raises(CorpusError, match="table and the model have 0 classes in common"):
        scored("data.test.labels={bored: bored, amused: amused}")


def test_several_corpora_train_together_and_a_copy_in_both_never_crosses(
    configure, corpus, second_table, tmp_path, caplog
):
    """A clip of each actor lies in the other corpus too, under another name: none trains whose copy tests."""
    caplog.set_level("INFO")
    folder = tmp_path / "two"
    shutil.copytree(second_table.parent, folder)
    for number, name in enumerate(("boris", "anna", "carl", "dora"), start=1):
        clip = corpus / f"Actor_0{number}" / f"01-01-03-01-01-01-0{number}.mp4"
        shutil.copy(clip, folder / f"{name}_de_02_froh.mp4")
    corpora = f"[{{source: ravdess, root: {corpus}}},{{table: {folder}/table.csv, name: two}}]"
    emotions = "[calm,fearful,disgust,surprised,bored,amused]"
    config = configure(*QUICK, "data=several", f"data.corpora={corpora}", "split=own",
                       f"data.without_emotions={emotions}", "split.test_share=0.3", "data.workers=1",
                       f"data.store={tmp_path / 'store'}")  # fmt: skip
    run(config, folder=tmp_path / "run")
    split = pd.read_csv(tmp_path / "run" / "split.csv")
    speakers = split.groupby("actor")["set"].nunique()
    assert (speakers == 1).all() and len(speakers) == 8
    assert {name.partition(":")[0] for name in split["actor"]} == {"ravdess", "two"}
    used = split[split["used"] & split["clip"].str.contains("-03-01-01-01-0|_02_froh")]
    assert used.groupby("sha256")["set"].nunique().eq(1).all(), "no recording is in two sets"
    left_out = split[~split["used"]]["clip"]
    assert len(left_out), "some pair of copies was drawn apart, or this shows nothing"
    assert "left out of train: the same sound as" in caplog.text
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert any(key.startswith("test/corpus/two/") for key in metrics)
