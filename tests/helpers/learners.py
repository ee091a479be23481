"""A network learner for tests: the smallest model, a fixed recipe."""

from collections.abc import Callable
from pathlib import Path

import keras

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.models.late import Late, finished_model, head_name
from ravdess_exp.training.checkpoint import Checkpoints
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.fit import FitSettings
from ravdess_exp.training.learner import Watcher
from ravdess_exp.training.network import NetworkLearner

FIXED = {
    "epochs": 4, "batch_size": 16, "learning_rate": 0.02, "schedule": "cosine", "warmup_epochs": 0,
    "clip_norm": None, "label_smoothing": 0.0, "class_weights": False, "monitor": "val_uar",
    "patience": 9,
}  # fmt: skip
_OF_FIT = (*FIXED, "choose", "weight_decay", "mixup", "ema", "loss")


def small_model(samples: Samples) -> keras.Model:
    """Late where there is a picture; dropout, so that seeds of layers count too."""
    audio = keras.Input((7, 4, 1), name="audio")
    flat = keras.layers.Flatten()
    heard = keras.layers.Dropout(0.3)(keras.layers.Dense(16, activation="relu")(flat(audio)))
    if samples.faces is None:
        head = keras.layers.Dense(7, activation="softmax", name=head_name("joint"))
        return finished_model([audio], {"joint": head(heard)})
    video = keras.Input((2, 8, 8, 3), name="video")
    seen = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(video))
    late = Late(dropout=0.2, l2=0.001, weights="equal")
    return finished_model([audio, video], late.heads({"audio": heard, "video": seen}, 7))


def small_learner(
    folder: Path,
    kind: type[NetworkLearner] = NetworkLearner,
    *,
    on_epoch: Callable = lambda *of: None,
    **own,
) -> NetworkLearner:
    """own: settings of the fit or of the learner that are not as they are here."""
    of_fit = {name: own.pop(name) for name in list(own) if name in _OF_FIT}
    settings = {
        "members": 1,
        "refit": False,
        "calibrated": True,
        "weights": "validation",
        "seed": 0,
    }
    return kind(
        make_model=small_model,
        settings=FitSettings(**(FIXED | of_fit)),
        augment=validate(compose_config(["augment=none"])).augment.build(),
        checkpoints=Checkpoints(folder / "checkpoint"),
        watcher=Watcher(lambda model: None, on_epoch, lambda sentence: None),
        **(settings | own),
    )
