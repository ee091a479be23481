"""Work in other processes: where one hangs or crashes, only the item that it worked on is lost.

The processes are started afresh, never forked from one that has TensorFlow and its threads, and by
joblib's way of starting them, which does not run the user's `__main__` again.
"""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, TimeoutError, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker as mp_tracker
from multiprocessing.queues import SimpleQueue
from typing import TypeVar

from joblib.externals.loky.backend import resource_tracker as loky_tracker
from joblib.externals.loky.backend.context import LokyContext
from joblib.externals.loky.backend.process import LokyProcess
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from ravdess_exp.errors import PreparationError

Item = TypeVar("Item")

_ONE_THREAD = {  # there is a process a core already; libraries read this when they are loaded
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
_AHEAD = 2  # items in hand for each process: one that it works on, one that waits
_FRUITLESS = 3  # pools that break one after the other before anything comes of them
_AGAIN = "the next start tries it again"


class _Context(LokyContext):
    """Starts processes with one thread each."""

    @staticmethod
    def Process(**settings) -> LokyProcess:  # noqa: N802 - multiprocessing's name
        return LokyProcess(**settings, env=_ONE_THREAD)


def in_workers(
    function: Callable[[Item], str | None],
    items: Iterable[Item],
    *,
    warm: Callable[[], None],
    workers: int,
    seconds: float,
) -> Iterator[tuple[Item, str | None]]:
    """Call a function on each item; yields each item and what the call returned, as they are done.

    The function must be importable. It returns None, or the reason why an item failed. Where its
    process died or took longer than `seconds`, that is the reason. What the function raises is
    raised here and ends all processes; closing the iterator ends them too. Raises
    `PreparationError` where processes cannot be started.

    warm: importable too; each process calls it before its first item, and no clock runs meanwhile.
    What it raises, it raises here.
    """
    waiting, fruitless = deque(items), 0
    while waiting:
        before = len(waiting)
        yield from _until_broken(function, waiting, warm, workers, seconds)
        fruitless = fruitless + 1 if len(waiting) == before else 0
        if fruitless == _FRUITLESS:
            raise PreparationError(
                "the processes that prepare clips end as soon as they start; what they wrote "
                "stands above. Try data.workers=1, which needs none"
            )


def _until_broken(
    function: Callable, waiting: deque, warm: Callable, workers: int, seconds: float
) -> Iterator[tuple]:
    """Use one pool until all is done or the pool breaks; then its unfinished items wait again.

    A pool breaks where a process dies with no item that it is known to work on, or dies while it
    holds the lock of the pipe that all share: rare, and no item's fault.
    """
    running: dict[ProcessFuture, object] = {}
    context = _Context()
    faults = context.SimpleQueue()  # what a process failed of before its first item
    ready = {"initializer": _begin, "initargs": (os.getpid(), warm, faults)}
    pool = ProcessPool(workers, **ready, context=context)
    try:
        while waiting or running:
            while waiting and len(running) < _AHEAD * workers:
                with deaf_to_ctrl_c():  # the first one starts processes, and the threads that do
                    future = _scheduled(pool, function, waiting[0], seconds)
                running[future] = waiting.popleft()
            for future in wait(running, timeout=1, return_when=FIRST_COMPLETED).done:
                reason = _outcome(future, seconds)
                yield running.pop(future), reason
            if not pool.active:
                raise BrokenProcessPool
    except BrokenProcessPool:
        if not faults.empty():
            raise faults.get() from None
        waiting.extendleft(running.values())
    finally:
        pool.stop()
        pool.join()


def _scheduled(
    pool: ProcessPool, function: Callable, item: object, seconds: float
) -> ProcessFuture:
    """One more item for the pool; raises `BrokenProcessPool` where it takes none."""
    try:
        return pool.schedule(function, (item,), timeout=seconds)
    except RuntimeError as error:  # pebble's answer then
        raise BrokenProcessPool(str(error)) from error


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """What is started in the block gets no SIGINT: a terminal sends it to every process of a command.

    This one heeds it behind the block, and ends the others.
    """
    for tracker in (mp_tracker, loky_tracker):  # its start takes the block away again
        tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _outcome(future: ProcessFuture, seconds: float) -> str | None:
    """What the function returned, or the reason why its process gave no answer.

    Raises what the function raised, and `BrokenProcessPool` where the pool gave up.
    """
    match future.exception():
        case None:
            return future.result()
        case error if hasattr(error, "traceback"):  # pebble's mark of what the function raised
            raise error
        case TimeoutError():
            return f"took longer than data.clip_seconds={seconds:g} s; {_AGAIN}"
        case ProcessExpired(exitcode=code) if code < 0:
            ended = f"its process was ended by signal {-code}, {signal.strsignal(-code)}"
            return f"{ended}{' (no memory left?)' if -code == signal.SIGKILL else ''}; {_AGAIN}"
        case ProcessExpired(exitcode=code):
            return f"its process ended with exit code {code}; {_AGAIN}"
        case error:
            raise error


def _begin(parent: int, warm: Callable[[], None], faults: SimpleQueue) -> None:
    """Prepare a process for being ended at any moment: entries are written whole or not at all."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Python's own handler waits for a decoder
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    try:
        warm()
    except Exception as error:  # the parent raises it
        faults.put(error)
        os._exit(1)


def end_with(parent: int) -> None:
    """A parent that was killed cannot end its children."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
