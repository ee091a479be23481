"""The single entry point: `ravdess-exp` and `python -m ravdess_exp`."""

import errno
import gc
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.compose import check, help_page
from ravdess_exp.errors import RavdessError, StudyError
from ravdess_exp.folder import RunFolder
from ravdess_exp.study import sweepers
from ravdess_exp.terminal import quiet_stderr

_HYDRA_ONLY = ("cfg", "info", "hydra_help", "version", "shell_completion")


def job(composed: DictConfig, preparer: object = None) -> float | None:
    """One run of Hydra's: the recipe, in Hydra's output folder. Returns the validation UAR."""
    config = validate(composed)
    with quiet_stderr(), _imported_once():
        from ravdess_exp.run.experiment import run_locked  # TensorFlow comes with it
    hydra_config = HydraConfig.instance().cfg
    overrides = list(HydraConfig.get().overrides.task)
    with RunFolder(HydraConfig.get().runtime.output_dir).locked() as folder:
        folder.write_configuration(composed, hydra_config)
        folder.forget_failure()  # of an earlier attempt
        try:
            return run_locked(config, folder, overrides=overrides, preparer=preparer)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_same_again(folder.path)) from None
        except Exception as error:
            folder.fail(error)
            raise


def task() -> Callable[[DictConfig], float | None]:
    """`job` for the runs of one process, which share what was prepared last."""
    from ravdess_exp.prepare.preparation import Preparer

    preparer = Preparer()

    def run_job(composed: DictConfig) -> float | None:
        return job(composed, preparer)

    return run_job


@contextmanager
def _imported_once() -> Iterator[None]:
    """Garbage is not looked for while TensorFlow is imported, nor in what came with it ever after: it
    takes a fifth of that time, and then half a second of each fold.
    """
    gc.disable()
    try:
        yield
        if not gc.get_freeze_count():
            gc.freeze()
    finally:
        gc.enable()


def _same_again(folder: Path) -> str:
    """The command that goes on with what is in this folder, or in the multirun's."""
    place = f"hydra.run.dir={folder}"
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        place = f"hydra.sweep.dir={HydraConfig.get().sweep.dir}"
    told = [a for a in sys.argv[1:] if not a.startswith(place.split("=")[0])]
    return shlex.join(["ravdess-exp", *told, place])


def main() -> None:
    """Check the command line, then hand over to Hydra; exit code 2 for a user's mistake."""
    arguments = sys.argv[1:]
    if "--help" in arguments or "-h" in arguments:
        print(help_page())
        return
    os.environ["HYDRA_FULL_ERROR"] = "1"  # errors reach us, who can put them in one line
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reports home otherwise
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what a cluster sends is a Ctrl-C
    code = _guarded(arguments)
    gc.freeze()  # all of it goes with the process: to look through it takes 0.6 s
    sys.exit(code)


def _guarded(arguments: list[str]) -> int:
    try:
        parsed = get_args_parser().parse_args(arguments)
        if not any(getattr(parsed, name, None) for name in _HYDRA_ONLY):
            configs = check(parsed.overrides, multirun=parsed.multirun)
            if any(config.is_study for config in configs) and not parsed.multirun:
                sys.argv.append("--multirun")  # one command, many runs
        sweepers.register()
        hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(task())()
    except StudyError as error:
        return _say(f"error: {error}", 1)
    except RavdessError as error:
        return _say(f"error: {error}", 2)
    except OSError as error:
        if error.filename is None and error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        return _say(f"error: {error.filename or 'writing'}: {error.strerror}", 2)
    except KeyboardInterrupt as interrupt:
        return _say(
            "interrupted: what was prepared and learned is kept; this goes on with it:\n  "
            f"{interrupt or 'the same command'}",
            130,
        )
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def _say(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
