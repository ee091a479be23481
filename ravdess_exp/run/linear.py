"""What the configuration asks for of scikit-learn: the run's own model, or the baseline beside it."""

from functools import partial

from ravdess_exp.config.schema import Config, Pixels
from ravdess_exp.config.schema.linear import Head
from ravdess_exp.config.schema.picture import PictureFeature
from ravdess_exp.models.audio_encoders import linear
from ravdess_exp.models.backbones import given
from ravdess_exp.models.fusion import ModelParts, concat
from ravdess_exp.models.late import HEADS
from ravdess_exp.models.linear import pixels
from ravdess_exp.models.pooling import mean_pooling
from ravdess_exp.training import classifiers
from ravdess_exp.training.regressors import NumberRidge

_BLOCK = 4  # pixels, of what the baseline sees


_KINDS = {
    "logistic": classifiers.Logistic,
    "ridge": classifiers.Ridge,
    "svm": classifiers.Svm,
}


def build_classifiers(config: Config) -> dict[str, classifiers.Classifier | NumberRidge] | None:
    """What scikit-learn fits in the place of a network, by head; None where one is trained."""
    if config.model.kind == "network":
        return None
    own = config.model.video or config.model
    if config.numbers:
        return {what: _regressor(own if what == "video" else config.model) for what in HEADS}
    return {what: _classifier(own if what == "video" else config.model) for what in HEADS}


def _regressor(section: Head) -> NumberRidge:
    """`config.check_numbers` lets nothing but ridge regression through."""
    return NumberRidge(c=section.c, projection=section.projection)


def _classifier(section: Head) -> classifiers.Classifier:
    settings = section.model_dump(exclude={"kind", "video"})
    return _KINDS[section.kind](**settings)


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
    return ModelParts(
        audio_encoder=partial(linear, values="statistics", read_padding=False),
        backbone=backbone,
        pooling=mean_pooling,
        fusion=concat,
    )
