"""What `model=logistic`, `model=ridge` and `model=svm` cannot be asked for."""

from ravdess_exp.config.schema import Concat, Config, Late
from ravdess_exp.errors import ConfigError


def check_linear(config: Config) -> None:
    """Refuse what only a network can have; raises `ConfigError`."""
    kind = config.model.kind
    if kind == "network":
        return
    used = {"audio": ["audio_encoder"], "video": ["visual", "pooling"]}
    used["both"] = used["audio"] + used["video"]
    for group in used[config.modality]:
        part = getattr(config, group)
        if not part.weightless:
            name = part.target.rsplit(".", 1)[-1]
            raise ConfigError(
                f"{group}={name}: has weights to be trained, and model={kind} trains none; leave "
                f"{group} out, or take model=network"
            )
    if not isinstance(config.fusion, Concat | Late):
        name = config.fusion.target.rsplit(".", 1)[-1]
        raise ConfigError(
            f"fusion={name}: expected concat (one model of all inputs) or late (one an input) with "
            f"model={kind}"
        )
    if config.model.video and not isinstance(config.fusion, Late):
        raise ConfigError(
            "model.video: the picture has a model of its own with fusion=late alone; "
            "model.video=null leaves it out"
        )
    for key, value, only in (
        ("training.members", config.training.members, 1),
        ("training.mixup", config.training.mixup, 0),
        ("augment.modality_dropout", config.augment.modality_dropout, 0),
    ):
        if value != only:
            raise ConfigError(
                f"{key}={value}: expected {only} with model={kind}, which has no epochs"
            )
