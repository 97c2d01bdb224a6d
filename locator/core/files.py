"""Telling files apart by their bytes, and writing one whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def sha256(file: Path, most_bytes: int) -> str | None:
    """Of a file's bytes; None where they cannot be had or are too many, and whoever reads it is left to say why."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > most_bytes:
            return None
        import hashlib  # loads OpenSSL: help needs no sums

        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def read(file: Path, most_bytes: int) -> bytes:
    """The bytes of a file that is one; a pipe or a device may never end.

    Raises:
        OSError: if it cannot be read, is no regular file, or has more bytes.
    """
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(file))
    if status.st_size > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    return file.read_bytes()


def write_whole(target: Path, data: bytes) -> None:
    """Write ``data`` beside ``target`` first: under its own name a file is never half written.

    Raises:
        OSError: if it cannot be written; nothing is left behind then.
    """
    with replacing(target) as unfinished:
        unfinished.write_bytes(data)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A file to be written beside ``target``, which gets its name in the end.

    Raises:
        OSError: if it cannot be written; nothing is left behind then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield unfinished
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def write_durably(target: Path, data: bytes, scratch: Path) -> None:
    """Write a file that is there whole, or not at all, even after a power cut.

    Args:
        scratch: a folder on the same disk, where whatever a sudden end has interrupted is left.

    Raises:
        OSError: if it cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = scratch / f"{uuid.uuid4().hex}.part"
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)
