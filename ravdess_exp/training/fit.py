"""Fit a model on training clips; choose its best epoch on validation clips."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import keras
import numpy as np
from keras import ops

from ravdess_exp.errors import TrainingError
from ravdess_exp.training.checkpoint import Checkpoints, Keeper
from ravdess_exp.training.dataset import Batches
from ravdess_exp.training.losses import SmoothedCrossentropy, Uar

OnEpoch = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """How a model is trained; conf/training/default.yaml says what each value means.

    warmup_epochs: of a learning rate that rises from 0; clip_norm: of the gradient, None for no
    limit; monitor: what chooses the epoch; patience: epochs without a better one.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: Literal["constant", "cosine", "plateau"]
    warmup_epochs: float
    clip_norm: float | None
    label_smoothing: float
    class_weights: bool
    monitor: Literal["val_uar", "val_loss", "val_accuracy"]
    patience: int


@dataclass(frozen=True)
class History:
    """Metrics by epoch, and the epoch whose weights were kept, counted from 1.

    earlier_seconds: what was spent before this process went on with the training.
    """

    epochs: list[dict[str, float]]
    best_epoch: int
    earlier_seconds: float = 0.0


def fit(
    model: keras.Model,
    train: Batches,
    validation: Batches,
    *,
    settings: FitSettings,
    on_epoch: OnEpoch,
    checkpoints: Checkpoints | None = None,
) -> History:
    """Train, and leave the model with the weights of the epoch that was best on validation.

    on_epoch: called with the epoch, counted from 1, and its metrics, also for the epochs in a
    checkpoint. checkpoints: one is written after each epoch; training continues from the one that
    is there, and ends in the same weights to the last bit. Raises `TrainingError` where the loss is
    no number any more.
    """
    compile_model(model, settings=settings, train=train)
    follow = _Follow(train, on_epoch)
    best, *others = _choosers(settings)
    callbacks, first_epoch, earlier = [follow, best, *others], 0, 0.0
    if checkpoints:
        keeper = Keeper(checkpoints, follow.rows, callbacks[1:])
        first_epoch, earlier = keeper.first_epoch(settings.epochs), keeper.earlier_seconds
        follow.repeat(keeper.earlier_rows)
        callbacks.append(keeper)
    model.fit(
        train.dataset(),
        validation_data=validation.dataset(),
        initial_epoch=first_epoch,
        epochs=settings.epochs,
        callbacks=callbacks,
        class_weight=_class_weights(train) if settings.class_weights else None,
        shuffle=False,  # the batches are shuffled already
        verbose=0,
    )
    # a new optimiser: the state of this one would be two thirds of each file of the model
    compile_model(model, settings=settings, train=train)
    return History(follow.rows, best.best_epoch + 1, earlier)


def _choosers(settings: FitSettings) -> list[keras.callbacks.Callback]:
    """What looks at validation: early stopping first, then the schedule where it does too."""
    mode = "min" if settings.monitor == "val_loss" else "max"
    watch = {"monitor": settings.monitor, "mode": mode}
    callbacks = [
        keras.callbacks.EarlyStopping(
            **watch, patience=settings.patience, restore_best_weights=True
        )
    ]
    if settings.schedule == "plateau":
        patience = max(1, settings.patience // 3)
        callbacks.append(keras.callbacks.ReduceLROnPlateau(**watch, factor=0.5, patience=patience))
    return callbacks


def compile_model(model: keras.Model, *, settings: FitSettings, train: Batches) -> None:
    """Adam with the schedule, cross entropy, accuracy and UAR."""
    classes, smoothing = train.samples.classes, settings.label_smoothing
    if train.samples.one_hot:
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    elif smoothing:
        loss = SmoothedCrossentropy(classes, smoothing)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy()
    rate = _learning_rate(settings, steps_per_epoch=len(train))
    optimizer = keras.optimizers.Adam(rate, global_clipnorm=settings.clip_norm)
    metrics = ["accuracy", Uar(classes)]
    # XLA is slower here for every model: scripts/bench_train.py
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics, jit_compile=False)


def _learning_rate(settings: FitSettings, *, steps_per_epoch: int):
    """A number, or a schedule by step: linear warm-up, then a cosine to 0 or a constant."""
    if settings.schedule == "plateau":
        return settings.learning_rate  # ReduceLROnPlateau needs one that can be set
    warmup = round(settings.warmup_epochs * steps_per_epoch)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else settings.learning_rate,
        decay_steps=max(1, settings.epochs * steps_per_epoch - warmup),
        alpha=1.0 if settings.schedule == "constant" else 0.0,
        warmup_target=settings.learning_rate if warmup else None,
        warmup_steps=warmup,
    )


def _class_weights(train: Batches) -> dict[int, float]:
    counts = np.bincount(train.samples.labels, minlength=train.samples.classes)
    return {c: len(train.samples) / (train.samples.classes * n) for c, n in enumerate(counts) if n}


class _Follow(keras.callbacks.Callback):
    """Tell the batches which epoch it is, and the caller what each epoch gave."""

    def __init__(self, train: Batches, on_epoch: OnEpoch) -> None:
        super().__init__()
        self._train = train
        self._on_epoch = on_epoch
        self.rows: list[dict[str, float]] = []

    def repeat(self, rows: list[dict[str, float]]) -> None:
        """Tell of the epochs that an earlier process has done."""
        for row in rows:
            self._tell(row)

    def on_epoch_begin(self, epoch, logs=None):
        self._train.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        rate = float(ops.convert_to_numpy(self.model.optimizer.learning_rate))
        row = {name: float(value) for name, value in (logs or {}).items()}
        if not np.isfinite(row["loss"]):
            raise TrainingError(
                f"the loss is {row['loss']} in epoch {epoch + 1}; lower training.learning_rate "
                "or set training.clip_norm"
            )
        row["learning_rate"] = rate
        self._tell(row)

    def _tell(self, row: dict[str, float]) -> None:
        self.rows.append(row)
        self._on_epoch(len(self.rows), row)
