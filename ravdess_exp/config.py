"""A composed configuration, checked against the schema: one line for each mistake."""

from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import BaseModel, ValidationError

from ravdess_exp.errors import ConfigError
from ravdess_exp.schema import Config, FixedSplit


def conf_dir() -> Path:
    """Folder of the YAML files: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).parent
    beside = package.parent / "conf"
    return beside if (beside / "config.yaml").exists() else package / "conf"


def validate(composed: DictConfig) -> Config:
    """Check a composed configuration; raises `ConfigError` with one line a bad key."""
    try:
        plain = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        key = getattr(error, "full_key", None) or "configuration"
        reason = str(error).splitlines()[0]
        missing = f"{key}=???: must be given, for example {key}=..."
        raise ConfigError(
            missing if "Missing mandatory" in reason else f"{key}: {reason}"
        ) from error
    try:
        config = Config.model_validate(plain)
    except ValidationError as error:
        raise ConfigError("; ".join(_explain(e, plain) for e in error.errors())) from error
    _check_together(config)
    return config


def _check_together(config: Config) -> None:
    if config.audio.n_fft < config.audio.hop_length:
        raise ConfigError(
            f"audio.hop_length={config.audio.hop_length}: expected at most "
            f"audio.n_fft={config.audio.n_fft}, or sound between the windows is not heard"
        )
    if isinstance(config.split, FixedSplit):
        sets = {name: set(getattr(config.split, name)) for name in ("train", "validation", "test")}
        for first, second in (("train", "validation"), ("validation", "test"), ("train", "test")):
            if common := sorted(sets[first] & sets[second]):
                raise ConfigError(
                    f"split.{second}: actors {common} are in split.{first} too; a speaker may be "
                    "in one set only"
                )
    if config.training.schedule == "plateau" and config.training.warmup_epochs:
        raise ConfigError(
            f"training.warmup_epochs={config.training.warmup_epochs}: expected 0 with "
            "training.schedule=plateau, which sets the learning rate itself"
        )
    smallest = 2 ** len(config.visual.filters)
    if config.frames.size < smallest:
        raise ConfigError(
            f"frames.size={config.frames.size}: {len(config.visual.filters)} blocks that halve it "
            f"need at least {smallest}"
        )


def _explain(error: dict, plain: dict) -> str:
    """One finding of pydantic as `key=value: what was expected`."""
    path = _real_path(error["loc"], plain)
    key, value = ".".join(map(str, path)), error["input"]
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            known = ", ".join(sorted(_keys_beside(path)))
            return f"{key}: unknown key" + (f", expected one of {known}" if known else "")
        case "literal_error":
            return f"{key}={value}: expected one of {context['expected']}"
        case "union_tag_invalid":
            tag = context["discriminator"].split(" | ")[-1].strip("'")
            return f"{key}.{tag}={context['tag']}: expected one of {context['expected_tags']}"
        case "missing":
            return f"{key}: missing"
    message = error["msg"].removeprefix("Input should be ")
    return f"{key}={value}: expected {message}"


def _real_path(loc: tuple, plain: dict) -> list:
    """Pydantic puts the tag of a union into the path; keep what is really a key."""
    path, node = [], plain
    for i, part in enumerate(loc):
        if isinstance(node, dict) and part not in node and i < len(loc) - 1:
            continue
        if not isinstance(node, dict | list):
            break  # an alternative of a union, such as `int`
        path.append(part)
        node = node.get(part) if isinstance(node, dict) else node[part]
    return path


def _keys_beside(path: list) -> list[str]:
    """The keys of the section that the last part of the path is wrongly in."""
    models: list = [Config]
    for part in path[:-1]:
        fields = [m.model_fields[part].annotation for m in models if part in m.model_fields]
        models = [m for f in fields for m in (getattr(f, "__args__", None) or [f])]
        models = [m for m in models if isinstance(m, type) and issubclass(m, BaseModel)]
    return sorted({f.alias or name for m in models for name, f in m.model_fields.items()})
