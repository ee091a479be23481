"""A process of its own for the model: the server answers on, whatever a recording does to a decoder."""

import asyncio
import os
import signal
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from joblib.externals.loky.backend.context import LokyContext
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from ravdess_exp.page import worker
from ravdess_exp.page.limits import Limits
from ravdess_exp.page.refusal import RefusalError
from ravdess_exp.prepare.workers import deaf_to_ctrl_c


class ModelProcess:
    """The model of a bundle, asked one file after the other, in the order they came."""

    def __init__(self, bundle: Path, limits: Limits) -> None:
        self._bundle = bundle
        self._limits = limits
        self._turn = asyncio.Lock()
        self._pool: ProcessPool | None = None

    def start(self) -> dict[str, Any]:
        """Wait until the model is loaded; what the page says of it. Raises what it is refused with."""
        return self._ask(worker.describe, None).result()

    def stop(self) -> None:
        """End the process, also in the middle of a file."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()

    async def answer(self, path: Path, name: str) -> dict[str, Any]:
        """What the model says of a file; raises `RefusalError` where there is no process to ask."""
        return await self._asked(worker.answer, self._limits.answer, path, name)

    async def explain(self, path: Path, name: str) -> dict[str, Any]:
        """What the model went by in a file; raises as `answer`."""
        return await self._asked(worker.explain, self._limits.explanation, path, name)

    async def _asked(
        self, function: Callable, seconds: float, path: Path, name: str
    ) -> dict[str, Any]:
        async with self._turn:
            future = asyncio.wrap_future(self._ask(function, seconds, path, name))
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            try:
                return await asyncio.shield(future)  # who leaves must not end the process
            except TimeoutError:
                reason = f"took longer than {seconds:g} s: is it what it seems to be?"
            except ProcessExpired as error:
                reason = f"its decoder or the model broke down over it ({_ending(error.exitcode)})"
            except BrokenProcessPool:
                raise RefusalError(
                    503, "the model had to be started again; try again", retry=10
                ) from None
        return {"file": name, "reason": reason}

    def _ask(self, function: Callable, seconds: float | None, *arguments: object) -> ProcessFuture:
        with deaf_to_ctrl_c():  # the first one starts the process
            if self._pool is None or not self._pool.active:
                self._pool = self._new_pool()
            return self._pool.schedule(function, (self._bundle, *arguments), timeout=seconds)

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            1,
            initializer=worker.begin,
            initargs=(os.getpid(), self._bundle),
            context=LokyContext(),  # which neither forks nor runs the user's `__main__` again
        )


def _ending(code: int) -> str:
    return signal.strsignal(-code) or f"signal {-code}" if code < 0 else f"exit code {code}"
