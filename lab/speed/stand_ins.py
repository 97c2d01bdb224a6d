"""What processes do while :mod:`lab.speed.scale` measures: readers that tell what they take, or that take nothing."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lab.speed.crowd import memory_mb
from locator.jobs import batch, results
from locator.jobs.journal import Document
from locator.jobs.listing import photos_below
from locator.jobs.readers import PhotoReader, ThisMachine
from locator.jobs.recorder import Answer, Recorded
from locator.models import registry


@dataclass(frozen=True)
class Spent:
    """What reading one photo took.

    Attributes:
        before_s: processor time of the process until then.
        record: what came of it, and how many bytes its picture has.
        peak_mb: the most memory that the process has had.
    """

    before_s: float
    seconds: float
    record: Document
    picture_bytes: int
    peak_mb: float


class Watched:
    """A reader of photos that tells what each has taken. Arguments as for :class:`PhotoReader`."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._read = PhotoReader(folder, settings)

    def __call__(self, path: str) -> Spent:
        """What the photo at ``path`` takes."""
        start_s = time.process_time()
        ((record, picture),) = self._read(path)
        return Spent(start_s, time.process_time() - start_s, record, len(picture or b""), _peak_mb())


class AtOnce(ThisMachine):
    """An engine for batches whose reader takes no time, so that what is left is the first machine's own work."""

    def __init__(self, jobs: int, start: Callable[[], Callable[[str], Recorded]], timeout_s: float) -> None:
        super().__init__(jobs, start, timeout_s)  # which starts no process before it is asked
        self._answer = start()

    def answers(self, tasks: Iterable[str]) -> Iterator[tuple[str, Recorded]]:
        """Each path and its record."""
        for path in tasks:
            yield path, self._answer(path)


class SameRecord:
    """Answers to every path with one record, under the sha256 of a file that holds its path and nothing else."""

    def __init__(self, record: Document) -> None:
        self._record = record

    def __call__(self, path: str) -> Answer:
        """The record."""
        image = {**self._record["image"], "path": path, "sha256": hashlib.sha256(path.encode()).hexdigest()}
        return [({**self._record, "image": image}, None)]


@dataclass(frozen=True)
class Managed:
    """What the first machine takes for a batch: seconds of each step, and megabytes that its memory has grown by."""

    listing: float
    reading: float
    ending: float
    grown_mb: float

    @property
    def all(self) -> float:
        """Seconds of the whole."""
        return self.listing + self.reading + self.ending


def manage(folder: Path, out: Path, record: Document, resume: bool, engine: Any) -> Managed:
    """Run a batch whose readers answer at once."""
    seen_s, before_mb = [], _peak_mb()
    start_s = time.process_time()
    photos_below(folder, out)
    listing = time.process_time() - start_s
    start_s = time.process_time()
    batch.run(
        folder,
        out,
        partial(SameRecord, record),
        settings(pictures=False),
        2,
        resume,
        lambda *_: seen_s.append(time.process_time()),
        engine,
    )
    ending = time.process_time() - seen_s[-1]
    return Managed(listing, seen_s[-1] - start_s - listing, ending, _peak_mb() - before_mb)


def managing() -> Callable[[tuple[Path, Path, Document, bool, Any]], Managed]:
    """What starts a process that manages a batch."""
    return _managed


def _managed(task: tuple[Path, Path, Document, bool, Any]) -> Managed:
    return manage(*task)


def settings(pictures: bool) -> dict[str, Any]:
    """Of a batch."""
    return results.settings(registry.load(registry.DEFAULT)[1], pictures, None, False)


def _peak_mb() -> float:
    """Of this process alone; what getrusage tells begins with what its parent had."""
    return memory_mb(os.getpid(), peak=True)
