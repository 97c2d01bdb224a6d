"""How much memory this process has taken at most, as Linux counts it."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

_FILES_MEGABYTES = 100.0
"""What files that are mapped, such as libraries, are counted as: after an installation by pip they take 97.

How much of them Linux counts hangs on the pieces in which they were written and read before, up to 50 MB more.
"""


def forget_peak() -> None:
    """Begin the count anew."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_megabytes() -> float:
    """Of this process alone: the usual count begins with what its parent held."""
    found = dict(re.findall(r"(VmHWM|RssFile):\s+(\d+)", Path("/proc/self/status").read_text()))
    return (int(found["VmHWM"]) - int(found["RssFile"])) / 1024 + _FILES_MEGABYTES
