"""Keeps the log lines of native libraries away from the user.

MediaPipe and TensorFlow Lite write to file descriptor 2 from C++, also from background threads and after the
call that caused it; no setting of theirs stops that. So the descriptor itself is led away, and Python's own
standard error goes on through a copy of it.
"""

from __future__ import annotations

import os
import sys


def silence() -> None:
    """Send descriptor 2 to nowhere for the rest of the process; ``sys.stderr`` keeps working. Idempotent."""
    if getattr(silence, "done", False):
        return
    try:
        kept = os.dup(2)
    except OSError:  # started without a standard error: nothing to keep
        return
    sys.stderr.flush()
    sys.stderr = os.fdopen(kept, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    silence.done = True  # type: ignore[attr-defined]
