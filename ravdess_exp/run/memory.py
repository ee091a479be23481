"""How much memory this process uses."""

import sys

import psutil

_MEGABYTE = 2**20


def memory_used() -> tuple[float, float]:
    """Megabytes that this process holds now, and the most that it ever held.

    Where the system counts no peak it is what the process holds now.
    """
    memory = psutil.Process().memory_info()
    peak = getattr(memory, "peak_wset", None) or _peak() or memory.rss  # psutil has Windows's alone
    return memory.rss / _MEGABYTE, peak / _MEGABYTE


def _peak() -> int | None:
    """Bytes; None where there is no module `resource`."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
