"""Ctrl-C, and the signal by which a cluster ends a job: an interrupt at every moment, told in our words."""

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

_REQUESTS = (signal.SIGINT, signal.SIGTERM)
_LATER = 0.05  # seconds until what a destructor could not raise is raised once more, outside of it


@contextmanager
def interruptible(words: list[str]) -> Iterator[None]:
    """A block that a signal ends with a `KeyboardInterrupt` that says how to go on.

    Signals are heeded also where the shell had them ignored, as by `nohup ... &`. Behind the block
    no further one is: the process ends. words: the command line without the program, for where
    nobody nearer to the work knew a better command.
    """
    asked = False

    def heed(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        raise KeyboardInterrupt

    def unraisable(lost: "sys.UnraisableHookArgs") -> None:
        if isinstance(lost.exc_value, KeyboardInterrupt):
            once_more = threading.Timer(_LATER, _thread.interrupt_main)
            once_more.daemon = True
            once_more.start()
        else:
            sys.__unraisablehook__(lost)

    for request in _REQUESTS:
        signal.signal(request, heed)
    sys.unraisablehook = unraisable
    try:
        yield
    except BaseException as error:
        if not asked:
            raise
        # a library may have made another error of it
        raise KeyboardInterrupt(_said(error) or _again(words)) from None
    finally:
        for request in _REQUESTS:
            signal.signal(request, signal.SIG_IGN)


def heed_hangup() -> None:
    """A closed terminal ends the server as Ctrl-C does, unless `nohup` asked to outlive it."""
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def _said(error: BaseException | None) -> str:
    """What whoever caught the interrupt first said of it; empty where nobody did."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt) and str(error):
            return str(error)
        error = error.__cause__ or error.__context__
    return ""


def _again(words: list[str]) -> str:
    """The command once more, for any working folder: files that it names are those of this one."""
    from ravdess_exp.cli.commands import COMMANDS
    from ravdess_exp.command import our_command, within

    command = within(Path.cwd(), our_command(*words))
    if not (words and words[0] in COMMANDS):
        with suppress(ImportError, AttributeError):  # of a library whose import was interrupted
            from ravdess_exp.places import from_anywhere

            # as they were meant, where the words were looked at already
            command = our_command(*from_anywhere(sys.argv[1:] or words))
    return f"nothing was begun that would be lost; this command starts again:\n  {command}"
