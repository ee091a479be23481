"""What a model that tells numbers (`data.targets`) cannot be asked for."""

from ravdess_exp.config.schema import Config
from ravdess_exp.errors import ConfigError

_TAKEN = {  # columns of tables of predictions, and names of metrics
    "audio", "video", "ccc", "rmse", "pearson", "label", "prediction", "clip", "actor", "fold", "seed",
    "file", "start", "end", "window_start", "window_end", "faces", "remarks", "reason", "seconds", "sure",
}  # fmt: skip


def check_numbers(config: Config) -> None:
    """Raise `ConfigError` for what only classes have, and for numbers without a table."""
    names = config.numbers
    if not names:
        if config.task == "regression":
            raise ConfigError(
                f"task=regression: data={config.data.source} has no numbers to learn; expected data=table "
                "with columns of numbers, which data.targets=[arousal,valence] names"
            )
        return
    if len(set(names)) < len(names):
        raise ConfigError(f"data.targets={list(names)}: expected each column once")
    if taken := [name for name in names if name.lower() in _TAKEN or name.startswith("actor_")]:
        raise ConfigError(
            f"data.targets: {', '.join(taken)} is a name of our own in tables of results; rename the column"
        )
    _check_model(config)
    if config.data.test.given or config.data.tests:
        raise ConfigError(
            "data.test: expected none with data.targets; further corpora are scored by classes alone"
        )
    if config.data.one_hot:
        raise ConfigError(
            "data.one_hot=true: expected false with data.targets, which are no classes"
        )
    if config.training.monitor == "val_accuracy":
        raise ConfigError(
            "training.monitor=val_accuracy: expected val_uar, which is the concordance here, or val_loss "
            "with data.targets, of which none is right or wrong"
        )


def _check_model(config: Config) -> None:
    of_heads = {"model": config.model, "model.video": getattr(config.model, "video", None)}
    for key, section in of_heads.items():
        if section is not None and section.kind in ("logistic", "svm"):
            named = f"model={section.kind}" if key == "model" else f"{key}.kind={section.kind}"
            raise ConfigError(
                f"{named}: names classes; expected network or ridge with data.targets, which are numbers"
            )
