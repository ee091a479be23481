"""All chosen archives, several at once, each actor's clips there as soon as they are complete."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path
from threading import Event, Lock

from tqdm import tqdm

from ravdess_exp.corpus.download.client import Client, Limits, StoppedError
from ravdess_exp.corpus.download.fetch import DamagedError, fetch
from ravdess_exp.corpus.download.record import ZENODO, Archive, choose, read_record
from ravdess_exp.corpus.download.target import Target
from ravdess_exp.corpus.download.unpack import unpack
from ravdess_exp.errors import DownloadError

_LOG_INTERVAL = 30.0  # seconds between two states of the bar in a log file


@dataclass
class Outcome:
    """Names of archives: those whose clips are there, and the others with the reason."""

    complete: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


class Bar:
    """One progress bar for all archives, in bytes, fed by several threads."""

    def __init__(self, total: int, shown: bool) -> None:
        self._lock = Lock()
        self._bar = tqdm(
            total=total,
            desc="downloading",
            unit="B",
            unit_scale=True,
            disable=not shown,
            mininterval=0.1 if sys.stderr.isatty() else _LOG_INTERVAL,
        )

    def found(self, count: int) -> None:
        """Bytes that were there before, so that they do not have to come."""
        self._expect(-count)

    def lost(self, count: int) -> None:
        """Bytes that were thrown away, so that they have to come again."""
        self._expect(count)

    def add(self, count: int) -> None:
        """Bytes that came."""
        with self._lock:
            self._bar.update(count)

    def _expect(self, count: int) -> None:
        with self._lock:
            self._bar.total += count
            self._bar.refresh()

    def say(self, line: str) -> None:
        """A line above the bar, and at once also where it goes to a log file."""
        self._bar.write(line, file=sys.stderr)

    def close(self) -> None:
        """Leave it as it is."""
        self._bar.close()


def download(
    root: Path,
    *,
    actors: Sequence[int],
    song: bool = False,
    record: str = ZENODO,
    at_once: int = 3,
    keep_archives: bool = False,
    limits: Limits | None = None,
    shown: bool = True,
) -> Outcome:
    """Bring the chosen archives' clips into `root`; what is there already is not fetched again.

    An archive that fails does not hold up the others. Raises `DownloadError` for what stops all
    of them before anything is fetched. After KeyboardInterrupt the same call goes on.
    """
    limits, stop = limits or Limits(), Event()
    target = Target(root)
    with target.locked():
        archives = choose(read_record(Client(limits, stop), record), actors, song)
        pending = [archive for archive in archives if not target.holds(archive)]
        outcome = Outcome([archive.name for archive in archives if archive not in pending])
        for archive in archives:
            if archive not in pending:
                target.forget(archive, keep=keep_archives)  # a run was killed just before
        target.check_space(pending, at_once, keep_archives)
        bar = Bar(sum(archive.size for archive in pending), shown)
        if outcome.complete:
            bar.say(f"there already: {', '.join(outcome.complete)}")
        work = partial(
            _attempt, target=target, limits=limits, stop=stop, bar=bar, keep=keep_archives
        )
        try:
            # its threads are daemons: one that hangs in a read does not hold up Ctrl-C
            with ThreadPool(at_once) as pool:
                for archive, reason in pool.imap_unordered(work, pending):
                    if reason is None:
                        outcome.complete.append(archive.name)
                    else:
                        outcome.failed[archive.name] = reason
        finally:
            stop.set()
            bar.close()
    return outcome


def _attempt(
    archive: Archive, *, target: Target, limits: Limits, stop: Event, bar: Bar, keep: bool
) -> tuple[Archive, str | None]:
    """Bring one archive; returns it with the reason if that failed."""
    try:
        client = Client(limits, stop)
        target.check_free(archive)
        try:
            count = _bring(archive, target, client, bar)
        except DamagedError as error:
            bar.say(f"{error}; fetching it once more")
            count = _bring(archive, target, client, bar)
        target.forget(archive, keep=keep)
        bar.say(f"{archive.name}: {count} clips")
    except DamagedError as error:
        return archive, f"{error}, twice; ask whoever runs the server"
    except DownloadError as error:
        return archive, str(error)
    except OSError as error:
        return archive, f"{error.filename or target.work}: {error.strerror}; what came is kept"
    except StoppedError:
        return archive, "interrupted"
    return archive, None


def _bring(archive: Archive, target: Target, client: Client, bar: Bar) -> int:
    """Fetch, unpack, put in place; returns the number of clips. Removes what is damaged."""
    path = fetch(archive, target.work, client, bar)
    staging = target.staging(archive)
    try:
        clips = unpack(archive, path, staging)
        target.put(archive, staging, clips)
    except DamagedError:
        path.unlink()
        bar.lost(archive.size)
        raise
    finally:
        target.staging(archive)  # empty again
    return len(clips)
