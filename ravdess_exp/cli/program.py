"""What a command line asks for: a subcommand by its first word, or what its overrides ask of Hydra."""

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from ravdess_exp import __version__
from ravdess_exp.again import continuing, told_to_continue
from ravdess_exp.cli.commands import COMMANDS, act, command_list, refuse_unknown_words
from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.compose import check, help_page
from ravdess_exp.config.paths import as_meant
from ravdess_exp.folder import RunFolder
from ravdess_exp.places import RUN_FOLDER, SWEEP_FOLDER
from ravdess_exp.study import sweepers
from ravdess_exp.terminal import quiet_stderr

_HYDRA_ONLY = ("cfg", "info", "hydra_help", "shell_completion")
_HYDRAS_PLACES = ("config_dir", "config_path", "config_name")


def job(composed: DictConfig, preparer: object = None) -> float | None:
    """One run of Hydra's: the recipe, in Hydra's output folder. Returns the validation UAR."""
    with chdir(HydraConfig.get().runtime.cwd):  # hydra.job.chdir would move every relative place
        return _job(composed, preparer)


def _job(composed: DictConfig, preparer: object) -> float | None:
    config = validate(composed)
    with quiet_stderr(), _imported_once():
        import tensorflow as tf

        from ravdess_exp.run.experiment import run_locked
        from ravdess_exp.run.provenance import placed_settings

        tf.config.list_physical_devices()  # TensorFlow's last words at its start come with this
    hydra_config = HydraConfig.instance().cfg
    # as they were given: an override may have another key's value in it
    overrides = OmegaConf.to_container(HydraConfig.get().overrides.task, resolve=False)
    with RunFolder(HydraConfig.get().runtime.output_dir).locked() as folder:
        folder.write_configuration(composed, hydra_config)
        folder.forget_failure()  # of an earlier attempt
        try:
            return run_locked(config, folder, overrides=overrides, preparer=preparer)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_same_again(folder.path, placed_settings(config))) from None
        except Exception as error:
            folder.fail(error)
            raise


def task(failures: list[Exception]) -> Callable[[DictConfig], float | None]:
    """`job` for the runs of one process, which share what was prepared last.

    failures: gets what a run that is no part of a multirun raises: over an error, Hydra would print
    "Error executing job" in front of our own line.
    """
    preparer = None

    def run_job(composed: DictConfig) -> float | None:
        nonlocal preparer
        if preparer is None:  # codecs come with it: not before there is a run
            from ravdess_exp.prepare.preparation import Preparer

            preparer = Preparer()
        try:
            return job(composed, preparer)
        except Exception as error:
            if HydraConfig.get().mode == RunMode.MULTIRUN:
                raise
            failures.append(error)
            return None

    return run_job


@contextmanager
def _imported_once() -> Iterator[None]:
    """Do not collect garbage while TensorFlow is imported, nor look through its objects afterwards.

    That would take a fifth of the import's time, and then half a second of each fold.
    """
    gc.disable()
    try:
        yield
        if not gc.get_freeze_count():
            gc.freeze()
    finally:
        gc.enable()


def _same_again(folder: Path, settings: Sequence[tuple[str, object]]) -> str:
    """What is kept, and the command that continues in this folder, or in the multirun's."""
    key, place = RUN_FOLDER, str(folder)
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        key, place = SWEEP_FOLDER, str(HydraConfig.get().sweep.dir)
    return told_to_continue(continuing(sys.argv[1:], settings, key=key, folder=place))


def run_program(words: Sequence[str]) -> int | None:
    """Do what the words after the program's name ask for; returns an exit code, None for 0."""
    if words and words[0] in COMMANDS:
        return act(words[0], words[1:])
    _run(list(words))
    return None


def _run(arguments: list[str]) -> None:
    """Answer `--help` and `--version`; else check the command line, then hand over to Hydra."""
    if "--help" in arguments or "-h" in arguments:
        print(help_page(command_list()))
        return
    if "--version" in arguments:
        print(f"ravdess-exp {__version__}")
        return
    os.environ["HYDRA_FULL_ERROR"] = "1"  # errors reach us, who can put them in one line
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reports home otherwise
    parser = get_args_parser()
    parser.prog, parser.usage = "ravdess-exp", "ravdess-exp KEY=VALUE ... (see ravdess-exp --help)"
    parsed = parser.parse_args(arguments)
    refuse_unknown_words(parsed.overrides)
    meant = as_meant(parsed.overrides, multirun=parsed.multirun)
    reading = dict(zip(parsed.overrides, meant, strict=True))
    sys.argv[1:] = [reading.get(word, word) for word in arguments]  # Hydra parses them once more
    if not any(getattr(parsed, name, None) for name in _HYDRA_ONLY):
        places = {name: getattr(parsed, name) for name in _HYDRAS_PLACES}
        configs = check(meant, multirun=parsed.multirun, **places)
        if any(config.is_study for config in configs) and not parsed.multirun:
            sys.argv.append("--multirun")  # one command, many runs
    _hand_over()


def _hand_over() -> None:
    """Have Hydra compose the configuration once more, make the folder and call `job`."""
    logging.raiseExceptions = False  # where nobody reads on, such as `| head`, the run still does
    sweepers.register()
    failures: list[Exception] = []
    hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(
        task(failures)
    )()
    if failures:
        raise failures[0]
