"""The command that does a run or a study again, or goes on with it, pasted in any working folder."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from ravdess_exp.command import PROGRAM, assignment, command_line, our_command
from ravdess_exp.folder import CONFIGURATION, MULTIRUN
from ravdess_exp.places import (
    RUN_FOLDER,
    SEARCH_PATH,
    SWEEP_FOLDER,
    anchored_settings,
    from_anywhere,
    key_of,
)

_OF_A_JOB = {RUN_FOLDER, SWEEP_FOLDER, "hydra.sweep.subdir", "hydra.mode"}  # Hydra's own words
_UNREADABLE = (  # what a file raises that is not there, is damaged or is of another version
    OSError, YAMLError, OmegaConfBaseException, ValueError, KeyError, TypeError, AttributeError,
)  # fmt: skip
_ONE_RUN = ("folds=one", "seeds=null")  # of a study's run, which was given the study's overrides
_UNSEARCHED = "hydra/sweeper=basic"  # of a trial, which is not searched once more


@dataclass(frozen=True)
class _Record:
    """What Hydra was given, as its own files in a folder keep it.

    path: where YAML files of the user's are; hydra: overrides of Hydra's own keys; task: the others;
    cwd: the working folder; searched: whether a search made it; settings: what became of all that,
    by dotted key.
    """

    path: tuple[str, ...] = ()
    hydra: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    cwd: str = "."
    searched: bool = False
    settings: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, path: Path) -> "_Record | None":
        """From `multirun.yaml` or `.hydra/hydra.yaml`; None where it cannot be read."""
        try:
            whole: Any = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
            node = whole.pop("hydra")
            runtime, given = node["runtime"], node["overrides"]
            sources = [s for s in runtime["config_sources"] if s["provider"] == "command-line"]
            own = [word for word in given["hydra"] if key_of(word) not in _OF_A_JOB]
            search = [word for word in own if key_of(word) == SEARCH_PATH]
            options = [word for s in sources for word in ("--config-dir", s["path"])]
            return cls(
                (*options, *search),
                tuple(word for word in own if word not in search),
                tuple(given["task"]),
                runtime["cwd"],
                runtime["choices"].get("hydra/sweeper") == "optuna",
                tuple(_flat(whole, "")),
            )
        except _UNREADABLE:
            return None


def continuing(
    words: Sequence[str], settings: Iterable[tuple[str, object]], *, key: str, folder: Path | str
) -> str:
    """The command that goes on in a folder. words: the command line that began there.

    settings: dotted key and value of the whole configuration, whose places are to stay the same.
    key: Hydra's, of the folder of a run or of a multirun.
    """
    kept = [word for word in words if key_of(word) != key]
    places = anchored_settings(settings, kept)
    return our_command(*from_anywhere(kept), *places, assignment(key, str(Path(folder).absolute())))


def told_to_continue(command: str) -> str:
    """What an interrupted run or study says."""
    return f"what was prepared and trained is kept; this command continues:\n  {command}"


def study_command(overrides: Sequence[str], folder: Path) -> str:
    """What a study was asked for, as its summary keeps it: it begins the same study anew."""
    return command_line(PROGRAM, *_without_passwords(_anew(overrides, folder)))


def new_command(overrides: Sequence[str], folder: Path) -> str:
    """A command with these overrides and the YAML files of a multirun, whose folder is told."""
    return our_command(*_anew(overrides, folder))


def _anew(overrides: Sequence[str], folder: Path) -> list[str]:
    record = _of_study(folder) or _Record()
    return from_anywhere([*record.path, *overrides, *([_UNSEARCHED] if record.searched else [])])


def study_again(
    overrides: Sequence[str], settings: Iterable[tuple[str, object]], folder: Path
) -> str:
    """The command that goes on with a study in its folder."""
    record = _of_study(folder) or _Record()
    last = [_UNSEARCHED] if record.searched else []
    words = ["--multirun", *record.path, *record.hydra, *overrides, *last]
    return continuing(words, settings, key=SWEEP_FOLDER, folder=folder)


def run_command(overrides: Sequence[str], folder: Path) -> str:
    """What a run was asked for, as its bundle keeps it."""
    record = _Record.of(folder / CONFIGURATION / "hydra.yaml") or _Record()
    words = _without_passwords([*record.path, *overrides, *_alone(folder)])
    return command_line(PROGRAM, *from_anywhere(words))


def recorded_command(folder: Path, made_in: Path | None = None) -> str | None:
    """The command that does again, in the same place, what is in a run's or a study's folder.

    Of a study's run it is the whole study's, which does no more than is missing. None where the
    folder does not say how it was made. made_in: the folder that this one is a copy of.
    """
    folder = folder.absolute()
    for place in (folder,) if made_in else (folder, *folder.parents[:2]):
        if record := _Record.of(place / MULTIRUN):
            words = ["--multirun", *record.path, *record.hydra, *record.task]
            return _in_place(words, record, SWEEP_FOLDER, made_in or place)
    record = _of_run(folder) or _of_earlier_version(folder / CONFIGURATION / "overrides.yaml")
    if record is None:
        return None
    words = [*record.path, *record.task, *_alone(folder)]
    return _in_place(words, record, RUN_FOLDER, made_in or folder)


def _in_place(words: Sequence[str], record: _Record, key: str, folder: Path) -> str:
    places = anchored_settings(record.settings, words, record.cwd)
    place = str(Path(record.cwd, folder))
    return our_command(*from_anywhere(words, record.cwd), *places, assignment(key, place))


def _flat(node: Mapping, prefix: str) -> Iterator[tuple[str, object]]:
    """Values by dotted key; those that take another key's value are left out."""
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, str) and value != "???" and "${" not in value:
            yield f"{prefix}{key}", value


def _of_study(folder: Path) -> _Record | None:
    """Of the multirun that a study is, or is a part of."""
    records = (_Record.of(place / MULTIRUN) for place in (folder, folder.absolute().parent))
    return next(filter(None, records), None)


def _of_run(folder: Path) -> _Record | None:
    """Of a run, whose configuration is in a file of its own."""
    record = _Record.of(folder / CONFIGURATION / "hydra.yaml")
    try:
        stored = OmegaConf.to_container(OmegaConf.load(folder / CONFIGURATION / "config.yaml"))
        return record and replace(record, settings=tuple(_flat(stored, "")))
    except _UNREADABLE:
        return record


def _of_earlier_version(path: Path) -> _Record | None:
    """From the overrides alone, a YAML list of strings."""
    try:
        stored = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
    except _UNREADABLE:
        return None
    return _Record(task=tuple(map(str, stored))) if isinstance(stored, list) else None


def _alone(folder: Path) -> tuple[str, ...]:
    """What makes one run of the overrides that a study's run has from it."""
    try:
        asked: Mapping = OmegaConf.load(folder / CONFIGURATION / "config.yaml")
        is_study = asked["folds"] != "one" or asked["seeds"] is not None
    except _UNREADABLE:
        return ()
    return _ONE_RUN if is_study else ()


def _without_passwords(words: Sequence[str]) -> list[str]:
    """Without the address of a store that has a password in it: files are handed on."""
    return [word for word in words if not ("://" in word and "@" in word)]
