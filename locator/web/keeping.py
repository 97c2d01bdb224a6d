"""What visitors find again when their tab is loaded again: in the server's memory, for a while, under a key of the tab.

A key cannot be guessed, and only the tab holds it. What is kept is bounded in number, in bytes and in time. Knows no
Streamlit.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

MOST = 64
"""Visitors of whom something is kept."""

MOST_BYTES = 256 * 1024 * 1024
"""Of all that is kept."""

KEPT_S = 30 * 60.0
"""How long something is kept after its visitor was last seen, in seconds."""


class Sized(Protocol):
    """What can be kept."""

    @property
    def size_bytes(self) -> int:
        """How much memory it takes."""


T = TypeVar("T", bound=Sized)


@dataclass
class _Entry(Generic[T]):
    kept: T
    seen_s: float


class Keeper(Generic[T]):
    """Keeps things of visitors. Safe to share between threads.

    What was not asked for longest makes room for others.

    Args:
        now_s: a clock that never goes back.
    """

    def __init__(
        self,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
        kept_s: float = KEPT_S,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._most_bytes, self._kept_s, self._now_s = most, most_bytes, kept_s, now_s
        self._entries: dict[str, _Entry[T]] = {}  # the last seen one last
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    @staticmethod
    def new_key() -> str:
        """A key that nobody can guess."""
        return secrets.token_urlsafe(32)

    def keep(self, key: str, kept: T) -> None:
        """Keep something under a key; it was seen now."""
        with self._lock:
            self._entries.pop(key, None)
            self._entries[key] = _Entry(kept, self._now_s())
            self._drop()

    def find(self, key: str) -> T | None:
        """What is kept under a key; None if there is nothing, or nothing any more."""
        with self._lock:
            self._drop()
            entry = self._entries.get(key)
            return entry.kept if entry else None

    def _drop(self) -> None:
        """Let go of what is too old or too much, and come back when the next one will be."""
        now_s, total = self._now_s(), sum(entry.kept.size_bytes for entry in self._entries.values())
        for key, entry in list(self._entries.items()):
            is_old = now_s - entry.seen_s >= self._kept_s
            if not is_old and len(self._entries) <= self._most and total <= self._most_bytes:
                break
            total -= self._entries.pop(key).kept.size_bytes
        if self._timer is None and self._entries:
            self._timer = threading.Timer(self._kept_s, self._come_back)
            self._timer.daemon = True
            self._timer.start()

    def _come_back(self) -> None:
        with self._lock:
            self._timer = None
            self._drop()
