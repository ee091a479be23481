"""A checked configuration to the objects that do the work. Nothing below takes a configuration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ravdess_exp.config.schema import Config, Effect, Late, Pixels
from ravdess_exp.config.schema.picture import PictureFeature
from ravdess_exp.corpus.corpus import Corpus
from ravdess_exp.models.backbones import given
from ravdess_exp.models.fusion import ModelParts, concat
from ravdess_exp.models.linear import moments, pixels
from ravdess_exp.models.pooling import mean_pooling
from ravdess_exp.prepare.preparation import Preparation
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.run.clips import build_corpus, build_recipe
from ravdess_exp.run.provenance import tracking_settings
from ravdess_exp.training import classifiers
from ravdess_exp.training.augment import Augment
from ravdess_exp.training.fit import FitSettings

_NOT_OF_FIT = {"precision", "resume", "members", "refit", "calibrate"}
_BLOCK = 4  # pixels, of what the baseline sees


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """All that one run is made of, built once.

    classifier: of scikit-learn, None for a network; baseline: the parts of a linear model that is to
    be compared with the run's, None for none; members, refit, calibrated: see `NetworkLearner`;
    precision: as it is asked for, float32, bfloat16 or auto; conditions: keyword arguments of
    `scoring.robustness.conditions`; tracking: those of `tracking.tracked`, None for nowhere;
    parameters: every setting by dotted key; identity: those that the learned weights depend on.
    """

    name: str
    corpus: Corpus
    preparation: Preparation
    parts: ModelParts
    classifier: classifiers.Classifier | None
    baseline: ModelParts | None
    fit: FitSettings
    members: int
    refit: bool
    calibrated: bool
    augment: Augment
    seed: int
    one_hot: bool
    shuffle_labels: bool
    precision: str
    resume: bool
    conditions: Mapping[str, Any]
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
        corpus=build_corpus(config),
        preparation=build_preparation(config),
        parts=build_parts(config),
        classifier=build_classifier(config),
        baseline=build_baseline(config) if config.evaluation.baseline else None,
        fit=FitSettings(**config.training.model_dump(exclude=_NOT_OF_FIT)),
        members=config.training.members,
        refit=config.training.refit,
        calibrated=config.training.calibrate,
        augment=config.augment.build(),
        seed=config.seed,
        one_hot=config.data.one_hot,
        shuffle_labels=config.data.shuffle_labels,
        precision=config.training.precision,
        resume=config.training.resume,
        conditions=config.evaluation.model_dump(exclude={"baseline"}),
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
    )


def build_parts(config: Config) -> ModelParts:
    """What a model is put together from."""
    fusion = config.fusion
    return ModelParts(
        audio_encoder=config.audio_encoder.partial(),
        backbone=_backbone(config),
        pooling=config.pooling.partial(),
        fusion=fusion.build() if isinstance(fusion, Late) else fusion.partial(),
    )


def build_classifier(config: Config) -> classifiers.Classifier | None:
    """What scikit-learn fits in the place of a network, None where one is trained."""
    kind = config.model.kind
    if kind == "network":
        return None
    settings = config.model.model_dump(exclude={"kind"})
    return {"logistic": classifiers.Logistic, "svm": classifiers.Svm}[kind](**settings)


def build_baseline(config: Config) -> ModelParts:
    """The parts without weights that read what the run's model reads; one head for all inputs."""
    visual = config.visual
    if isinstance(visual, PictureFeature):
        backbone = partial(given, dense=None, dropout=0.0)
    elif isinstance(visual, Pixels):
        backbone = visual.partial()
    else:
        reference = "none" if visual.reference == "none" else "first"
        backbone = partial(pixels, reference=reference, block=_BLOCK)
    return ModelParts(audio_encoder=moments, backbone=backbone, pooling=mean_pooling, fusion=concat)


def _backbone(config: Config) -> Callable:
    """What takes crops, the reference among them, or a picture feature, from which it is out."""
    if isinstance(config.visual, PictureFeature | Pixels):
        return config.visual.partial()
    return config.visual.build(_partial_=True, starts_apart=config.frames.reference == "start")
