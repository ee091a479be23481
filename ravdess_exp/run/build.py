"""A checked configuration to the objects that do the work. Nothing below takes a configuration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ravdess_exp.config.encoders import saw_ravdess
from ravdess_exp.config.schema import ALL, Config, Effect, Late, Pixels, Several
from ravdess_exp.config.schema.picture import PictureFeature
from ravdess_exp.corpus.corpus import Corpus
from ravdess_exp.corpus.other import OtherCorpus
from ravdess_exp.features.variants import SoundVariants
from ravdess_exp.models.fusion import ModelParts
from ravdess_exp.prepare.preparation import Preparation
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.run.class_task import ClassTask
from ravdess_exp.run.clips import build_corpus, build_others, build_recipe
from ravdess_exp.run.linear import build_baseline, build_classifiers
from ravdess_exp.run.number_task import NumberTask
from ravdess_exp.run.provenance import tracking_settings
from ravdess_exp.run.task import Task
from ravdess_exp.training.augment import Augment
from ravdess_exp.training.classifiers import Classifier
from ravdess_exp.training.fit import FitSettings

_NOT_OF_FIT = {"precision", "resume", "members", "refit", "calibrate"}


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """All that one run is made of, built once.

    task: what is told of a clip; others: corpora that the model is scored on beside; crossed: it is one of
    several that train in turn; classifiers: of scikit-learn by head, None for a network; baseline: the
    parts of a linear model that is to
    be compared with the run's, None for none; members, refit, calibrated: see `NetworkLearner`;
    precision: as it is asked for, float32, bfloat16 or auto; conditions: keyword arguments of
    `scoring.robustness.conditions`; sure_accuracy: that of the predictions that are called sure;
    tracking: the arguments of `tracking.tracked`, None for nowhere; parameters: every setting by
    dotted key; identity: those that the learned weights depend on.
    """

    name: str
    task: Task
    corpus: Corpus
    others: tuple[OtherCorpus, ...]
    crossed: bool
    preparation: Preparation
    parts: ModelParts
    classifiers: Mapping[str, Classifier] | None
    baseline: ModelParts | None
    fit: FitSettings
    members: int
    refit: bool
    calibrated: bool
    augment: Augment
    seed: int
    one_hot: bool
    shuffle_labels: bool
    plant_leak: bool
    saw_ravdess: bool  # one of its frozen encoders was trained on it
    precision: str
    resume: bool
    conditions: Mapping[str, Any]
    sure_accuracy: float | None
    tracking: Mapping[str, Any] | None
    parameters: Mapping[str, Any]
    identity: Mapping[str, Any]

    @property
    def recipe(self) -> Recipe:
        """How a clip is prepared."""
        return self.preparation.recipe


def build(config: Config) -> Experiment:
    """Everything that the configuration asks for."""
    return Experiment(
        name=config.name,
        task=NumberTask() if config.numbers else ClassTask(),
        corpus=build_corpus(config),
        others=build_others(config),
        crossed=isinstance(config.data, Several) and config.data.train_on != ALL,
        preparation=build_preparation(config),
        parts=build_parts(config),
        classifiers=build_classifiers(config),
        baseline=build_baseline(config) if config.evaluation.baseline else None,
        fit=FitSettings(**config.training.model_dump(exclude=_NOT_OF_FIT)),
        members=config.training.members,
        refit=config.training.refit,
        calibrated=config.training.calibrate,
        augment=config.augment.build(),
        seed=config.seed,
        one_hot=config.data.one_hot,
        shuffle_labels=config.data.shuffle_labels,
        plant_leak=config.data.plant_leak,
        saw_ravdess=saw_ravdess(config),
        precision=config.training.precision,
        resume=config.training.resume,
        conditions=config.evaluation.model_dump(exclude={"baseline", "sure_accuracy"}),
        sure_accuracy=config.evaluation.sure_accuracy,
        tracking=tracking_settings(config),
        parameters=config.flat(),
        identity=config.settings(Effect.LEARNING, Effect.QUESTION),
    )


def build_preparation(config: Config) -> Preparation:
    """How the clips are prepared, and where that is kept."""
    return Preparation(
        recipe=build_recipe(config),
        store=Path(config.data.store),
        modality=config.modality,
        workers=config.data.workers,
        max_failed=config.data.max_failed,
        clip_seconds=config.data.clip_seconds,
        variants=build_variants(config),
    )


def build_variants(config: Config) -> SoundVariants | None:
    """How the sound of training clips is varied; None where it is not, or is not heard."""
    augment = config.augment
    if not augment.sound_variants or config.modality == "video":
        return None
    ranges = augment.sound.model_dump() | {"snr": augment.sound.snr and tuple(augment.sound.snr)}
    return SoundVariants(count=augment.sound_variants, **ranges)


def build_parts(config: Config) -> ModelParts:
    """What a model is put together from."""
    fusion = config.fusion
    return ModelParts(
        audio_encoder=config.audio_encoder.partial(),
        backbone=_backbone(config),
        pooling=config.pooling.partial(),
        fusion=fusion.build() if isinstance(fusion, Late) else fusion.partial(),
    )


def _backbone(config: Config) -> Callable:
    """What takes crops, the reference among them, or a picture feature, from which it is out."""
    if isinstance(config.visual, PictureFeature | Pixels):
        return config.visual.partial()
    return config.visual.build(_partial_=True, starts_apart=config.frames.reference == "start")
