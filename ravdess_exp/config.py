"""The typed schema of a run: every key, its type and what it may hold. Nothing heavy is imported.

Values stand in `conf/*.yaml` alone, where `--help` and overrides find them; this module owns names,
types and limits, and refuses everything else. `_target_` may name the classes listed here and no
other, so a configuration cannot make the program call anything else.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ravdess_exp.errors import ConfigError

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
_STORES = r"^(https?|databricks|(sqlite|postgresql|mysql|mssql)(\+\w+)?)(:|$)"  # MLflow's
Actors = Annotated[list[Annotated[int, Field(ge=1, le=24)]], Field(min_length=1)]


class Section(BaseModel):
    """A part of the configuration: unknown keys and wrong types are refused, nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Component(Section):
    """A section that is a class or function to build, chosen by `_target_`."""

    target: str = Field(alias="_target_")

    def build(self, **extra: Any) -> Any:
        """Call the target with this section's keys and `extra` as keyword arguments."""
        from hydra.utils import instantiate

        return instantiate({**self.model_dump(by_alias=True), **extra}, _convert_="all")

    def partial(self) -> Any:
        """The target with this section's keys bound, to be called with the rest."""
        return self.build(_partial_=True)


class _Data(Section):
    root: str
    classes: Literal[7, 8]
    one_hot: bool
    song: bool
    store: str
    workers: int
    max_failed: Annotated[float, Field(ge=0, le=1)]


class Demo(_Data):
    source: Literal["demo"]
    clips_per_actor: Annotated[int, Field(ge=8, le=60)]


class Ravdess(_Data):
    source: Literal["ravdess"]


class Trim(Section):
    top_db: Positive


class Frames(Section):
    count: Count
    size: Annotated[int, Field(ge=16, le=512)]


class Mfcc(Component):
    target: Literal["ravdess_exp.features.audio.Mfcc"] = Field(alias="_target_")
    sample_rate: Annotated[int, Field(ge=4000, le=192_000)]
    n_mfcc: Annotated[int, Field(ge=1, le=128)]
    n_fft: Annotated[int, Field(ge=16)]
    hop_length: Count
    frames: Literal["train_mean", "corpus_mean"] | Count


class _Face(Component):
    margin: Annotated[float, Field(ge=0, le=2)]
    detect_side: Annotated[int, Field(ge=64)]


class Mtcnn(_Face):
    target: Literal["ravdess_exp.media.faces.Mtcnn"] = Field(alias="_target_")
    align: bool


class Haar(_Face):
    target: Literal["ravdess_exp.media.faces.Haar"] = Field(alias="_target_")


class FixedSplit(Component):
    target: Literal["ravdess_exp.corpus.split.FixedSplit"] = Field(alias="_target_")
    train: Actors
    validation: Actors
    test: Actors


class LeaveOneSpeakerOut(Component):
    target: Literal["ravdess_exp.corpus.split.LeaveOneSpeakerOut"] = Field(alias="_target_")
    test_actor: Annotated[int, Field(ge=1, le=24)]
    validation_actors: Count
    seed: int


class Augment(Component):
    target: Literal["ravdess_exp.augment.Augment"] = Field(alias="_target_")
    flip: bool
    brightness: Share
    contrast: Share
    colour: Share
    shift: Share
    zoom: Share
    time_masks: Annotated[int, Field(ge=0)]
    time_mask_share: Share
    frequency_masks: Annotated[int, Field(ge=0)]
    frequency_mask_share: Share


class Blstm(Component):
    target: Literal["ravdess_exp.models.audio_encoders.blstm"] = Field(alias="_target_")
    units: Count
    dense: Count
    dropout: Share
    l2: NotNegative


class Vgg(Component):
    target: Literal["ravdess_exp.models.backbones.vgg"] = Field(alias="_target_")
    reference: Literal["first", "none"]
    filters: Annotated[list[Count], Field(min_length=1, max_length=5)]
    dense: Count
    dropout: Share
    l2: NotNegative


class MaxPooling(Component):
    target: Literal["ravdess_exp.models.pooling.max_pooling"] = Field(alias="_target_")


class Concat(Component):
    target: Literal["ravdess_exp.models.fusion.concat"] = Field(alias="_target_")
    dense: Count
    dropout: Share
    l2: NotNegative


class Training(Section):
    epochs: Count
    batch_size: Count
    learning_rate: Positive
    schedule: Literal["constant", "cosine", "plateau"]
    warmup_epochs: NotNegative
    clip_norm: Positive | None
    label_smoothing: Share
    class_weights: bool
    monitor: Literal["val_uar", "val_loss", "val_accuracy"]
    patience: Count


class Mlflow(Section):
    backend: Literal["mlflow"]
    uri: Annotated[str, Field(pattern=_STORES)] | None
    experiment: Annotated[str, Field(min_length=1)]
    log_model: bool


class NoTracking(Section):
    backend: Literal["none"]


class Config(Section):
    """A whole run."""

    task: Literal["run", "prepare"]
    name: Annotated[str, Field(pattern=r"^[\w.+-]+$")]
    modality: Literal["both", "audio", "video"]
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    data: Annotated[Demo | Ravdess, Field(discriminator="source")]
    trim: Trim
    frames: Frames
    audio: Mfcc
    face: Annotated[Mtcnn | Haar, Field(discriminator="target")]
    split: Annotated[FixedSplit | LeaveOneSpeakerOut, Field(discriminator="target")]
    augment: Augment
    audio_encoder: Blstm
    visual: Vgg
    pooling: MaxPooling
    fusion: Concat
    training: Training
    tracking: Annotated[Mlflow | NoTracking, Field(discriminator="backend")]

    def flat(self) -> dict[str, Any]:
        """All values by dotted key, as MLflow's params."""
        return dict(_flatten(self.model_dump(by_alias=True)))


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


def _flatten(node: dict, prefix: str = ""):
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
