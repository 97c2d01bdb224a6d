"""Keeps the log lines of native libraries away from the user.

MediaPipe and TensorFlow Lite write to file descriptor 2 from C++, also from background threads and after the
call that caused it; no setting of theirs stops that. So the descriptor itself is led away, and Python's own
standard error goes on through a copy of it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any


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
    for handler in _handlers():
        if getattr(handler, "stream", None) is before:
            handler.setStream(sys.stderr)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _handlers() -> Iterator[Any]:
    """Of all loggers; whoever has not loaded the library has none, and need not wait for it."""
    logging = sys.modules.get("logging")
    if logging is not None:
        for logger in (logging.getLogger(), *logging.Logger.manager.loggerDict.values()):
            yield from getattr(logger, "handlers", ())


_lock = threading.Lock()
_hushing = 0  # how many have asked for silence and not yet ended it
_kept = -1


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Send descriptor 2 to nowhere for a moment, for a process that is not ours to silence.

    Several threads may ask for it: it is led back when the last one has ended.
    """
    _hush()
    try:
        yield
    finally:
        _unhush()


def _hush() -> None:
    global _hushing, _kept
    with _lock:
        _hushing += 1
        if _hushing > 1:
            return
        try:
            _kept = os.dup(2)
        except OSError:  # started without a standard error
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)


def _unhush() -> None:
    global _hushing, _kept
    with _lock:
        _hushing -= 1
        if _hushing or _kept < 0:
            return
        os.dup2(_kept, 2)
        os.close(_kept)
        _kept = -1
