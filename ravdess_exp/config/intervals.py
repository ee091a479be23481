"""The ends of an interval to search, as whole or as real numbers."""

from hydra.core.override_parser.types import IntervalSweep, Override

from ravdess_exp.errors import ConfigError


def interval_ends(override: Override) -> tuple[int, int] | tuple[float, float]:
    """Both ends of `interval(...)`: int where whole numbers are asked for, else float.

    Hydra reads every end of an interval as a float, keeps `int` as a mark of `tag(int,...)`, and
    leaves whole numbers in `int(interval(...))`. Raises `ConfigError` for ends that cannot be used.
    """
    sweep: IntervalSweep = override.value()
    start, end = sweep.start, sweep.end
    key = override.input_line
    if start >= end:
        raise ConfigError(f"{key}: expected an interval from the smaller to the larger number")
    if "log" in sweep.tags and start <= 0:
        raise ConfigError(f"{key}: expected ends above 0, since its scale is logarithmic")
    if isinstance(start, int) and isinstance(end, int):
        return start, end
    if "int" not in sweep.tags:
        return float(start), float(end)
    if not (float(start).is_integer() and float(end).is_integer()):
        raise ConfigError(f"{key}: expected whole numbers at both ends, since it is tagged int")
    return int(start), int(end)
