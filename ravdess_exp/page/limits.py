"""How much the page takes on: sizes, waiting requests, and times."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ravdess_exp.page.refusal import RefusalError

_MEGA = 2**20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """largest: bytes of a file; held: of all files in hand together; waiting: requests in hand, the
    one that is answered included; pause: seconds that an upload may say nothing; answer, explanation:
    seconds that one file may take.
    """

    largest: int = 200 * _MEGA  # a minute as telephones film it
    held: int = 1000 * _MEGA
    waiting: int = 40
    pause: float = 20.0
    answer: float = 60.0
    explanation: float = 300.0  # a study's models are each asked hundreds of times


class WaitingRoom:
    """Who is in hand, and how many bytes they brought. Used by one thread, the server's."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._places = 0
        self._bytes = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for a request; raises `RefusalError` where all are taken."""
        if self._places >= self.limits.waiting:
            raise _busy()
        self._places += 1
        try:
            yield
        finally:
            self._places -= 1

    @contextmanager
    def room_for(self, size: int) -> Iterator[None]:
        """Room for a file on the disk; raises `RefusalError` where others hold too much of it."""
        if self._bytes + size > self.limits.held:
            raise _busy()
        self._bytes += size
        try:
            yield
        finally:
            self._bytes -= size


def _busy() -> RefusalError:
    return RefusalError(503, "busy with others' recordings; try again in a few seconds", retry=3)
