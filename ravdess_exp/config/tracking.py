"""What no section says alone: where runs are tracked, which may stand in the environment."""

import os

from ravdess_exp.config.schema import Config, Mlflow
from ravdess_exp.errors import ConfigError
from ravdess_exp.stores import VARIABLE, refusal, without_password


def check_tracking(config: Config) -> None:
    """Raise `ConfigError` where MLflow has no store of that kind, before the run rather than in it."""
    if not isinstance(config.tracking, Mlflow):
        return
    given = config.tracking.uri
    address = given or os.environ.get(VARIABLE)
    if address and (reason := refusal(address)):
        name = "tracking.uri" if given else f"the environment's {VARIABLE}"
        raise ConfigError(f"{name}={without_password(address)}: {reason}")
