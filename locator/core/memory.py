"""How a process that lives long gives memory back."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD, _LARGE_BYTES = -3, 1 << 20  # of glibc's malloc.h; smaller than most photos
_M_ARENA_MAX = -8


def give_back() -> None:
    """Have glibc return large blocks to the system when they are free; else photos long answered would fill it.

    And have all threads share what it keeps: what one has freed the others would not use.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt:
            mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
            mallopt(_M_ARENA_MAX, 1)
