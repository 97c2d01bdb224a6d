"""How a process that lives long gives memory back."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD, _LARGE_BYTES = -3, 1 << 20  # of glibc's malloc.h; smaller than most photos


def give_back() -> None:
    """Have glibc return large blocks to the system when they are free; else photos long answered would fill it."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt:
            mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
