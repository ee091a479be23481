"""Whether two runs are of the same settings, and the overrides that would make them."""

from collections.abc import Iterable, Mapping
from typing import Any

from omegaconf import OmegaConf

from ravdess_exp.command import command_line, written
from ravdess_exp.config.check import conf_dir
from ravdess_exp.config.schema import Config, Effect

_COUNTS = (Effect.LEARNING, Effect.QUESTION, Effect.SCORES)  # what makes a run another
_CHOICES = (
    "_target_",
    "kind",
    "source",
)  # last parts of keys that say which option of a group it is
_VARIANTS, _RANGES = "augment.sound_variants", "augment.sound."  # of no variant, no range counts
_SHOWN = 6  # settings that a message names


def other_settings(there: Config, here: Config, choices: Mapping[str, Any]) -> str | None:
    """How a run that is there differs from what is asked for here, and how to ask for the former.

    None where both are the same run, wherever and however it is done. choices: the option of each
    group that the run had, by Hydra's record.
    """
    old, new = _counting(there), _counting(here)
    keys = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    if not keys:
        return None
    shown = [key for key in keys if key in old and key in new][:_SHOWN] or keys[:_SHOWN]
    was, is_now = (", ".join(f"{key}={of.get(key)}" for key in shown) for of in (old, new))
    more = f" and {len(keys) - len(shown)} more" if len(keys) > len(shown) else ""
    words = _asking_for(old, keys, choices)
    advice = f" To go on with it, add {command_line(*words)}; or" if words else " So"
    return f"{was}{more}, and now {is_now} is asked for.{advice}"


def _asking_for(
    old: Mapping[str, Any], keys: Iterable[str], choices: Mapping[str, Any]
) -> list[str]:
    """Overrides that bring these settings of a run back; none where its options are not known.

    old: its settings by dotted key.
    """
    chosen = {key.partition(".")[0] for key in keys if key.rpartition(".")[2] in _CHOICES}
    words = []
    for group in sorted(chosen):
        path = conf_dir() / group / f"{choices.get(group)}.yaml"
        if not path.is_file():
            return []
        words.append(f"{group}={choices[group]}")
    for key in old:
        group, _, name = key.partition(".")
        if group in chosen:
            path = conf_dir() / group / f"{choices[group]}.yaml"
            differs = old[key] != OmegaConf.select(OmegaConf.load(path), name, default=old[key])
        else:
            differs = key in keys
        if differs:
            words.append(f"{key}={written(old[key])}")
    return words


def _counting(config: Config) -> dict[str, Any]:
    """The settings that make a run another one, by dotted key."""
    settings = config.settings(*_COUNTS)
    if settings.get(_VARIANTS) == 0:
        settings = {k: value for k, value in settings.items() if not k.startswith(_RANGES)}
    return settings
