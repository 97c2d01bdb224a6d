"""Every photo below a folder, read by several processes at once; what interrupts it costs only what was being read.

Each answer goes into a journal as soon as it is known. From that the results are put together in the end, in the order
of the photos, so that they are the same to the byte however often the batch was interrupted and however many processes
there were. Whoever goes on with a batch gets what one that was never interrupted would give for the photos as they are
now: those that are new or changed are read, and nothing of those that are gone is kept.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from locator.core import files
from locator.core.types import ImageInfo, Result
from locator.core.unreadable import UnreadableCode, unreadable
from locator.formats import file_names
from locator.formats.record import to_dict
from locator.jobs import contact_sheet, results
from locator.jobs.journal import Busy, Documents, Journal, Position, line
from locator.jobs.listing import ENDINGS, Found, photos_below
from locator.jobs.readers import Engine, Readers, ThisMachine
from locator.jobs.recorder import Recorded, Recorder, Start
from locator.jobs.results import (
    RECORDS,
    SHEET,
    SKIPPED,
    SUMMARY,
    UNFINISHED,
    BatchRefused,
    Summary,
    picture_file,
    reason,
)
from locator.jobs.workers import Undone
from locator.photo import encoding

TIMEOUT_S = 60.0  # for one photo; the largest that are taken need a few seconds

_UNDONE = {Undone.ENDED: UnreadableCode.READER_ENDED, Undone.TOO_LONG: UnreadableCode.READER_TOO_SLOW}

Progress = Callable[[int, int], None]
"""Called with the number of photos read and of those that are to be read in all."""


def run(
    folder: Path,
    out: Path,
    start: Start,
    settings: dict[str, Any],
    jobs: int,
    resume: bool = False,
    progress: Progress = lambda done, total: None,
    engine: Engine = ThisMachine,
) -> Summary:
    """Read every photo below ``folder`` and write the results to ``out``.

    Args:
        settings: see :func:`locator.jobs.results.settings`.
        jobs: number of workers.
        resume: whether to go on with what is in ``out`` already.
        engine: where they work.

    Raises:
        BatchRefused: if there is no photo, or ``out`` is not fit for this batch.
        WorkersFailed: if no worker can be started.
        OSError: if ``out`` cannot be written.
    """
    results.check(folder, out)
    found = photos_below(folder, out)
    if not found.photos:
        others = f"; {len(found.skipped)} files are of other kinds" if found.skipped else ""
        raise BatchRefused(
            f"there is no photo below {folder}, by what it holds or by its ending, {', '.join(sorted(ENDINGS))}{others}"
        )
    results.prepare(out, settings, resume)
    try:
        pictures, each = bool(settings["pictures"]), bool(settings["all"])
        with Journal(out / UNFINISHED / "journal.jsonl", out / RECORDS, each) as journal:
            recorder = partial(Recorder, start, out.absolute(), each)
            with engine(min(jobs, len(found.photos)), recorder, TIMEOUT_S) as readers:
                batch = _Batch(folder, out, pictures, each, journal, progress)
                batch.read(found.photos, readers)
            summary = batch.put_together(found)
    except Busy as error:
        raise BatchRefused(f"another batch is writing to {out}; wait for its end") from error
    # Last, and as one step: from here on the batch is a finished one.
    (out / UNFINISHED / RECORDS).replace(out / RECORDS)
    shutil.rmtree(out / UNFINISHED)
    return summary


class _Batch:
    """The state of one run: where each photo's records are, and which photos are copies of others."""

    def __init__(
        self, folder: Path, out: Path, pictures: bool, each: bool, journal: Journal, progress: Progress
    ) -> None:
        self._folder, self._out, self._pictures, self._each = folder, out, pictures, each
        self._journal, self._progress = journal, progress
        self._positions: dict[str, Position] = {}
        self._first: dict[str, str] = {}  # sha256 → the photo that is read for all with the same bytes
        self._copies: dict[str, tuple[str, str]] = {}  # photo → the one that is read for it, and their sha256
        self._asked: dict[str, str | None] = {}  # photo that is being read → its sha256
        self._read = 0

    def read(self, photos: list[str], readers: Readers) -> None:
        """Bring the records of every photo into the journal."""
        total = len(photos)
        waiting = photos
        while waiting:
            for path, document in readers.answers(self._unread(readers.digests(self._folder, waiting), total)):
                self._keep(path, document)
                self._report(total)
            # A photo may have been changed between being compared with others and being read.
            waiting = [path for path, (first, sha256) in self._copies.items() if self._sha256_read(first) != sha256]
            for path in waiting:
                del self._copies[path]

    def put_together(self, found: Found) -> Summary:
        """Write all results but the records themselves, which are left ready among the unfinished files."""
        scratch = self._out / UNFINISHED
        counts: dict[str, Counter[str]] = {"located": Counter(), "refused": Counter(), "unreadable": Counter()}
        on_sheet = set(contact_sheet.chosen(len(found.photos)))
        shown, pictures, several, written, backs = [], set(), 0, 0, 0
        with (scratch / RECORDS).open("wb") as records:
            for number, path in enumerate(found.photos):
                first = self._copies[path][0] if path in self._copies else path
                documents = self._journal.documents(self._positions[first])
                for document in documents:
                    document["image"]["path"] = file_names.to_text(path)
                    records.write(line(document))
                status = documents[0]["status"]
                counts[status][reason(documents[0])] += 1
                several += documents[0].get("people", 1) > 1
                backs += len(documents) if status == "located" else 0
                if number in on_sheet:
                    shown.append((written + 1, documents))
                written += len(documents)
                pictures |= self._pictures_of(path, first, documents)
            records.flush()
            os.fsync(records.fileno())
        results.remove_other_pictures(self._out, pictures)
        refused, unreadable = (dict(sorted(counts[status].items())) for status in ("refused", "unreadable"))
        summary = Summary(len(found.photos), counts["located"].total(), refused, unreadable, found.closed,
                          len(found.skipped), several, backs)  # fmt: skip
        sheet = encoding.encode(contact_sheet.draw(self._folder, shown), "jpeg")
        files.write_durably(self._out / SHEET, sheet, scratch)
        if found.skipped:
            listed = b"".join(line({"path": file_names.to_text(path)}) for path in found.skipped)
            files.write_durably(self._out / SKIPPED, listed, scratch)
        else:
            (self._out / SKIPPED).unlink(missing_ok=True)
        data = json.dumps(summary.document(), indent=1).encode("ascii") + b"\n"
        files.write_durably(self._out / SUMMARY, data, scratch)
        return summary

    def _pictures_of(self, path: str, first: str, documents: Documents) -> set[Path]:
        """The pictures of a photo; where they are those of the ``first`` with the same bytes, copied from these."""
        if not self._pictures or documents[0]["status"] != "located":
            return set()
        targets = [picture_file(self._out, path, document, self._each) for document in documents]
        for target, document in zip(targets, documents, strict=True) if first != path else ():
            source = picture_file(self._out, first, document, self._each)
            files.write_durably(target, source.read_bytes(), self._out / UNFINISHED)
        return set(targets)

    def _unread(self, photos: Iterable[tuple[str, str | None]], total: int) -> Iterator[str]:
        """Those of the photos, each given with its sha256, that have to be read."""
        for path, sha256 in photos:
            position = self._journal.find(path, sha256) if sha256 else None
            if sha256 and sha256 in self._first:
                self._copies[path] = (self._first[sha256], sha256)
            elif position and self._is_complete(path, self._journal.documents(position)):
                self._positions[path] = position
            else:
                self._asked[path] = sha256
                yield path
            if sha256:
                self._first.setdefault(sha256, path)
            self._report(total)

    def _is_complete(self, path: str, documents: Documents) -> bool:
        """Whether records may stay. Where a reader was lost, something else than the photo may have been the cause."""
        if documents[0]["status"] != "located":
            return reason(documents[0]) not in _UNDONE.values()
        return not self._pictures or all(
            picture_file(self._out, path, document, self._each).exists() for document in documents
        )

    def _keep(self, path: str, documents: Recorded | Undone) -> None:
        if isinstance(documents, OSError):
            raise documents
        sha256 = self._asked.pop(path)
        if isinstance(documents, Undone):
            documents = [to_dict(Result(ImageInfo(path, None, None, sha256), unreadable(_UNDONE[documents])))]
        self._positions[path] = self._journal.add(documents)
        self._read += 1
        if sha256 and documents[0]["image"]["sha256"] != sha256:
            self._first.pop(sha256, None)

    def _sha256_read(self, path: str) -> str | None:
        sha256: str | None = self._journal.documents(self._positions[path])[0]["image"]["sha256"]
        return sha256

    def _report(self, total: int) -> None:
        known = len(self._copies) + len(self._positions) - self._read
        self._progress(self._read, total - known)
