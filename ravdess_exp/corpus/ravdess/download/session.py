"""All chosen archives, several at once, each actor's clips there as soon as they are complete."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path
from threading import Event, Lock

from tqdm import tqdm

from ravdess_exp.corpus.ravdess.download.client import Client, Limits, StoppedError
from ravdess_exp.corpus.ravdess.download.fetch import DamagedError, fetch
from ravdess_exp.corpus.ravdess.download.record import ZENODO, Archive, choose, read_record
from ravdess_exp.corpus.ravdess.download.target import Target
from ravdess_exp.corpus.ravdess.download.unpack import unpack
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

    def already_there(self, count: int) -> None:
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
    job = _Job(Target(root), limits or Limits(), keep_archives)
    with job.target.locked():
        archives = choose(read_record(Client(job.limits, job.stop), record), actors, song)
        there = [archive for archive in archives if job.target.holds(archive)]
        pending = [archive for archive in archives if archive not in there]
        for archive in there:
            job.target.forget(archive, keep=keep_archives)  # an earlier run was killed just before
        job.target.check_space(pending, at_once, keep_archives)
        outcome = Outcome([archive.name for archive in there])
        if pending:
            _bring_all(pending, job, Bar(sum(a.size for a in pending), shown), at_once, outcome)
    return outcome


@dataclass(frozen=True)
class _Job:
    """What the archives of a download have in common."""

    target: Target
    limits: Limits
    keep: bool
    stop: Event = field(default_factory=Event)


def _bring_all(
    pending: Sequence[Archive], job: _Job, bar: Bar, at_once: int, outcome: Outcome
) -> None:
    if outcome.complete:
        bar.say(f"there already: {', '.join(outcome.complete)}")
    try:
        # its threads are daemons: one that hangs in a read does not hold up Ctrl-C
        with ThreadPool(at_once) as pool:
            work = partial(_attempt, job=job, bar=bar)
            for archive, reason in pool.imap_unordered(work, pending):
                if reason is None:
                    outcome.complete.append(archive.name)
                else:
                    outcome.failed[archive.name] = reason
    finally:
        job.stop.set()
        bar.close()


def _attempt(archive: Archive, *, job: _Job, bar: Bar) -> tuple[Archive, str | None]:
    """Bring one archive; returns it with the reason if that failed."""
    try:
        job.target.check_free(archive)
        client = Client(job.limits, job.stop)
        try:
            count = _bring(archive, job.target, client, bar)
        except DamagedError as error:
            bar.say(f"{error}; fetching it once more")
            count = _bring(archive, job.target, client, bar)
        job.target.forget(archive, keep=job.keep)
        bar.say(f"{archive.name}: {count} clips")
    except DamagedError as error:
        return archive, f"{error}, twice; ask whoever runs the server"
    except DownloadError as error:
        return archive, str(error)
    except OSError as error:
        return archive, f"{error.filename or job.target.work}: {error.strerror}; what came is kept"
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
