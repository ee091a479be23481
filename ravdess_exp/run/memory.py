"""How much memory this process uses."""

from pathlib import Path

import psutil

_MEGABYTE = 2**20
_STATUS = Path("/proc/self/status")  # of Linux; has the peak, which psutil tells on Windows alone


def memory_used() -> tuple[float, float]:
    """Megabytes that this process holds now, and the most that it ever held.

    Where the system tells no peak it is what the process holds now.
    """
    memory = psutil.Process().memory_info()
    peak = getattr(memory, "peak_wset", None) or _linux_peak() or memory.rss
    return memory.rss / _MEGABYTE, peak / _MEGABYTE


def _linux_peak() -> int | None:
    """Bytes, from the line `VmHWM:   925012 kB`."""
    if not _STATUS.exists():
        return None
    lines = (line.split() for line in _STATUS.read_text().splitlines())
    return next((int(words[1]) * 1024 for words in lines if words[0] == "VmHWM:"), None)
