"""Overrides to a checked configuration, before anything heavy is imported; and the help page."""

import difflib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir, version
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_automatic_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from ravdess_exp.command import shown
from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.explain import explain_yaml
from ravdess_exp.config.intervals import interval_ends
from ravdess_exp.config.parts import require_places
from ravdess_exp.config.schema import Config, Ravdess, Table
from ravdess_exp.corpus.listing import require_folder, require_table
from ravdess_exp.errors import ConfigError
from ravdess_exp.places import RUN_FOLDER, SWEEP_FOLDER

_NAME = "config"  # of conf/config.yaml, where every run starts
_CALLABLE = {  # keys whose values are called, and what they may start with
    "_target_": ("hydra._internal.core_plugins.", "hydra_plugins."),
    "class": ("logging.", "colorlog."),
    "()": ("logging.", "colorlog."),
}

HELP = """\
ravdess-exp: emotion recognition from voice and face, scored on speakers the model never saw.

  ravdess-exp                                          the whole job on the built-in demo corpus
  ravdess-exp data=ravdess data.root=/data/RAVDESS     the same on your clips
  ravdess-exp data=table data.table=mine.csv           on any clips that a table lists
  ravdess-exp data=... data.test.table=other.csv       trained here, scored there too
  ravdess-exp modality=audio training.epochs=20        any key below can be overridden
  ravdess-exp -m seed=0,1,2 modality=both,audio,video  every combination, one run each
  ravdess-exp task=prepare data=ravdess data.root=...  only fill the prepared store
  ravdess-exp --cfg job                                print the configuration and stop
  ravdess-exp --version                                print the version and stop

Besides training (ravdess-exp COMMAND --help says more):
{commands}

Choose one file of each group with GROUP=OPTION (the default is marked *):
{groups}

Override single values with KEY=VALUE. The most used:
  modality=both|audio|video   seed=0   data.classes=7|8   data.workers=-1   data.max_failed=0.02
  split.train=[1,2,...]  split.validation=[...]  split.test=[...]   split.test_actor=7 (split=loso)
  training.epochs  training.batch_size  training.learning_rate  training.monitor
  tracking.uri=http://server:5000   hydra.run.dir=FOLDER

Results: outputs/runs/... (metrics.json, predictions.csv, figures, model) and MLflow (ravdess-exp ui).
"""


def help_page(commands: str) -> str:
    """The help text: how to run, `commands` (a line each), groups with their options, common keys."""
    text = (conf_dir() / "config.yaml").read_text()
    chosen = dict(re.findall(r"^  - (?:optional )?(\w+): (\w+)$", text, flags=re.MULTILINE))
    lines = []
    for group, default in chosen.items():
        options = _options(group)
        if options:
            shown = (f"{name}*" if name == default else name for name in options)
            lines.append(f"  {group:14} {', '.join(shown)}")
    return HELP.format(groups="\n".join(lines), commands=commands)


def check(
    overrides: Sequence[str],
    *,
    multirun: bool = False,
    config_dir: str | None = None,
    config_path: str | None = None,
    config_name: str | None = None,
) -> list[Config]:
    """Compose and validate what these overrides ask for; raises `ConfigError` in one line, and
    `CorpusError` where the clips' folder is not there.

    Of a multirun, every value of every sweep is checked with the first value of the others.
    config_dir, config_path, config_name: Hydra's options, to further YAML files or others.
    """
    with _hydra(config_dir, config_path):
        name = config_name or _NAME
        return [_checked(list(job), name) for job in _jobs(overrides, multirun)]


@contextmanager
def _hydra(config_dir: str | None, config_path: str | None) -> Iterator[None]:
    """Hydra as its own command line sets it up, for `compose`."""
    program = str(Path(__file__).parents[1] / "__main__.py")
    paths = create_automatic_config_search_path(program, None, config_path or str(conf_dir()))
    if config_dir is not None:
        folder = Path(config_dir).absolute()
        if not folder.is_dir():
            raise ConfigError(f"--config-dir {shown(config_dir)}: no such folder of YAML files")
        schema = SearchPathQuery(provider="schema")
        paths.prepend(provider="command-line", path=f"file://{folder}", anchor=schema)
    version.setbase("1.3")
    GlobalHydra.instance().clear()
    Hydra.create_main_hydra2(task_name="ravdess_exp", config_search_path=paths)
    try:
        yield
    finally:
        GlobalHydra.instance().clear()


def compose_config(overrides: Sequence[str]) -> DictConfig:
    """The composed configuration as Hydra gives it to the program; for tests and notebooks."""
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        return compose(_NAME, overrides=list(overrides))


def _jobs(overrides: Sequence[str], multirun: bool) -> Iterator[list[str]]:
    try:
        parsed = OverridesParser.create().parse_overrides(list(overrides))
    except HydraException as error:
        raise ConfigError(_one_line(error)) from error
    if not multirun:
        yield list(overrides)
        return
    values = [_values(override) for override in parsed]
    first = [options[0] for options in values]
    yield first
    for i, options in enumerate(values):
        for option in options[1:]:
            yield [*first[:i], option, *first[i + 1 :]]


def _values(override: Override) -> list[str]:
    """The plain overrides that a (possibly sweeping) one stands for."""
    if not override.is_sweep_override() or override.is_hydra_override():
        return [override.input_line]
    key, sweep = override.get_key_element(), override.value()
    if isinstance(sweep, IntervalSweep):  # of a search; its ends are checked
        return [f"{key}={end!r}" for end in interval_ends(override)]
    return [f"{key}={value}" for value in override.sweep_string_iterator()]


def _checked(overrides: list[str], name: str) -> Config:
    try:
        composed = compose(name, overrides=overrides, return_hydra_config=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(_explain(error, overrides)) from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(explain_yaml(error, _folders())) from error
    _refuse_folders(composed)
    with open_dict(composed):
        _refuse_foreign_code(OmegaConf.to_container(composed.pop("hydra")), "hydra")
    config = validate(composed)
    if isinstance(config.data, Ravdess):
        require_folder(config.data.root)  # now, and not ten seconds later behind TensorFlow
    if isinstance(config.data, Table):
        require_table(config.data.table, config.data.root)
    require_places(config)
    return config


def _refuse_folders(composed: DictConfig) -> None:
    """Raise `ConfigError` for a folder in whose path Hydra's logging would look for another key."""
    places = {"the working folder": str(Path.cwd())}
    for key in (RUN_FOLDER, SWEEP_FOLDER):
        with suppress(OmegaConfBaseException, ValueError):  # what only a job can resolve
            places[key] = str(OmegaConf.select(composed, key))
    for key, place in places.items():
        if "${" in place:
            raise ConfigError(
                f"{key}={shown(place)}: Hydra cannot write into a folder with ${{ in its path; choose "
                "another one"
            )


def _refuse_foreign_code(node: Any, path: str) -> None:
    """Raise `ConfigError` where Hydra's own section names something to call that is not Hydra's.

    Hydra builds each `_target_` of its launchers, sweepers and callbacks, and Python's logging each
    `class` and `()`; the schema does the same for our sections.
    """
    if isinstance(node, list):
        node = dict(enumerate(node))
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        allowed = _CALLABLE.get(key)
        if allowed and not str(value).startswith(allowed):
            expected = " or ".join(f"{name}*" for name in allowed)
            raise ConfigError(f"{path}.{key}={value}: expected {expected}; nothing else is called")
        _refuse_foreign_code(value, f"{path}.{key}")


def _folders() -> list[Path]:
    """Where YAML files are."""
    sources = GlobalHydra.instance().config_loader().get_sources()
    return [Path(source.path) for source in sources if source.scheme() == "file"]


def _explain(error: Exception, overrides: list[str]) -> str:
    """Hydra's paragraph as one line with the key, the value and the choices."""
    text = str(error)
    if match := re.search(r"Could not find '([\w/]+)/([^']+)'", text):
        group, value = match.groups()
        loader = GlobalHydra.instance().config_loader()
        known = loader.get_group_options(group, ObjectType.CONFIG, _NAME, overrides)
        known = known or re.findall(r"^\t(\S+)$", text, flags=re.MULTILINE)
        return f"{group}={value}: expected one of {', '.join(known)}"
    if match := re.search(r"Cannot find primary config '(.+?)'", text):
        return f"--config-name {match.group(1)}: no such file of YAML"
    if match := re.search(r"Could not override '([\w/@.]+)'", text):
        return _unknown_key(match.group(1))
    return _one_line(error)


def _unknown_key(key: str) -> str:
    if key.startswith("hydra."):
        return f"{key}: no such key of Hydra's; write +{key}=... to add one"
    section, _, last = key.rpartition(".")
    whole = compose(_NAME)
    node = OmegaConf.select(whole, section) if section else whole
    known = sorted(map(str, node)) if isinstance(node, DictConfig) else []
    groups = sorted(p.name for p in conf_dir().iterdir() if p.is_dir() and p.name != "hydra")
    known = known or groups
    close = difflib.get_close_matches(last, known, n=1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    return f"{key}: unknown key, expected one of {', '.join(known)}{hint}"


def _options(group: str) -> list[str]:
    return sorted(path.stem for path in Path(conf_dir(), group).glob("*.yaml"))


def _one_line(error: Exception) -> str:
    return " ".join(line.strip() for line in str(error).splitlines() if line.strip())
