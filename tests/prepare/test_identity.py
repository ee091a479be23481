"""The identity of what is prepared: settings, and the versions of what computes it."""

from dataclasses import replace
from importlib import metadata

import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.run.clips import build_recipe


@pytest.fixture
def settings(monkeypatch):
    """Settings of a recipe by kind of entry, as with other versions of packages."""

    def make(*overrides: str, **versions: str) -> dict[str, dict]:
        recipe = build_recipe(validate(compose_config(list(overrides))))
        real = metadata.version
        with monkeypatch.context() as patch:
            patch.setattr(metadata, "version", lambda name: versions.get(name) or real(name))
            return recipe.settings()

    return make


@pytest.mark.parametrize(
    ("overrides", "package", "kinds"),
    [
        ([], "av", {"speech", "faces", "feature"}),
        ([], "soxr", {"speech", "faces", "feature"}),
        ([], "librosa", {"speech", "faces", "feature"}),
        ([], "mtcnn", {"faces"}),
        ([], "opencv-python-headless", {"faces"}),
        (["audio=egemaps"], "opensmile", {"feature"}),
        ([], "opensmile", set()),
        (["face=haar"], "mtcnn", set()),
        (["face=haar"], "opencv-python-headless", {"faces"}),
        (["face=dlib"], "dlib-bin", {"faces"}),
    ],
)
def test_another_version_makes_new_entries_of_what_it_computes(settings, overrides, package, kinds):
    now, later = settings(*overrides), settings(*overrides, **{package: "99.0"})
    assert {kind for kind in now if now[kind] != later[kind]} == kinds


def test_an_extra_that_is_not_installed_has_no_version(monkeypatch):
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    recipe = build_recipe(validate(compose_config(["audio=egemaps"])))
    monkeypatch.setattr(metadata, "version", missing)
    assert recipe.settings()["feature"]["computed_by"] == {"opensmile": None}


@pytest.mark.parametrize(
    ("before", "override", "kinds"),
    [
        ([], "frames.reference=onset", {"faces"}),
        ([], "frames.register=true", {"faces"}),
        ([], "pooling=statistics", set()),
        (["visual=hog"], "visual.cells=[8,12]", {"picture"}),
        (["visual=hog"], "visual.mirror=false", {"picture"}),
        (["visual=hog"], "visual.standardise=feature", set()),
        (["visual=hog"], "visual.dense=8", set()),
        (["visual=hog"], "frames.reference=onset", {"faces", "picture"}),
        (["visual=hog"], "frames.register=true", {"faces", "picture"}),
        (["visual=flow"], "frames.register=false", {"faces", "picture"}),
        (["visual=flow"], "visual.grid=4", {"picture"}),
        (["visual=flow"], "visual.strain=false", {"picture"}),
        (["visual=face_motion"], "visual.cells=[8]", {"picture"}),
        (["visual=several"], "visual.features.flow.grid=8", {"picture"}),
        (["visual=several"], "visual.standardise=feature", set()),
    ],
)
def test_each_setting_of_the_picture_makes_entries_of_its_own(settings, before, override, kinds):
    now, later = settings(*before), settings(*before, override)
    assert {kind for kind in now if now[kind] != later[kind]} == kinds


def test_no_reference_and_one_that_stays_share_their_crops(settings):
    """But not what is computed from them."""
    onset, none = (settings("visual=hog", f"frames.reference={r}") for r in ("onset", "none"))
    assert onset["faces"] == none["faces"] and onset["picture"] != none["picture"]


def test_a_setting_of_the_feature_is_no_setting_of_the_faces():
    recipe = build_recipe(validate(compose_config([])))
    other = replace(recipe, feature=replace(recipe.feature, n_mfcc=17)).settings()
    changed = {kind for kind, of_kind in recipe.settings().items() if of_kind != other[kind]}
    assert changed == {"feature"}
