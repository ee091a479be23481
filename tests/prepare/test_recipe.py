"""A recipe goes through a file and comes back, and nothing else comes from one."""

import json

import pytest

from ravdess_exp.config.check import conf_dir
from ravdess_exp.errors import BundleError
from ravdess_exp.prepare.plain import DETECTORS, FEATURES, PICTURES
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.run.clips import build_recipe


def options(group: str) -> list[str]:
    return sorted(path.stem for path in (conf_dir() / group).glob("*.yaml"))


@pytest.mark.parametrize(
    "override",
    [f"{group}={name}" for group in ("audio", "face", "visual") for name in options(group)],
)
def test_every_component_comes_back_from_json(configure, override):
    recipe = build_recipe(configure(override))
    text = json.dumps(recipe.as_dict())
    assert Recipe.from_dict(json.loads(text)) == recipe


def test_the_list_has_every_component(configure):
    for group, kinds in (("audio", FEATURES), ("face", DETECTORS)):
        made = {
            type(getattr(configure(f"{group}={name}"), group).build()) for name in options(group)
        }
        if group == "audio":
            made.add(type(configure("audio.over_time=statistics").audio.build()))
        assert made == set(kinds)
    pictures = [build_recipe(configure(f"visual={name}")).picture for name in options("visual")]
    assert {type(picture) for picture in pictures if picture is not None} == set(PICTURES)


def test_a_recipe_from_before_a_field_had_its_default(configure):
    """Features had no `cut`, and cut the end."""
    recipe = build_recipe(configure())
    plain = recipe.as_dict()
    del plain["feature"]["cut"]
    assert Recipe.from_dict(plain) == recipe


@pytest.mark.parametrize("feature", [7, {"class": "Haar"}, {"0": {"class": "Mfcc"}}])
def test_a_feature_within_another_is_checked_too(configure, feature):
    plain = build_recipe(configure("audio.over_time=statistics")).as_dict()
    plain["feature"]["feature"] = feature
    with pytest.raises(BundleError):
        Recipe.from_dict(plain)


def test_what_is_done_after_the_store_names_no_entry(configure):
    """On any level: padding, cutting and standardising cost no new entry, other settings do."""
    several = ["audio=several"]

    def entry(*overrides):
        return build_recipe(configure(*several, *overrides)).settings()["feature"]

    assert entry() == entry("audio.features.mfcc.cut=start", "audio.features.mfcc.frames=max")
    assert entry() == entry("audio.features.functionals.standardise=train")
    assert entry() != entry("audio.features.mfcc.n_mfcc=20")
    assert entry() != entry("audio.features.functionals.blocks=[mel]")
    assert entry("~audio.features.functionals") != entry("~audio.features.mfcc")


@pytest.mark.parametrize(
    ("where", "values", "reason"),
    [
        ("feature", {"class": "Wav2Vec"}, "class 'Wav2Vec', expected one of Mfcc.*newer version"),
        ("feature", {"class": "os.system"}, "class 'os.system', expected"),
        ("feature", {"dct": 2}, "Mfcc with dct: it was made by a newer version"),
        ("detector", {"class": "Mfcc"}, "class 'Mfcc', expected one of Mtcnn"),
        ("feature", {"n_mfcc": "24"}, "Mfcc.n_mfcc='24': expected <class 'int'>"),
        ("feature", {"deltas": 1}, "Mfcc.deltas=1: expected <class 'bool'>"),
        ("feature", {"frames": None}, r"Mfcc.frames=None: expected str \| int"),
        (None, {"colour_space": "lab"}, "Recipe with colour_space: it was made by a newer version"),
        (None, {"frames": 6.5}, "Recipe.frames=6.5: expected <class 'int'>"),
        (None, {"reference": "end"}, "Recipe.reference='end': expected"),
        (None, {"picture": {"class": "Lbp"}}, "class 'Lbp', expected one of Hog"),
        (None, {"feature": "Mfcc"}, "a recipe without feature"),
    ],
)
def test_what_is_not_known_is_refused(configure, where, values, reason):
    plain = build_recipe(configure()).as_dict()
    (plain if where is None else plain[where]).update(values)
    with pytest.raises(BundleError, match=reason):
        Recipe.from_dict(plain)


def test_what_lacks_a_field_is_refused(configure):
    plain = build_recipe(configure()).as_dict()
    del plain["feature"]["hop_length"]
    with pytest.raises(BundleError, match="Mfcc without hop_length"):
        Recipe.from_dict(plain)


def test_a_recipe_of_a_time_before_means_what_was_done_then(configure):
    """Bundles of 0.2 know neither a reference apart, nor registration, nor picture features."""
    recipe = build_recipe(configure("frames.reference=onset"))
    plain = recipe.as_dict()
    for name in ("reference", "register", "picture"):
        del plain[name]
    assert Recipe.from_dict(plain) == recipe
    assert recipe.crops == recipe.frames
