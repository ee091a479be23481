"""What a person sees while a run works: progress, heads of columns, and not the chatter of libraries."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from tqdm import tqdm

_LOG_INTERVAL = 30.0  # seconds between two lines of progress in a log file
_HOLDER = "import sys; held = sys.stdin.buffer.read(); sys.stderr.buffer.write(held)"
COLUMN = 9  # characters of a column of numbers
_PATIENCE = 5.0  # seconds that the holder may take to show what it has


def progress_bar(clips: Iterable, *, total: int, label: str, shown: bool) -> Iterable:
    """The same items, with a bar on a terminal and a line now and then in a log file."""
    interval = 0.1 if sys.stderr.isatty() else _LOG_INTERVAL
    return tqdm(
        clips, total=total, desc=label, unit="clip", disable=not shown, mininterval=interval
    )


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hold back what is written to the process's standard error; show it if the block fails.

    TensorFlow 2.21 announces its CPU features and missing GPU drivers before any of its log levels
    applies, six lines in each process. Another process holds them: where this one dies in the block
    (TensorFlow aborts on a processor that it was not built for), the reason is still shown.
    """
    sys.stderr.flush()
    holder = subprocess.Popen(  # noqa: S603 - our own line
        [sys.executable, "-I", "-S", "-c", _HOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is not for it
    )
    terminal = os.dup(2)
    os.dup2(holder.stdin.fileno(), 2)
    holder.stdin.close()
    try:
        yield
    except KeyboardInterrupt:
        _restore(terminal)  # of what is held, nothing is the reason
        raise
    except BaseException:
        _restore(terminal)  # the end of what is held, so that it is shown now
        with suppress(subprocess.TimeoutExpired):
            holder.wait(_PATIENCE)
        raise
    else:
        holder.kill()
        _restore(terminal)
    finally:
        holder.kill()
        holder.wait()


def _restore(terminal: int) -> None:
    sys.stderr.flush()
    os.dup2(terminal, 2)
    os.close(terminal)


def short_names(names: Sequence[str], width: int = COLUMN) -> list[str]:
    """Each in at most `width` characters, and no two the same: `surpri~1`, `surpri~2`."""
    cut = [name[:width] for name in names]
    counts = {name: cut.count(name) for name in cut}
    seen: dict[str, int] = {}
    shown = []
    for name in cut:
        if counts[name] == 1:
            shown.append(name)
            continue
        seen[name] = seen.get(name, 0) + 1
        mark = f"~{seen[name]}"
        shown.append(f"{name[: width - len(mark)]}{mark}")
    return shown
