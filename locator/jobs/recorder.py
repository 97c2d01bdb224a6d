"""What a worker of any batch does; apart from what reads photos, so that a worker loads only what its reader needs."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from locator.core import files
from locator.jobs.journal import Document, Documents
from locator.jobs.results import UNFINISHED, BatchRefused, picture_file

Answer = list[tuple[Document, "bytes | None"]]
"""A photo's records, each with its marked picture as a JPEG if one was asked for and a back was located."""

Recorded = Documents | OSError
"""A photo's records, or why a picture cannot be written."""

Start = Callable[[], Callable[[str], Answer]]
"""Called in each process that reads, to get what answers to a path below the folder; has to be picklable."""


class Recorder:
    """Answers as its reader does, but leaves the picture where it belongs.

    Pictures so pass through no other process, nor between machines.

    Args:
        start: makes the reader.
        out: the folder of the results, as this machine sees it.
        each: whether there is a picture for every back.

    Raises:
        BatchRefused: if this machine does not see it.
    """

    def __init__(self, start: Start, out: Path, each: bool = False) -> None:
        if not (out / UNFINISHED).is_dir():
            raise BatchRefused(f"{out} cannot be seen from {socket.gethostname()}")
        self._answer, self._out, self._each = start(), out, each

    def __call__(self, path: str) -> Recorded:
        """The records of the photo at ``path``; an error if a picture is wanted and cannot be written."""
        answer = self._answer(path)
        try:
            for document, picture in answer:
                if picture:  # before the record, which promises it
                    files.write_durably(
                        picture_file(self._out, path, document, self._each), picture, self._out / UNFINISHED
                    )
        except OSError as error:
            return error
        return [document for document, _ in answer]
