"""Records of a batch in the order in which they were read, kept so that a sudden end costs none of them."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from locator.formats import file_names

Document = dict[str, Any]
"""A record, as :func:`locator.formats.record.to_dict` returns it."""

Documents = list[Document]
"""The records of one photo: one, or where each back has its own, as many as there are backs."""

Position = tuple[int, int]
"""Where a photo's records begin: which of the journal's files, and at which byte."""

_SYNC_S = 1.0  # a disk takes about 300 records a second if it has to keep each before the next, a cluster gives more


class Busy(Exception):
    """Another process writes to this journal."""


class Journal:
    """Records by photo: those of the finished batch before, those of the one that was interrupted, and new ones.

    Of each photo only its name and the position of its records are held in memory. What a sudden end has cut short, and
    whatever may follow it, is cut off.

    Args:
        file: of this journal; made if it is not there.
        finished: records of a finished batch, if there are any; only read.
        each: whether a photo has a record for every back that was found in it.

    Raises:
        Busy: if another process has it open.
        OSError: if it cannot be opened or written.
    """

    def __init__(self, file: Path, finished: Path, each: bool = False) -> None:
        self._each = each
        self._known: dict[str, tuple[str | None, Position]] = {}
        self._synced_s = 0.0
        self._log: BinaryIO = file.open("ab", buffering=0)
        self._files: list[BinaryIO] = [file.open("rb")]
        try:
            self._lock()
            if finished.exists():
                self._files.append(finished.open("rb"))
                self._index(1)
            self._end = self._index(0)
            self._log.truncate(self._end)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its files."""
        for file in (self._log, *self._files):
            file.close()

    def find(self, path: str, sha256: str) -> Position | None:
        """Where the records of the photo of this name and these bytes are, if there are any."""
        known, position = self._known.get(path, (None, None))
        return position if known == sha256 else None

    def add(self, documents: Documents) -> Position:
        """Store a photo's records: for good as far as this process may end, within about a second if the power is cut.

        Raises:
            OSError: if it cannot be written.
        """
        data, position = b"".join(map(line, documents)), (0, self._end)
        if self._log.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._end += len(data)
        if time.monotonic() - self._synced_s >= _SYNC_S:
            os.fsync(self._log.fileno())
            self._synced_s = time.monotonic()
        return position

    def documents(self, position: Position) -> Documents:
        """The records of the photo at a position."""
        file = self._files[position[0]]
        file.seek(position[1])
        return self._next(file)

    def _next(self, file: BinaryIO) -> Documents:
        """The records of the photo where a file stands.

        Raises:
            ValueError, LookupError, TypeError, RecursionError: if they are not there, or not whole.
        """
        first = _parsed(file.readline())
        others = first.get("people", 1) - 1 if self._each else 0
        return [first, *(_parsed(file.readline()) for _ in range(others))]

    def _lock(self) -> None:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(self._log, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy from error

    def _index(self, number: int) -> int:
        """Take up the records of a file; returns where those of the last photo that has all of its own end."""
        end = 0
        with (
            Path(self._files[number].name).open("rb") as file,  # one that reads ahead what may be cut off
            contextlib.suppress(ValueError, LookupError, TypeError, AttributeError, RecursionError),
        ):
            while True:
                image = self._next(file)[0]["image"]
                self._known[file_names.from_text(image["path"])] = (image["sha256"], (number, end))
                end = file.tell()
        return end


def line(document: Document) -> bytes:
    """A record as a line of JSON Lines."""
    return json.dumps(document, allow_nan=False).encode("ascii") + b"\n"


def _parsed(data: bytes) -> Document:
    if not data.endswith(b"\n"):
        raise ValueError("the line is not whole")
    document: Document = json.loads(data)
    return document
