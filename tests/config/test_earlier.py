"""Configurations that version 0.2 kept are read: each later setting says what was done before it."""

import json
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from ravdess_exp.config.check import conf_dir
from ravdess_exp.config.compose import compose_config
from ravdess_exp.config.schema import Config
from ravdess_exp.config.schema.base import EARLIER

# the keys of each section, and of each option of a group, when 0.2 was done
THEN = json.loads(Path(__file__).with_name("settings_of_0_2.json").read_text())


@pytest.fixture(scope="module")
def today() -> dict:
    return OmegaConf.to_container(compose_config([]), resolve=True)


def written_then(plain: dict, place: str) -> dict:
    """Without the settings that came later."""
    assert set(THEN[place]) <= set(plain), "a setting that is gone: old folders still have it"
    return {name: value for name, value in plain.items() if name in THEN[place]}


@pytest.mark.parametrize("place", THEN)
def test_a_later_setting_says_what_was_done_before(place, today):
    """Where this fails, give the new field of the schema a `Before`: see CONTRIBUTING.md."""
    group, _, option = place.partition("/")
    if option:
        own = OmegaConf.to_container(OmegaConf.load(conf_dir() / f"{place}.yaml"), resolve=False)
        own = own.get(group, own)  # an option that speaks of other groups too
        base = (
            {n: v for n, v in today[group].items() if n in THEN["data"]} if group == "data" else {}
        )
        plain = base | written_then(own, place)
    else:
        source = {n: v for n, v in today[group].items() if n in THEN.get(f"{group}/demo", ())}
        plain = source | {n: v for n, v in today[group].items() if n in THEN[group]}
    Config.model_validate(today | {group: plain}, context=EARLIER)


def test_whole_sections_that_came_later(today):
    """`model` came after 0.1."""
    without = {name: value for name, value in today.items() if name != "model"}
    read = Config.model_validate(without, context=EARLIER)
    assert read.model.kind == "network"
    with pytest.raises(ValueError, match="model"):
        Config.model_validate(without)
