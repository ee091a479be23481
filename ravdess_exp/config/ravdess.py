"""What a configuration asks of RAVDESS that it has not: actors, sentences, clips of some class."""

from collections.abc import Iterator

from ravdess_exp.config.schema import Config, GroupedKFold, LeaveOneSpeakerOut
from ravdess_exp.corpus.ravdess.labels import ACTORS, EMOTIONS, STATEMENTS, Classes
from ravdess_exp.errors import ConfigError

_LISTS = ("train", "validation", "test")  # of a split that names its actors


def check_ravdess(config: Config) -> None:
    """Raise `ConfigError` for what no copy of RAVDESS holds, and so neither does the demo."""
    for key, actor in _actors(config):
        if actor not in ACTORS:
            raise ConfigError(
                f"{key}={actor}: expected less than or equal to {ACTORS[-1]}, the actors of RAVDESS"
            )
    split = config.split
    folds = config.folds if isinstance(config.folds, list) else []
    wrong = [fold for fold in folds if fold not in ACTORS]
    if wrong and isinstance(split, LeaveOneSpeakerOut):
        raise ConfigError(f"folds={wrong}: expected actors, 1 to {ACTORS[-1]}")
    if isinstance(split, GroupedKFold) and split.folds > len(ACTORS):
        raise ConfigError(
            f"split.folds={split.folds}: expected less than or equal to {len(ACTORS)}, the actors of "
            "RAVDESS"
        )
    statement = getattr(split, "test_statement", None)
    if statement is not None and statement not in STATEMENTS:
        known = " or ".join(map(str, STATEMENTS))
        raise ConfigError(f"split.test_statement={statement}: expected one of {known}")
    _check_classes(config)


def _actors(config: Config) -> Iterator[tuple[str, int]]:
    """Each actor that is named, with the key."""
    lists = {f"split.{name}": getattr(config.split, name, []) for name in _LISTS}
    for key, actors in {"data.without_actors": config.data.without_actors, **lists}.items():
        yield from ((f"{key}.{i}", actor) for i, actor in enumerate(actors))
    if (actor := getattr(config.split, "test_actor", None)) is not None:
        yield "split.test_actor", actor


def _check_classes(config: Config) -> None:
    data = config.data
    left = set(EMOTIONS.values()) - set(data.without_emotions)
    classes = Classes(data.classes, tuple(data.without_emotions))
    if len(classes.names) < 2:
        raise ConfigError(
            f"data.without_emotions={data.without_emotions}: expected at least two classes to be left"
        )
    unspoken = {"neutral"} if data.intensity == "strong" else set()
    if data.channel == "song":
        unspoken |= {"disgust", "surprised"}
    clips_of = {c: {e for e in left - unspoken if classes.of(e) == c} for c in classes.names}
    lacking = [name for name, emotions in clips_of.items() if not emotions]
    if lacking:
        raise ConfigError(
            f"data.channel={data.channel} and data.intensity={data.intensity}: RAVDESS has no clip "
            f"of {', '.join(lacking)} then; leave them out with "
            f"'data.without_emotions=[{','.join(lacking)}]'"
        )
