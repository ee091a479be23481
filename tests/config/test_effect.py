"""What each setting can change is said once, in the schema, and covers every key."""

import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.config.schema import Effect, effect_of


def test_every_setting_has_one_effect():
    config = validate(compose_config([]))
    groups = [set(config.settings(effect)) for effect in Effect]
    assert sum(map(len, groups)) == len(set().union(*groups)) == len(config.flat())
    assert all(effect_of(key) in Effect for key in config.flat())
    for effect, keys in zip(Effect, groups, strict=True):
        assert {effect_of(key) for key in keys} == {effect}


@pytest.mark.parametrize(
    ("key", "effect"),
    [
        ("training.resume", Effect.NOTHING),
        ("data.store", Effect.NOTHING),
        ("data.root", Effect.NOTHING),
        ("tracking.uri", Effect.NOTHING),
        ("evaluation", Effect.SCORES),
        ("split.test_actor", Effect.QUESTION),
        ("data.without_actors", Effect.QUESTION),
        ("seed", Effect.QUESTION),
        ("fusion.dropout", Effect.LEARNING),
        ("audio", Effect.LEARNING),
    ],
)
def test_what_may_differ(key, effect):
    assert effect_of(key) is effect


def test_a_configuration_of_the_version_before_is_read():
    """Augment has moved; the place it had stands in every `.hydra/config.yaml` of then."""
    composed = compose_config(["augment._target_=ravdess_exp.augment.Augment"])
    assert validate(composed) == validate(compose_config([]))
