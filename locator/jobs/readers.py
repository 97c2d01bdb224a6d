"""What reads the photos of a batch: the work of one process, and where such processes run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from locator.api import Locator
from locator.core import files
from locator.core.types import Location, Photo, Result
from locator.formats.export import export
from locator.formats.record import to_dict
from locator.jobs.journal import Document
from locator.jobs.recorder import Answer, Recorded
from locator.jobs.results import BatchRefused, difference, settings
from locator.jobs.workers import Undone, Workers
from locator.photo import sources


class Readers(Protocol):
    """Processes that read photos, on this machine or on several."""

    def digests(self, folder: Path, paths: Iterable[str]) -> Iterator[tuple[str, str | None]]:
        """Each path below a folder, and the sha256 of its bytes; None where they cannot be had."""

    def answers(self, paths: Iterable[str]) -> Iterator[tuple[str, Recorded | Undone]]:
        """Each path and what came of it, or why nothing did, in any order."""


class ThisMachine(Workers[str, Recorded]):
    """Readers on this machine. Bytes are compared here, just before they are read there."""

    def __enter__(self) -> ThisMachine:
        return self

    def digests(self, folder: Path, paths: Iterable[str]) -> Iterator[tuple[str, str | None]]:
        """See :class:`Readers`."""
        for path in paths:
            yield path, files.sha256(folder / path, sources.MAX_BYTES)


Engine = Callable[[int, Callable[[], Callable[[str], Recorded]], float], AbstractContextManager[Readers]]
"""Makes readers: called with how many there are to be, what starts one, and how many seconds it has for a photo."""


class PhotoReader:
    """What a worker does: reads photos with a model of its own.

    Args:
        folder: where the photos lie.
        begun: settings of the batch.

    Raises:
        models.ModelUnavailable: if the model is not on this machine.
        BatchRefused: if this machine would answer otherwise than the one where the batch was begun.
    """

    def __init__(self, folder: Path, begun: dict[str, Any]) -> None:
        self._folder, self._pictures, self._codes = folder, bool(begun["pictures"]), begun["points"]
        self._each, self._mirrored = bool(begun["all"]), bool(begun["mirrored"])
        self._locator = Locator()
        here = settings(self._locator.model, self._pictures, self._codes, self._each, self._mirrored)
        if here != begun:
            raise BatchRefused(f"the programs differ ({difference(begun, here)})")

    def __call__(self, path: str) -> Answer:
        """The answer to the photo at ``path`` below the folder."""
        file = self._folder / path
        if self._pictures:
            photo, result = self._locator.read(file, self._mirrored)
        else:
            photo, result = None, self._locator.locate(file, self._mirrored)
        return [self._of(one, photo, path) for one in (result.each() if self._each else [result])]

    def _of(self, result: Result, photo: Photo | None, path: str) -> tuple[Document, bytes | None]:
        outcome = result.outcome
        if isinstance(outcome, Location):
            outcome = outcome.showing(self._codes)
        result = replace(result, image=replace(result.image, path=path), outcome=outcome)
        picture = export("jpeg", photo.rgb, result) if photo and result.status == "located" else None
        return to_dict(result), picture
