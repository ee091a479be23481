"""Ctrl-C, and the signal by which a cluster ends a job: an interrupt at every moment, told in our words."""

import _thread
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

_REQUESTS = (signal.SIGINT, signal.SIGTERM)
_LATER = (
    0.05  # seconds until what was lost is raised once more: by a destructor, or within an import
)
_IMPORTER = "<frozen importlib._bootstrap>"


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
        if imports := _imports(
            frame
        ):  # a library may try to import another, and pass over any error
            _later(partial(_raise_again_within, imports))
        raise KeyboardInterrupt

    def unraisable(lost: "sys.UnraisableHookArgs") -> None:
        if isinstance(lost.exc_value, KeyboardInterrupt):
            _later(_thread.interrupt_main)
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


def _later(act: Callable[[], None]) -> None:
    timer = threading.Timer(_LATER, act)
    timer.daemon = True
    timer.start()


def _imports(frame: FrameType | None) -> list[FrameType]:
    """The frames of a stack in which Python imports something."""
    found = []
    while frame is not None:
        if frame.f_code.co_filename == _IMPORTER:
            found.append(frame)
        frame = frame.f_back
    return found


def _raise_again_within(imports: list[FrameType]) -> None:
    """Interrupt the main thread where it still is within one of these imports, which then went on."""
    now = _imports(sys._current_frames().get(threading.main_thread().ident))
    if any(one is other for one in now for other in imports):
        _thread.interrupt_main()


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
