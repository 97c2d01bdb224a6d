"""Keeps the log lines of native libraries away from the user.

MediaPipe and TensorFlow Lite write to file descriptor 2 from C++, also from background threads and after the
call that caused it; no setting of theirs stops that. So the descriptor itself is led away, and Python's own
standard error goes on through a copy of it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator


def silence() -> None:
    """Send descriptor 2 to nowhere for the rest of the process; ``sys.stderr`` keeps working. Idempotent."""
    if getattr(silence, "done", False):
        return
    silence.done = True  # type: ignore[attr-defined]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        kept = os.dup(2)
    except OSError:  # started without a standard error: nothing to keep, but the number must not go to another file
        os.dup2(nowhere, 2)
        return
    before = sys.stderr
    before.flush()
    sys.stderr = os.fdopen(kept, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    for logger in (logging.getLogger(), *logging.Logger.manager.loggerDict.values()):
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler, logging.StreamHandler) and handler.stream is before:
                handler.setStream(sys.stderr)
    os.dup2(nowhere, 2)
    os.close(nowhere)


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Send descriptor 2 to nowhere for a moment, for a process that is not ours to silence."""
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
