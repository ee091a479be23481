"""A neural network, or several that differ by their seed, trained, calibrated and perhaps refitted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import keras

from ravdess_exp.models.late import average_model
from ravdess_exp.training.augment import Augment
from ravdess_exp.training.checkpoint import Checkpoints
from ravdess_exp.training.dataset import Batches, Samples, together
from ravdess_exp.training.fit import FitSettings, History, fit
from ravdess_exp.training.learner import Trained, Watcher
from ravdess_exp.training.objective import objective_of
from ravdess_exp.training.seeding import seed_everything
from ravdess_exp.training.settling import carry_over, settle

_NEXT_SEED = 1000  # between members, so that those of neighbouring seeds share none


@dataclass(frozen=True, kw_only=True)
class NetworkLearner:
    """See `Learner`. Every training has checkpoints of its own, so a killed one goes on.

    make_model: gives an untrained model for samples of this shape. members: how many are trained,
    with seeds `seed`, `seed` + 1000 and so on, and averaged. refit: train again on training and
    validation clips, as many epochs as before. calibrated: fit temperatures on validation. weights:
    of the branches of a late fusion, see `settle`.
    """

    make_model: Callable[[Samples], keras.Model]
    settings: FitSettings
    augment: Augment
    seed: int
    members: int
    refit: bool
    calibrated: bool
    weights: str
    checkpoints: Checkpoints
    watcher: Watcher

    def __call__(self, train: Samples, validation: Samples) -> Trained:
        """Train on training clips; epochs, temperatures and weights come from validation clips."""
        validated, histories = self._members("member", train, validation)
        if self.calibrated:
            found = settle(
                validated, validation, weights=self.weights, batch_size=self.settings.batch_size
            )
            if found:
                self.watcher.on_calibrated(found)
        model = validated
        if self.refit:
            model, again = self._members("refit", together(train, validation), None)
            carry_over(validated, model)
            histories |= again
        first, *others = histories
        return Trained(
            model,
            validated,
            replace(
                histories[first],
                earlier_seconds=sum(of.earlier_seconds for of in histories.values()),
                others={name: histories[name].epochs for name in others},
            ),
        )

    def _members(
        self, kind: str, train: Samples, validation: Samples | None
    ) -> tuple[keras.Model, dict[str, History]]:
        """The average of all members, which is the model itself where there is one; the histories."""
        histories, weights = {}, []
        for number in range(self.members):
            name = f"{kind}_{number}"
            model, histories[name] = self._fit(name, number, train, validation)
            if self.members > 1:  # one model at a time is in memory, with its optimiser
                weights.append(model.get_weights())
        if self.members == 1:
            return model, histories
        seed_everything(self.seed)
        models = [self.make_model(train) for _ in weights]
        for model, of in zip(models, weights, strict=True):
            model.set_weights(of)
        return average_model(models), histories

    def _fit(
        self, name: str, number: int, train: Samples, validation: Samples | None
    ) -> tuple[keras.Model, History]:
        seed, first = self.seed + _NEXT_SEED * number, name == "member_0"
        seed_everything(seed)
        model = self.make_model(train)
        if first:
            self.watcher.on_model(model)
        aim = objective_of(train, self.settings)
        train = aim.samples(model, train)
        validation = aim.samples(model, validation) if validation else None
        history = fit(
            model,
            self._batches(train, augment=self.augment, shuffle=True, seed=seed, of_training=True),
            self._batches(validation) if validation else None,
            settings=self.settings,
            on_epoch=partial(self.watcher.on_epoch, "" if first else name),
            checkpoints=self.checkpoints if first else self.checkpoints.of_stage(name),
        )
        return model, history

    def _batches(self, samples: Samples, *, of_training: bool = False, **options) -> Batches:
        mixup = self.settings.mixup
        if (
            mixup and not samples.are_numbers
        ):  # labels are shares of classes then, and one loss serves both sets
            samples = replace(samples, one_hot=True)
        return Batches(
            samples,
            batch_size=self.settings.batch_size,
            mixup=mixup if of_training else 0.0,
            **options,
        )
