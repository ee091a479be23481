"""The corpora that stand beside others: each completed from its own YAML, and named."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from omegaconf import OmegaConf
from pydantic import Field, TypeAdapter, ValidationError

from ravdess_exp.config.explain import explain
from ravdess_exp.config.folder import conf_dir
from ravdess_exp.config.schema import ALL, EACH, Config, Demo, DemoTable, Several, Table
from ravdess_exp.config.schema.parts import Part
from ravdess_exp.corpus.listing import require_folder, require_table
from ravdess_exp.errors import ConfigError, CorpusError

_OWN = ("root", "table", "columns", "labels", "encoding")  # keys of a part that its YAML may have
_FILTERS = ("intensity", "statement", "without_emotions", "without_actors")  # of every corpus
_TAKEN = ("audio", "video", "validation", ALL, EACH)  # there are files, or values, of these names
_NESTED = ("several",)  # options of `data` that are no corpus


@dataclass(frozen=True)
class CompletePart:
    """A corpus by its name in results.

    data: its section, as that of `data`; labels: its emotions as classes of the model, where its own
    section has no such key; key: where it stands in the configuration.
    """

    name: str
    data: Any
    labels: dict[str, str | None] | None
    key: str


def scored_beside(config: Config) -> list[CompletePart]:
    """The corpora whose clips no set has, and which the model is scored on; each named once.

    Raises `ConfigError` for one that is not known or lacks something.
    """
    parts = [("data.test", config.data.test)] if config.data.test.given else []
    parts += [(f"data.tests.{n}", part) for n, part in enumerate(config.data.tests)]
    others = [_completed(part, key) for key, part in parts]
    if isinstance(config.data, Several) and config.data.train_on != ALL:
        others += [c for c in corpora_of(config.data) if c.name != config.data.train_on]
    _require_names(others)
    return others


def corpora_of(data: Several) -> list[CompletePart]:
    """The corpora of `data=several`; raises `ConfigError`."""
    corpora = [_completed(part, f"data.corpora.{n}") for n, part in enumerate(data.corpora)]
    _require_names(corpora)
    return corpora


def trained_alone(config: Config) -> CompletePart | None:
    """The one of several corpora that is trained on, by `data.train_on`; None where it is all, or each."""
    if not isinstance(config.data, Several) or config.data.train_on in (ALL, EACH):
        return None
    return next(c for c in corpora_of(config.data) if c.name == config.data.train_on)


def check_parts(config: Config) -> None:
    """Raise `ConfigError` for a corpus beside others that cannot be what is meant."""
    scored_beside(config)
    if not isinstance(config.data, Several):
        return
    names = [corpus.name for corpus in corpora_of(config.data)]
    if config.data.train_on not in (ALL, EACH, *names):
        expected = ", ".join((ALL, EACH, *names))
        raise ConfigError(f"data.train_on={config.data.train_on}: expected one of {expected}")
    if config.is_crossed and config.folds != "one":
        raise ConfigError(
            f"folds={config.folds}: expected one with data.train_on={EACH}, which trains on each corpus "
            "once"
        )


def require_places(config: Config) -> None:
    """Raise `CorpusError` where the folder or the table of a corpus beside others is not there.

    The demos are made, and a database that is named has no folder yet.
    """
    corpora = scored_beside(config)
    if isinstance(config.data, Several):
        corpora += corpora_of(config.data)
    for corpus in corpora:
        try:
            if isinstance(corpus.data, Table):
                require_table(corpus.data.table, corpus.data.root)
            elif corpus.data.root is not None and not isinstance(corpus.data, Demo | DemoTable):
                require_folder(corpus.data.root)
        except CorpusError as error:
            raise CorpusError(f"{corpus.key}, {corpus.name}: {error}") from error


def _completed(part: Part, key: str) -> CompletePart:
    """A part with what its YAML says, and a name."""
    source = part.source or ("table" if part.table else None)
    known = sorted(path.stem for path in (conf_dir() / "data").glob("*.yaml"))
    known = [name for name in known if name not in _NESTED]
    if source not in known:
        told = "null, with no table" if source is None else source
        raise ConfigError(f"{key}.source={told}: expected one of {', '.join(known)}")
    own = OmegaConf.to_container(OmegaConf.load(conf_dir() / "data" / f"{source}.yaml"))
    own.pop("defaults", None)
    values = OmegaConf.to_container(OmegaConf.load(conf_dir() / "config.yaml").data) | own
    given = {name: getattr(part, name) for name in _OWN if getattr(part, name) is not None}
    has_labels = "labels" in values
    labels = None if has_labels else given.pop("labels", None)
    free = sorted({*own, *_FILTERS}.difference(["source"]))
    if unknown := [name for name in (*given, *(part.settings or {})) if name not in free]:
        raise ConfigError(
            f"{key}.{unknown[0]}: {source} has no such key, expected one of {', '.join(free)}"
        )
    values |= {**given, **(part.settings or {})}
    if missing := [name for name, value in values.items() if value == "???"]:
        raise ConfigError(f"{key}.{missing[0]}=???: must be given")
    name = part.name or (Path(part.table).stem if part.table else source)
    return CompletePart(_as_name(name), _section(values, key), labels, key)


def _section(values: dict[str, Any], key: str) -> Any:
    options = Config.model_fields["data"].annotation
    try:
        return TypeAdapter(Annotated[options, Field(discriminator="source")]).validate_python(
            values
        )
    except ValidationError as error:
        lines = "; ".join(f"{key}.{explain(e, values)}" for e in error.errors())
        raise ConfigError(lines) from error


def _as_name(text: str) -> str:
    """A name of files and metrics: what neither may hold becomes `_`."""
    return "".join(c if c.isalnum() or c in "_.+-" else "_" for c in text)[:40]


def _require_names(corpora: Sequence[CompletePart]) -> None:
    for corpus in corpora:
        if corpus.name in _TAKEN:
            raise ConfigError(
                f"{corpus.key}.name={corpus.name}: expected a name other than {', '.join(_TAKEN)}"
            )
    twice = [name for name, count in Counter(c.name for c in corpora).items() if count > 1]
    if twice:
        keys = [corpus.key for corpus in corpora if corpus.name == twice[0]]
        raise ConfigError(
            f"{keys[1]}.name={twice[0]}: {keys[0]} has the same name; give one of them another"
        )
