"""The single entry point: `ravdess-exp` and `python -m ravdess_exp`."""

import errno
import gc
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.compose import check, help_page
from ravdess_exp.errors import RavdessError, StudyError
from ravdess_exp.study.study import FAILURE
from ravdess_exp.terminal import quiet_stderr

_HYDRA_ONLY = ("cfg", "info", "hydra_help", "version", "shell_completion")


def job(composed: DictConfig) -> float | None:
    """One run of Hydra's: the recipe, in Hydra's output folder. Returns the validation UAR."""
    config = validate(composed)
    with quiet_stderr(), _imported_once():
        import tensorflow as tf

        from ravdess_exp.run.experiment import run

        tf.config.list_physical_devices()  # TensorFlow's last words at its start come with this
    folder = Path(HydraConfig.get().runtime.output_dir)
    (folder / FAILURE).unlink(missing_ok=True)  # of an earlier attempt
    try:
        return run(config, folder=folder, overrides=list(HydraConfig.get().overrides.task))
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_same_again(folder)) from None
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".replace("\n", " ")
        with suppress(OSError):  # the disk may be what failed
            (folder / FAILURE).write_text(f"{reason}\n\n{traceback.format_exc()}")
        raise


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
    for asked_to_end in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # Ctrl-C, also under `nohup ... &`; a cluster
        signal.signal(asked_to_end, signal.default_int_handler)
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
        hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(job)()
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
