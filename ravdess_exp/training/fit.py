"""Fit a model on training clips; choose its best epoch on validation clips."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import keras
import numpy as np
from keras import ops

from ravdess_exp.errors import TrainingError
from ravdess_exp.training.apart import trained_part
from ravdess_exp.training.checkpoint import Checkpoints, Keeper
from ravdess_exp.training.dataset import Batches
from ravdess_exp.training.objective import objective_of, score_column, watched

LAST_EPOCHS = 5  # whose mean on validation says what no chosen epoch says
OnEpoch = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """How a model is trained; conf/training/default.yaml says what each value means.

    warmup_epochs: of a learning rate that rises from 0; clip_norm: of the gradient, None for no
    limit; monitor: what chooses the epoch, where `choose` is best; patience: epochs without a better
    one; weight_decay, mixup: 0 for none; ema: the momentum of averaged weights, None for none; loss: of
    numbers, since that of classes is cross entropy.
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
    choose: Literal["best", "last"] = "best"
    weight_decay: float = 0.0
    mixup: float = 0.0
    ema: float | None = None
    loss: Literal["mse", "ccc"] = "ccc"


@dataclass(frozen=True)
class History:
    """Metrics by epoch, and the epoch whose weights were kept, counted from 1.

    earlier_seconds: what was spent before this process went on with the training. others: metrics by
    epoch of further trainings of the same run, by name.
    """

    epochs: list[dict[str, float]]
    best_epoch: int
    earlier_seconds: float = 0.0
    others: Mapping[str, list[dict[str, float]]] = field(default_factory=dict)

    def last_validation_uar(self) -> float:
        """Mean validation score of the last `LAST_EPOCHS` epochs of each training that has validation."""
        trainings, score = [self.epochs, *self.others.values()], f"val_{score_column(self.epochs)}"
        scored = [[row[score] for row in of if score in row] for of in trainings]
        return float(np.mean([np.mean(of[-LAST_EPOCHS:]) for of in scored if of]))

    def rows(self) -> list[dict[str, float]]:
        """One dictionary an epoch; of further trainings under `NAME/` before the metric."""
        trainings = {"": self.epochs} | {f"{name}/": of for name, of in self.others.items()}
        rows: list[dict[str, float]] = [{} for _ in range(max(map(len, trainings.values())))]
        for prefix, epochs in trainings.items():
            for row, own in zip(rows, epochs, strict=False):
                row |= {f"{prefix}{metric}": value for metric, value in own.items()}
        return rows


def fit(
    model: keras.Model,
    train: Batches,
    validation: Batches | None,
    *,
    settings: FitSettings,
    on_epoch: OnEpoch,
    checkpoints: Checkpoints | None = None,
) -> History:
    """Train, and leave the model with the weights of the epoch that was best on validation.

    With `choose=last` those of the last one; validation may be None then. on_epoch: called with the
    epoch, counted from 1, and its metrics, also for the epochs in a checkpoint. checkpoints: one is
    written after each epoch; training continues from the one that is there, and ends in the same
    weights to the last bit. Raises `TrainingError` where the loss is no number any more.
    """
    part = trained_part(model)
    compile_model(part, settings=settings, train=train)
    make_variables(part, train)
    follow = _Follow(train, on_epoch)
    choosers = _choosers(settings, objective_of(train.samples, settings).score)
    callbacks, first_epoch, earlier = [follow, *choosers], 0, 0.0
    if checkpoints:
        keeper = Keeper(checkpoints, follow.rows, choosers)
        first_epoch, earlier = keeper.first_epoch(settings.epochs), keeper.earlier_seconds
        follow.repeat(keeper.earlier_rows)
        callbacks.append(keeper)
    weighted = settings.class_weights and not train.samples.are_numbers
    part.fit(
        train.dataset(),
        validation_data=validation.dataset() if validation else None,
        initial_epoch=first_epoch,
        epochs=settings.epochs,
        callbacks=callbacks,
        class_weight=_class_weights(train) if weighted else None,
        shuffle=False,  # the batches are shuffled already
        verbose=0,
    )
    if part is model:
        # a new optimiser: the state of this one would be two thirds of each file of the model
        compile_model(model, settings=settings, train=train)
    return History(follow.rows, _kept_epoch(choosers, follow.rows), earlier)


def _kept_epoch(choosers: list, rows: list) -> int:
    """The epoch whose weights the model has, counted from 1."""
    best = [c.best_epoch for c in choosers if isinstance(c, keras.callbacks.EarlyStopping)]
    return best[0] + 1 if best else len(rows)


def _choosers(settings: FitSettings, score: str) -> list[keras.callbacks.Callback]:
    """What acts on validation, in order: averaged weights put in, early stopping, the schedule."""
    mode = "min" if settings.monitor == "val_loss" else "max"
    watch = {"monitor": watched(settings.monitor, score), "mode": mode}
    callbacks = []
    if settings.ema is not None:
        callbacks.append(keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
    if settings.choose == "best":
        callbacks.append(
            keras.callbacks.EarlyStopping(
                **watch, patience=settings.patience, restore_best_weights=True
            )
        )
    if settings.schedule == "plateau":
        patience = max(1, settings.patience // 3)
        callbacks.append(keras.callbacks.ReduceLROnPlateau(**watch, factor=0.5, patience=patience))
    return callbacks


def compile_model(model: keras.Model, *, settings: FitSettings, train: Batches) -> None:
    """Adam, or AdamW, with the schedule; loss and metrics are those of `training.objective`."""
    optimizer = _optimizer(model, settings, steps_per_epoch=len(train))
    objective = objective_of(train.samples, settings)
    loss, metrics = objective.loss(), objective.metrics()
    # XLA is slower here for every model: scripts/bench_train.py
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics, jit_compile=False)


def make_variables(model: keras.Model, train: Batches) -> None:
    """Make what a compiled model counts with: the optimiser's moments, the sums of its metrics.

    Made within the first step, as Keras does, they cost a second trace of that step: TensorFlow
    traces a function that made variables again without making them.
    """
    model.optimizer.build(model.trainable_variables)
    said = [ops.ones((1, train.samples.classes)) for _ in model.outputs]
    labels = ops.convert_to_tensor(train.samples.targets([0]))
    model.compute_metrics(None, labels, said if len(said) > 1 else said[0])
    model.reset_metrics()


def _optimizer(model: keras.Model, settings: FitSettings, *, steps_per_epoch: int):
    """Adam; with weight decay AdamW (Loshchilov & Hutter, 2019), for weights of two axes or more."""
    options = {
        "learning_rate": _learning_rate(settings, steps_per_epoch=steps_per_epoch),
        "global_clipnorm": settings.clip_norm,
    }
    if settings.ema is not None:
        options |= {"use_ema": True, "ema_momentum": settings.ema}
    if not settings.weight_decay:
        return keras.optimizers.Adam(**options)
    optimizer = keras.optimizers.AdamW(weight_decay=settings.weight_decay, **options)
    few = [weight for weight in model.trainable_weights if len(weight.shape) < 2]
    optimizer.exclude_from_weight_decay(var_list=few)  # biases, and what normalises
    return optimizer


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
