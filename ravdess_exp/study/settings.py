"""Whether two runs are of the same settings, and the overrides that would make them."""

from typing import Any

from ravdess_exp.command import as_value, command_line
from ravdess_exp.config.schema import Config, Effect

_COUNTS = (Effect.LEARNING, Effect.QUESTION, Effect.SCORES)  # what makes a run another
_CHOICES = ("_target_", "kind", "source", "backend")  # keys that say which option of a group it is
_SHOWN = 12  # settings that a message names
_VARIANTS, _RANGES = "augment.sound_variants", "augment.sound."  # of no variant, no range counts


def other_settings(there: Config, here: Config) -> str | None:
    """How a run that is there differs from what is asked for here, and how to ask for the former.

    None where both are the same run, wherever and however it is done.
    """
    old, new = _counting(there), _counting(here)
    keys = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    if not keys:
        return None
    was, is_now = (", ".join(f"{key}={of.get(key)}" for key in keys[:_SHOWN]) for of in (old, new))
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    reason = f"{was}{more}, and now {is_now} is asked for"
    if any(key.rpartition(".")[2] in _CHOICES or key not in old or key not in new for key in keys):
        return f"{reason};"
    words = command_line(*(f"{key}={_written(old[key])}" for key in keys))
    return f"{reason}; to go on with it, add {words}, or else"


def _counting(config: Config) -> dict[str, Any]:
    """The settings that make a run another one, by dotted key."""
    settings = config.settings(*_COUNTS)
    if settings.get(_VARIANTS) == 0:
        settings = {k: value for k, value in settings.items() if not k.startswith(_RANGES)}
    return settings


def _written(value: Any) -> str:
    """A value as Hydra reads it."""
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{k}:{_written(of)}" for k, of in value.items()) + "}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return as_value(value) if isinstance(value, str) else repr(value)
