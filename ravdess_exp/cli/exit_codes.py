"""How every command ends: its exit code, and an error as one line instead of a traceback.

0: done; 1: a part failed, or a fault of ours, with its traceback; 2: a mistake that the user can mend;
130: interrupted.
"""

import errno
import os
import sys
import traceback
from collections.abc import Callable

from ravdess_exp.command import shown
from ravdess_exp.errors import RavdessError, StudyError

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def exit_code(act: Callable[[], int | None]) -> int:
    """Run `act` and turn what it raises into a line on standard error and an exit code.

    Whoever catches a Ctrl-C says what is kept and how to continue, as the interrupt's message.
    """
    try:
        return _finish(act)
    except StudyError as error:
        return _fail(f"error: {error}", 1)
    except RavdessError as error:
        return _fail(f"error: {error}", 2)
    except OSError as error:
        return _system_failure(error)
    except KeyboardInterrupt as interrupt:
        return _fail(f"interrupted: {interrupt}" if str(interrupt) else "interrupted", 130)
    except Exception:
        traceback.print_exc()
        return 1


def _finish(act: Callable[[], int | None]) -> int:
    try:
        code = act() or 0
    except SystemExit as end:  # argparse after its help or its mistake, and Hydra
        code = end.code or 0
    sys.stdout.flush()  # here, where a closed pipe or a full disk can be caught
    return code if isinstance(code, int) else _fail(str(code), 1)


def _system_failure(error: OSError) -> int:
    """Errors that name a file, and a full disk, are the user's to mend; others are faults."""
    if _output_is_lost(error) and isinstance(error, BrokenPipeError):
        return 1  # the reader, such as `head`, has left; it needs no message
    if error.filename is None and error.errno not in _DISK_FULL:
        traceback.print_exception(error)
        return 1
    return _fail(f"error: {error.filename or 'writing'}: {error.strerror}", 2)


def _output_is_lost(error: OSError) -> bool:
    """Whether standard output takes nothing more; then what Python flushes at its end goes nowhere."""
    try:
        if isinstance(error, BrokenPipeError):
            print()  # where Python writes unbuffered, a flush alone cannot fail
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _fail(line: str, code: int) -> int:
    print(
        *map(shown, line.split("\n")), sep="\n", file=sys.stderr
    )  # a name may have a return in it
    return code
