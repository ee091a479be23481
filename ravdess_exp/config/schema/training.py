"""How a model is trained."""

from typing import Annotated, Literal

from pydantic import Field

from ravdess_exp.config.schema.base import Count, NotNegative, Positive, Section, Share
from ravdess_exp.config.schema.effect import Before, Effect


class Training(Section):
    epochs: Count
    batch_size: Count
    learning_rate: Positive
    schedule: Literal["constant", "cosine", "plateau"]
    warmup_epochs: NotNegative
    clip_norm: Positive | None
    label_smoothing: Share
    class_weights: bool
    loss: Annotated[Literal["mse", "ccc"], Before("ccc")]
    weight_decay: Annotated[NotNegative, Before(0.0)]
    mixup: Annotated[NotNegative, Before(0.0)]
    ema: Annotated[Annotated[float, Field(gt=0, lt=1)] | None, Before(None)]
    choose: Annotated[Literal["best", "last"], Before("best")]
    monitor: Literal["val_uar", "val_loss", "val_accuracy"]
    patience: Count
    refit: Annotated[bool, Before(False)]
    members: Annotated[int, Field(ge=1, le=20), Before(1)]
    calibrate: Annotated[bool, Before(False)]
    precision: Literal["float32", "bfloat16", "auto"]
    resume: Annotated[bool, Effect.NOTHING]
