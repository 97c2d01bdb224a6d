"""How many visitors the pages serve at a time; all others wait, and are told so.

Without limits, a crowd's photos would all be worked on at once, and each would take as long as all of them together.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

PHOTOS, VIEWERS = "LOCATOR_PAGE_PHOTOS", "LOCATOR_PAGE_VIEWERS"
"""The environment variables that say how many photos are looked at, and how many live viewers are served, at a time."""

_MOST = 1000
_REPORT_EVERY_S = 0.5  # whoever waits is told, and can change their mind
_GONE_S = 10.0  # a viewer whose frames stop for longer has left without a word


class SettingError(ValueError):
    """A setting is wrong; the message says where and what was expected."""


class FairSemaphore:
    """Lets so many visitors at a time do something; the others wait, and are served in the order in which they came.

    Safe to share between threads.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._line: list[object] = []  # those whose turn it is, then those who wait
        self._moved = threading.Condition()

    @contextmanager
    def turn(self, wait: Callable[[int], object]) -> Iterator[None]:
        """One's own turn; before it, ``wait`` is told again and again how many others are before one in the line.

        Whatever ``wait`` raises is passed on, and the place in the line given up.
        """
        ticket = object()
        with self._moved:
            self._line.append(ticket)
        try:
            while (before := self._before(ticket)) >= 0:
                wait(before)
            yield
        finally:
            with self._moved:
                self._line.remove(ticket)
                self._moved.notify_all()

    def _before(self, ticket: object) -> int:
        """How many wait before this one; -1 if its turn has come, for which this waits a little."""
        with self._moved:
            self._moved.wait_for(lambda: self._line.index(ticket) < self._most, _REPORT_EVERY_S)
            return max(self._line.index(ticket) - self._most, -1)


class Seats:
    """Seats of viewers, each of whom keeps one as long as they are heard of. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heard_s: dict[object, float] = {}
        self._lock = threading.Lock()

    def keep(self, viewer: object) -> bool:
        """Whether this viewer has a seat, now that they are heard of again; they get one if one is free."""
        now_s = time.monotonic()
        with self._lock:
            self._heard_s = {one: when_s for one, when_s in self._heard_s.items() if now_s - when_s < _GONE_S}
            if viewer not in self._heard_s and len(self._heard_s) >= self._most:
                return False
            self._heard_s[viewer] = now_s
            return True

    def leave(self, viewer: object) -> None:
        """The viewer's seat, if they have one, becomes free."""
        with self._lock:
            self._heard_s.pop(viewer, None)


@dataclass(frozen=True)
class Limits:
    """What all visitors of one server share."""

    photos: FairSemaphore
    viewers: Seats


def read(environment: Mapping[str, str]) -> Limits:
    """The limits that :data:`PHOTOS` and :data:`VIEWERS` set; where they do not, those of this machine's cores.

    Raises:
        SettingError: if one of them is no number from 1 to 1000.
    """
    cores = os.cpu_count() or 1
    return Limits(
        FairSemaphore(_number(environment, PHOTOS, cores)), Seats(_number(environment, VIEWERS, max(cores, 2)))
    )


def _number(environment: Mapping[str, str], name: str, usual: int) -> int:
    text = environment.get(name, "").strip() or str(usual)
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= _MOST):
        raise SettingError(f"{name} must be a number from 1 to {_MOST}, such as {usual}; it is {text[:40]!r}")
    return int(text)
