"""Every photo below a folder, read by several processes at once; what interrupts it costs only what was being read.

Each answer goes into a journal as soon as it is known. From that the results are put together in the end, in the order
of the photos, so that they are the same to the byte however often the batch was interrupted and however many processes
there were. Whoever goes on with a batch gets what one that was never interrupted would give for the photos as they are
now: those that are new or changed are read, and nothing of those that are gone is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from locator.api import Locator
from locator.core import files, resources
from locator.core.reasons import UnreadableCode, unreadable
from locator.core.types import ImageInfo, ModelId, Result
from locator.formats.export import export, to_dict
from locator.jobs import contact_sheet
from locator.jobs.journal import Busy, Document, Journal, Place, line
from locator.jobs.workers import Undone, Workers
from locator.photo import images

ENDINGS = frozenset((".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif"))
SETTINGS, RECORDS, SUMMARY, SHEET = "settings.json", "records.jsonl", "summary.json", "contact-sheet.jpg"
PICTURES, UNFINISHED = "pictures", "unfinished"

_LIBRARIES = ("mediapipe", "numpy", "opencv-contrib-python", "pillow", "pillow-heif")
_LONGEST_NAME = 255  # bytes, in every common file system

MOST_S = 60.0  # for one photo; the largest that are taken need a few seconds

_UNDONE = {Undone.ENDED: UnreadableCode.READER_ENDED, Undone.TOO_LONG: UnreadableCode.READER_TOO_SLOW}

Answer = tuple[Document, "bytes | None"]
"""A photo's record, and its marked picture as a JPEG if one was asked for and the photo was located."""

Recorded = Document | OSError
"""A photo's record, or why its picture cannot be written."""

Start = Callable[[], Callable[[str], Answer]]
"""Called in each process that reads, to get what answers to a path below the folder; has to be picklable."""

Progress = Callable[[int, int], None]
"""Called with the number of photos read and of those that are to be read in all."""


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
            yield path, files.sha256(folder / path, images.MAX_BYTES)


Engine = Callable[[int, Callable[[], Callable[[str], Recorded]], float], AbstractContextManager[Readers]]
"""Makes readers: called with how many there are to be, what starts one, and how many seconds it has for a photo."""


class BatchRefused(Exception):
    """The batch cannot be begun with this folder or these settings; the text says why and what to do."""


@dataclass(frozen=True)
class Found:
    """What lies below a folder.

    Attributes:
        photos: paths below the folder, with ``/`` between their parts, sorted.
        closed: folders below it that could not be opened.
    """

    photos: list[str]
    closed: list[str]


@dataclass(frozen=True)
class Summary:
    """How many photos got which answer.

    Attributes:
        refused, unreadable: number of photos by the reason's code.
        closed: folders that could not be opened.
    """

    photos: int
    located: int
    refused: dict[str, int]
    unreadable: dict[str, int]
    closed: list[str]

    def document(self) -> dict[str, Any]:
        """The counts, ready for :func:`json.dumps`."""
        return {
            "photos": self.photos,
            "located": self.located,
            "refused": self.refused,
            "unreadable": self.unreadable,
            "folders_not_opened": len(self.closed),
        }


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
        self._folder, self._pictures = folder, bool(begun["pictures"])
        self._locator = Locator()
        here = settings(self._locator.model, self._pictures)
        if here != begun:
            raise BatchRefused(f"the programs differ ({_difference(begun, here)})")

    def __call__(self, path: str) -> Answer:
        """The answer to the photo at ``path`` below the folder."""
        file = self._folder / path
        photo, result = self._locator.read(file) if self._pictures else (None, self._locator.locate(file))
        result = replace(result, image=replace(result.image, path=path))
        picture = export("jpeg", photo.rgb, result) if photo and result.status == "located" else None
        return to_dict(result), picture


class Recorder:
    """What a worker of any batch does: answers as its reader does, but leaves the picture where it belongs.

    Pictures so pass through no other process, nor between machines.

    Args:
        start: makes the reader.
        out: the folder of the results, as this machine sees it.

    Raises:
        BatchRefused: if this machine does not see it.
    """

    def __init__(self, start: Start, out: Path) -> None:
        if not (out / UNFINISHED).is_dir():
            raise BatchRefused(f"{out} cannot be seen from {socket.gethostname()}")
        self._answer, self._out = start(), out

    def __call__(self, path: str) -> Recorded:
        """The record of the photo at ``path``; an error if its picture is wanted and cannot be written."""
        document, picture = self._answer(path)
        try:
            if picture:  # before the record, which promises it
                files.write_durably(_picture(self._out, path), picture, self._out / UNFINISHED)
        except OSError as error:
            return error
        return document


def find(folder: Path, out: Path) -> Found:
    """The photos below ``folder``, by their endings.

    What is hidden is left alone, and so is ``out``. A link to a file is a photo if it leads to a place below the
    folder; links to folders are not followed: what is below the folder is met there.
    """
    photos, closed, unlisted = [], [], [""]
    top, out = Path(os.path.realpath(folder)), Path(os.path.realpath(out))
    while unlisted:
        here = unlisted.pop()
        try:
            with os.scandir(top / here) as entries:
                # What an entry is, the listing tells: over a network, to ask for each would take hours.
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if Path(entry.path) != out:
                            unlisted.append(f"{here}{entry.name}/")
                    elif Path(entry.name).suffix.lower() in ENDINGS and _is_taken(entry, top, out):
                        photos.append(f"{here}{entry.name}")
        except OSError:
            closed.append(here.rstrip("/") or ".")
    return Found(sorted(photos), sorted(closed))


def _is_taken(entry: os.DirEntry[str], top: Path, out: Path) -> bool:
    """Whether a file with the ending of a photo belongs to the batch; a link may lead elsewhere."""
    if not entry.is_symlink():
        return True
    leads_to = Path(os.path.realpath(entry.path))
    among_results = leads_to.is_relative_to(out) and out != top
    return leads_to.is_relative_to(top) and not among_results and not leads_to.is_dir()


def settings(model: ModelId, pictures: bool) -> dict[str, Any]:
    """All that the results depend on beside the photos; only a batch with the same can be gone on with."""
    manifest = (resources.path("models") / "manifest.toml").read_bytes()
    return {
        "pictures": pictures,
        "model": model.name,
        "model_sha256": model.sha256,
        "models_sha256": hashlib.sha256(manifest).hexdigest(),
        "locator": version("back-acupoint-locator"),
        **{name: version(name) for name in _LIBRARIES},
    }


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
        settings: see :func:`settings`.
        jobs: number of workers.
        resume: whether to go on with what is in ``out`` already.
        engine: where they work.

    Raises:
        BatchRefused: if there is no photo, or ``out`` is not fit for this batch.
        WorkersFailed: if no worker can be started.
        OSError: if ``out`` cannot be written.
    """
    _check(folder, out)
    found = find(folder, out)
    if not found.photos:
        raise BatchRefused(f"there is no photo below {folder}; one ends in {', '.join(sorted(ENDINGS))}")
    _prepare(out, settings, resume)
    try:
        with Journal(out / UNFINISHED / "journal.jsonl", out / RECORDS) as journal:
            recorder = partial(Recorder, start, out.absolute())
            with engine(min(jobs, len(found.photos)), recorder, MOST_S) as readers:
                batch = _Batch(folder, out, bool(settings["pictures"]), journal, progress)
                batch.read(found.photos, readers)
            summary = batch.put_together(found)
    except Busy as error:
        raise BatchRefused(f"another batch is writing to {out}; wait for its end") from error
    # Last, and as one step: from here on the batch is a finished one.
    (out / UNFINISHED / RECORDS).replace(out / RECORDS)
    shutil.rmtree(out / UNFINISHED)
    return summary


def _check(folder: Path, out: Path) -> None:
    """Refuse an ``out`` in which results and photos would get mixed up."""
    top, out = Path(os.path.realpath(folder)), Path(os.path.realpath(out))
    if top == out or any(top.is_relative_to(out / name) for name in (PICTURES, UNFINISHED)):
        raise BatchRefused(f"results in {out} would get among the photos; choose another folder for them")
    if out.exists() and not out.is_dir():
        raise BatchRefused(f"{out} is no folder; choose another name")


def _prepare(out: Path, settings: dict[str, Any], resume: bool) -> None:
    """Make ``out`` ready, or refuse what is in it."""
    names = (SETTINGS, RECORDS, SUMMARY, SHEET, PICTURES, UNFINISHED)
    there = [name for name in names if os.path.lexists(out / name)]
    if there and not resume:
        raise BatchRefused(
            f"{out} holds results of a batch already ({', '.join(there)}); "
            "add --resume to go on with it, or choose another folder"
        )
    data = json.dumps(settings, indent=1).encode("ascii") + b"\n"
    if SETTINGS in there:
        before = _settings_before(out / SETTINGS)
        if before != settings:
            raise BatchRefused(f"the batch in {out} was begun with other settings ({_difference(before, settings)}); "
                               "go on with the same, or choose another folder")  # fmt: skip
    elif set(there) - {UNFINISHED}:
        raise BatchRefused(f"{out} holds files that are of no batch ({', '.join(there)}); choose another folder")
    (out / UNFINISHED).mkdir(parents=True, exist_ok=True)
    if SETTINGS not in there:
        files.write_durably(out / SETTINGS, data, out / UNFINISHED)


def _settings_before(file: Path) -> dict[str, Any]:
    """What a batch was begun with."""
    try:
        before = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        before = None
    if not isinstance(before, dict):
        raise BatchRefused(f"{file} is damaged; choose another folder")
    return before


def _difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    text = "; ".join(f"{name}: {before.get(name)}, now {now.get(name)}" for name in names)
    return text.encode(errors="backslashreplace").decode()  # a damaged file may hold what no terminal prints


class _Batch:
    """The state of one run: where each photo's record is, and which photos are copies of others."""

    def __init__(self, folder: Path, out: Path, pictures: bool, journal: Journal, progress: Progress) -> None:
        self._folder, self._out, self._pictures = folder, out, pictures
        self._journal, self._progress = journal, progress
        self._places: dict[str, Place] = {}
        self._first: dict[str, str] = {}  # sha256 → the photo that is read for all with the same bytes
        self._copies: dict[str, tuple[str, str]] = {}  # photo → the one that is read for it, and their sha256
        self._asked: dict[str, str | None] = {}  # photo that is being read → its sha256
        self._read = 0

    def read(self, photos: list[str], readers: Readers) -> None:
        """Bring the record of every photo into the journal."""
        total = len(photos)
        waiting = photos
        while waiting:
            for path, document in readers.answers(self._unread(readers.digests(self._folder, waiting), total)):
                self._keep(path, document)
                self._tell(total)
            # A photo may have been changed between being compared with others and being read.
            waiting = [path for path, (first, sha256) in self._copies.items() if self._sha256_read(first) != sha256]
            for path in waiting:
                del self._copies[path]

    def put_together(self, found: Found) -> Summary:
        """Write all results but the records themselves, which are left ready among the unfinished files."""
        scratch = self._out / UNFINISHED
        counts: dict[str, Counter[str]] = {"located": Counter(), "refused": Counter(), "unreadable": Counter()}
        on_sheet = set(contact_sheet.chosen(len(found.photos)))
        shown, pictures = [], set()
        with (scratch / RECORDS).open("wb") as records:
            for number, path in enumerate(found.photos):
                first = self._copies[path][0] if path in self._copies else path
                document = self._journal.document(self._places[first])
                document["image"]["path"] = path
                records.write(line(document))
                counts[document["status"]][_reason(document)] += 1
                if number in on_sheet:
                    shown.append((number + 1, document))
                if self._pictures and document["status"] == "located":
                    pictures.add(_picture(self._out, path))
                    if first != path:
                        files.write_durably(_picture(self._out, path), _picture(self._out, first).read_bytes(), scratch)
            records.flush()
            os.fsync(records.fileno())
        self._remove_other_pictures(pictures)
        refused, unreadable = (dict(sorted(counts[status].items())) for status in ("refused", "unreadable"))
        summary = Summary(len(found.photos), counts["located"].total(), refused, unreadable, found.closed)
        sheet = images.encode(contact_sheet.draw(self._folder, shown), "jpeg")
        files.write_durably(self._out / SHEET, sheet, scratch)
        data = json.dumps(summary.document(), indent=1).encode("ascii") + b"\n"
        files.write_durably(self._out / SUMMARY, data, scratch)
        return summary

    def _unread(self, photos: Iterable[tuple[str, str | None]], total: int) -> Iterator[str]:
        """Those of the photos, each given with its sha256, that have to be read."""
        for path, sha256 in photos:
            place = self._journal.find(path, sha256) if sha256 else None
            if sha256 and sha256 in self._first:
                self._copies[path] = (self._first[sha256], sha256)
            elif place and self._is_complete(path, self._journal.document(place)):
                self._places[path] = place
            else:
                self._asked[path] = sha256
                yield path
            if sha256:
                self._first.setdefault(sha256, path)
            self._tell(total)

    def _is_complete(self, path: str, document: Document) -> bool:
        """Whether a record may stay. Where a reader was lost, something else than the photo may have been the cause."""
        if document["status"] != "located":
            return _reason(document) not in _UNDONE.values()
        return not self._pictures or _picture(self._out, path).exists()

    def _keep(self, path: str, document: Recorded | Undone) -> None:
        if isinstance(document, OSError):
            raise document
        sha256 = self._asked.pop(path)
        if isinstance(document, Undone):
            document = to_dict(Result(ImageInfo(path, None, None, sha256), unreadable(_UNDONE[document])))
        self._places[path] = self._journal.add(document)
        self._read += 1
        if sha256 and document["image"]["sha256"] != sha256:
            self._first.pop(sha256, None)

    def _sha256_read(self, path: str) -> str | None:
        sha256: str | None = self._journal.document(self._places[path])["image"]["sha256"]
        return sha256

    def _tell(self, total: int) -> None:
        known = len(self._copies) + len(self._places) - self._read
        self._progress(self._read, total - known)

    def _remove_other_pictures(self, wanted: set[Path]) -> None:
        """Remove pictures of photos that are gone, or are located no more, and the folders that this leaves empty."""
        for here, _, names in os.walk(self._out / PICTURES, topdown=False):
            for file in (Path(here, name) for name in names):
                if file.suffix == ".jpg" and file not in wanted:
                    file.unlink()
            if not any(Path(here).iterdir()):
                Path(here).rmdir()


def _picture(out: Path, path: str) -> Path:
    """Where the marked picture of a photo goes; a name that would be too long gives way to a digest."""
    file = out / PICTURES / f"{path}.jpg"
    if len(os.fsencode(file.name)) > _LONGEST_NAME:
        return file.with_name(f"{hashlib.sha256(os.fsencode(path)).hexdigest()}.jpg")
    return file


def _reason(document: Document) -> str:
    why = document.get("refusal") or document.get("error")
    return str(why["code"]) if why else ""
