"""Corpora beside others: what is said of them, what their YAML adds, and what is refused."""

import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import check, compose_config
from ravdess_exp.config.parts import corpora_of, scored_beside, trained_alone
from ravdess_exp.config.paths import as_meant
from ravdess_exp.config.schema import Ravdess, Table
from ravdess_exp.errors import ConfigError, CorpusError
from ravdess_exp.places import anchored_settings, from_anywhere

TWO = "data.corpora=[{source: ravdess, root: /r},{table: b.csv, labels: {joy: happy, 1: null}}]"


def of(*overrides: str):
    return validate(compose_config(list(overrides)))


def test_a_table_needs_no_more_than_its_name():
    (other,) = scored_beside(of("data.test.table=/x/other.csv"))
    assert other.name == "other" and isinstance(other.data, Table)
    assert (other.data.encoding, other.data.max_failed) == ("utf-8", 0.02), "from its YAML"
    assert scored_beside(of()) == [], "none is asked for"


def test_a_corpus_to_test_on_is_named_as_one_to_train_on_is(tmp_path):
    words = as_meant(["data.test=ravdess", f"data.test.root={tmp_path}"], multirun=False)
    settings = "data.test.settings={channel: song}"
    (other,) = scored_beside(check([*words, settings, "data.test.labels={calm: neutral}"])[0])
    assert isinstance(other.data, Ravdess) and other.data.channel == "song"
    assert other.labels == {"calm": "neutral"}, "RAVDESS's own section has no labels"


def test_several_are_trained_on_together_or_one_alone():
    together = of("data=several", TWO)
    assert [corpus.name for corpus in corpora_of(together.data)] == ["ravdess", "b"]
    assert scored_beside(together) == [] and not together.is_study
    assert corpora_of(together.data)[1].data.labels == {"joy": "happy", "1": None}
    alone = of("data=several", TWO, "data.train_on=b")
    assert trained_alone(alone).name == "b"
    assert [corpus.name for corpus in scored_beside(alone)] == ["ravdess"]
    assert of("data=several", TWO, "data.train_on=each").is_study


@pytest.mark.parametrize(("overrides", "message"), [
    (["data.test.source=bogus"], "data.test.source=bogus: expected one of audformat, crema_d, demo"),
    (["data.test.root=/x"], "data.test.source=null, with no table: expected one of audformat, crema_d, demo"),
    (["data.test.source=ravdess"], "data.test.root=.*: must be given"),
    (["data.test.source=table"], "data.test.table=.*: must be given"),
    (["data.test.source=several"], "data.test.source=several: expected one of audformat, crema_d, demo"),
    (["data.test.table=audio.csv"], "data.test.name=audio: expected a name other than audio"),
    (["data.test.table=a.csv", "data.tests=[{table: x/a.csv}]"], "data.tests.0.name=a: data.test has"),
    (["data.test.table=a.csv", "data.test.settings={store: b}"], "data.test.store: table has no such"),
    (["data.tests=[{tabel: a.csv}]"], "data.tests.0.tabel: unknown key"),
    (["data.test.source=ravdess", "data.test.root=x", "data.test.settings={classes: 9}"],
     "data.test.classes=9: expected one of 7 or 8"),
    (["data=several"], "data.corpora=.*: must be given"),
    (["data=several", "data.corpora=[{table: a.csv}]"], "at least 2 items"),
    (["data=several", TWO, "data.train_on=c"], "data.train_on=c: expected one of all, each, ravdess, b"),
    (["data=several", TWO, "data.train_on=each", "split=loso", "split.test_actor=1", "folds=all"],
     "folds=all: expected one with data.train_on=each"),
])  # fmt: skip
def test_a_mistake_is_one_line(overrides, message):
    with pytest.raises(ConfigError, match=message):
        of(*overrides)


def test_a_folder_that_is_not_there_is_told_before_anything_starts(tmp_path):
    with pytest.raises(CorpusError, match="data.test, x: data.table=.*no such file"):
        check([f"data.test.table={tmp_path}/x.csv"])
    (tmp_path / "b.csv").touch()
    corpora = f"[{{source: ravdess, root: {tmp_path}/none}},{{table: {tmp_path}/b.csv}}]"
    with pytest.raises(CorpusError, match="data.corpora.0, ravdess: .*no such folder"):
        check(["data=several", f"data.corpora={corpora}"])


def test_places_in_a_list_of_corpora_are_the_same_from_anywhere():
    words = ["data.corpora=[{table: a b.csv, labels: {joy: null}},{source: ravdess, root: c}]"]
    (word,) = from_anywhere(words, "/base")
    first, second = compose_config(["data=several", word]).data.corpora
    assert (first.table, second.root) == ("/base/a b.csv", "/base/c") and first.labels == {
        "joy": None
    }
    assert anchored_settings([("data.tests", [{"table": "a.csv"}])], [], "/b") == [
        "data.tests=[{table:/b/a.csv}]"
    ]
