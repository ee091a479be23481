"""What a model that tells numbers cannot be asked for, in one line."""

import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.errors import ConfigError

TABLE = ("data=table", "data.table=t.csv")
NUMBERS = (*TABLE, "data.targets=[arousal,valence]")


def config(*overrides: str):
    return validate(compose_config([*overrides]))


def test_regression_names_the_usual_numbers():
    assert config(*TABLE, "task=regression").numbers == ("arousal", "valence")
    assert config(*TABLE, "task=regression", "data.targets=[pain]").numbers == ("pain",)
    assert config(*TABLE).numbers == () and config().numbers == ()


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (("task=regression",), "data=demo has no numbers to learn"),
        ((*NUMBERS, "model=logistic"), "model=logistic: names classes; expected network or ridge"),
        ((*NUMBERS, "model=svm"), "model=svm: names classes"),
        ((*NUMBERS, "experiment=best"), "model.video.kind=logistic: names classes"),
        ((*NUMBERS, "data.one_hot=true"), "data.one_hot=true: expected false"),
        ((*NUMBERS, "training.monitor=val_accuracy"), "training.monitor=val_accuracy: expected"),
        ((*TABLE, "data.targets=[a,a]"), "expected each column once"),
        ((*TABLE, "data.targets=[audio]"), "audio is a name of our own"),
        ((*TABLE, "data.targets=[]"), "data.targets"),
        ((*NUMBERS, "training.loss=mae"), "training.loss=mae: expected"),
    ],
)
def test_what_makes_no_sense_is_refused(overrides, told):
    with pytest.raises(ConfigError, match=told.replace("[", r"\[")):
        config(*overrides)


def test_every_corpus_but_ravdess_refuses_its_classes():
    """Its seven or eight are RAVDESS's own."""
    from ravdess_exp.config.compose import check

    with pytest.raises(ConfigError, match="data.classes"):
        check([*TABLE, "data.classes=7"])
