"""The folder of a batch's results: what belongs in it, and whether a batch may begin or go on there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locator.core import files, resources
from locator.jobs.journal import Document

if TYPE_CHECKING:
    from locator.core.types import ModelId

SETTINGS, RECORDS, SUMMARY, SHEET = "settings.json", "records.jsonl", "summary.json", "contact-sheet.jpg"
SKIPPED = "skipped.jsonl"
PICTURES, UNFINISHED = "pictures", "unfinished"
_OWN = frozenset({SETTINGS, RECORDS, SUMMARY, SHEET, SKIPPED, PICTURES, UNFINISHED})

_LIBRARIES = ("mediapipe", "numpy", "opencv-contrib-python", "pillow", "pillow-heif")
_LONGEST_DIFFERENCE = 400  # characters that are told of it; the file may be anybody's
_LONGEST_NAME = 255  # bytes, in every common file system


class BatchRefused(Exception):
    """The batch cannot be begun with this folder or these settings; the text says why and what to do."""


@dataclass(frozen=True)
class Summary:
    """How many photos got which answer.

    Attributes:
        refused, unreadable: number of photos by the reason's code.
        closed: folders that could not be opened.
        skipped: number of files that are no photos.
        several: number of photos with more than one back.
        backs: number of backs that were located: of each photo the largest, or every one.
    """

    photos: int
    located: int
    refused: dict[str, int]
    unreadable: dict[str, int]
    closed: list[str]
    skipped: int = 0
    several: int = 0
    backs: int = 0

    def document(self) -> dict[str, Any]:
        """The counts, ready for :func:`json.dumps`."""
        return {
            "photos": self.photos,
            "located": self.located,
            "refused": self.refused,
            "unreadable": self.unreadable,
            "folders_not_opened": len(self.closed),
            "skipped": self.skipped,
            "several_backs": self.several,
            "backs_located": self.backs,
        }


def is_own(out: Path, file: Path) -> bool:
    """Whether a file is, or lies in, what a batch writes into the folder of its results by itself."""
    folder, inside = Path(os.path.realpath(out)), Path(os.path.realpath(file))
    return inside.is_relative_to(folder) and inside.relative_to(folder).parts[:1] in {(name,) for name in _OWN}


def settings(
    model: ModelId,
    pictures: bool,
    codes: Collection[str] | None = None,
    each: bool = False,
    mirrored: bool = False,
) -> dict[str, Any]:
    """All that the results depend on beside the photos; only a batch with the same can be gone on with.

    Args:
        codes: acupoints that the results hold; None for all.
        each: whether every back of a photo is marked, not the largest alone.
        mirrored: whether the photos are mirror images.
    """
    return {
        "pictures": pictures,
        "points": None if codes is None else sorted(codes),
        "all": each,
        "mirrored": mirrored,
        "model": model.name,
        "model_sha256": model.sha256,
        "models_sha256": _models_sha256(),
        "locator": version("back-acupoint-locator"),
        **{name: version(name) for name in _LIBRARIES},
    }


def _models_sha256() -> str:
    """Of the names and bytes of all files of the program's that answers depend on beside the pose model."""
    shipped = sorted(file for file in resources.path("models").iterdir() if file.suffix in (".toml", ".tflite"))
    digests = (f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n" for file in shipped)
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def check(folder: Path, out: Path) -> None:
    """Refuse an ``out`` in which results and photos would get mixed up.

    Raises:
        BatchRefused: if they would.
    """
    top, out = Path(os.path.realpath(folder)), Path(os.path.realpath(out))
    if top == out or any(top.is_relative_to(out / name) for name in (PICTURES, UNFINISHED)):
        raise BatchRefused(f"results in {out} would get among the photos; choose another folder for them")
    if out.exists() and not out.is_dir():
        raise BatchRefused(f"{out} is no folder; choose another name")


def prepare(out: Path, settings: dict[str, Any], resume: bool) -> None:
    """Make ``out`` ready, or refuse what is in it.

    Raises:
        BatchRefused: if it holds results and ``resume`` is not given, or other ones than of such a batch.
        OSError: if it cannot be written.
    """
    names = (SETTINGS, RECORDS, SUMMARY, SHEET, SKIPPED, PICTURES, UNFINISHED)
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
            raise BatchRefused(f"the batch in {out} was begun with other settings ({difference(before, settings)}); "
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


def difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Which settings are not the same, for a message."""
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    text = "; ".join(f"{name}: {before.get(name)}, now {now.get(name)}" for name in names)
    if len(text) > _LONGEST_DIFFERENCE:
        text = text[:_LONGEST_DIFFERENCE] + " …"
    return text.encode(errors="backslashreplace").decode()  # a damaged file may hold what no terminal prints


def picture_file(out: Path, path: str, document: Document, each: bool) -> Path:
    """Where the marked picture of a photo goes; a name that would be too long gives way to a digest.

    Args:
        document: the record of what is marked.
        each: whether every back has a picture.
    """
    end = f"-person-{document['person']}.jpg" if each else ".jpg"
    file = out / PICTURES / f"{path}{end}"
    if len(os.fsencode(file.name)) > _LONGEST_NAME:
        return file.with_name(f"{hashlib.sha256(os.fsencode(path)).hexdigest()}{end}")
    return file


def reason(document: Document) -> str:
    """The code of what a record says instead of marks; empty where there are marks."""
    why = document.get("refusal") or document.get("error")
    return str(why["code"]) if why else ""


def remove_other_pictures(out: Path, wanted: set[Path]) -> None:
    """Remove pictures of photos that are gone, or are located no more, and the folders that this leaves empty."""
    for here, _, names in os.walk(out / PICTURES, topdown=False):
        for file in (Path(here, name) for name in names):
            if file.suffix == ".jpg" and file not in wanted:
                file.unlink()
        if not any(Path(here).iterdir()):
            Path(here).rmdir()
