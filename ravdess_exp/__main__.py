"""The single entry point: `ravdess-exp` and `python -m ravdess_exp`.

It imports next to nothing before Ctrl-C is heeded; what a command does stands in `ravdess_exp.cli.program`.
"""

import gc
import os
import sys


def main() -> None:
    """Do what the command line asks for; the process ends with its exit code."""
    from ravdess_exp.cli.exit_codes import exit_code

    _open_what_is_closed()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what matters of it is raised too
    code = exit_code(_act)
    gc.freeze()  # all of it goes with the process: to look through it takes 0.6 s
    sys.exit(code)


def _open_what_is_closed() -> None:
    """Give standard output and standard error somewhere to go, as after `>&-` or in a service."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))


def _act() -> int | None:
    words = sys.argv[1:]
    from ravdess_exp.cli.interruption import interruptible

    with interruptible(words):
        from ravdess_exp.cli.program import run_program

        return run_program(words)


if __name__ == "__main__":
    main()
